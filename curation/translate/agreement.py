"""Whether a row still has its label in the other language: what a probe says of it before and after translation.

The probe is a logistic regression on sentence vectors of a multilingual encoder, fitted on the original rows of the
other folds: it never saw the row, in either language. It need not be good, since a row is held against itself and then
against the other rows of its table; where it learns nothing, it says the same of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curation.core import records
from curation.translate import estimates, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from curation.core.task import Kind
    from curation.translate.drafts import Draft

Floats = NDArray[np.float64]
NAME = judge.AGREEMENT
KINDS = ("pair", "classify")
"""Kinds whose label is one class of the whole row."""
FOLDS = 5
FEW = 200
"""Rows with a translation below which nothing is said."""


def features(kind: Kind, rows: Sequence[Mapping[str, Any]], encode: Callable[[Sequence[str]], Floats]) -> Floats:
    """Return ``(n, d)`` of one text, ``(n, 4 d)`` of two: both, their product and how far they are apart.

    ``encode`` gives unit vectors; each distinct text is encoded once.
    """
    names = records.content_fields(kind)
    texts = list(dict.fromkeys(row[name] for row in rows for name in names))
    vectors = np.asarray(encode(texts), dtype=np.float64)
    place = {text: i for i, text in enumerate(texts)}
    parts = [vectors[[place[row[name]] for row in rows]] for name in names]
    if len(parts) == 1:
        return parts[0]
    a, b = parts
    return np.concatenate([a, b, a * b, np.abs(a - b)], axis=1)


def doubts(source: Floats, target: Floats, labels: NDArray[np.int64], keys: Sequence[str]) -> Floats:
    """Return how much less likely each label is in translation, ``(n,)`` robust deviations above the usual.

    NaN for fewer than :data:`FEW` rows, or where some fold lacks a label. ``keys`` decide the folds, so that the order
    of rows does not matter.
    """
    from sklearn.linear_model import LogisticRegression

    found = np.full(len(labels), np.nan)
    if len(labels) < FEW or min(np.unique(labels, return_counts=True)[1]) < 2 * FOLDS:
        return found
    order = np.argsort(np.array(keys, dtype=object), kind="stable")
    fold = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        mine = order[labels[order] == label]
        fold[mine] = np.arange(len(mine)) % FOLDS
    for k in range(FOLDS):
        rest, own = order[fold[order] != k], np.flatnonzero(fold == k)
        model = LogisticRegression(C=1.0, max_iter=300).fit(source[rest], labels[rest])
        column = np.searchsorted(model.classes_, labels[own])
        here = np.arange(len(own))
        before, after = (model.predict_log_proba(part[own])[here, column] for part in (source, target))
        found[own] = before - after
    return estimates.deviations(found, 0.02)


def of_drafts(
    kind: Kind, rows: Sequence[Mapping[str, Any]], drafts: Sequence[Draft], encode: Callable[[Sequence[str]], Floats]
) -> Floats:
    """Return the doubts of every row, ``(n,)``, NaN without a translation or a label, or for another kind."""
    found = np.full(len(rows), np.nan)
    here = [i for i, draft in enumerate(drafts) if draft.fields is not None and rows[i].get("label") is not None]
    if kind not in KINDS or len(here) < FEW:
        return found
    before = [rows[i] for i in here]
    after = [{**rows[i], **(drafts[i].fields or {})} for i in here]
    labels = np.array([row["label"] for row in before], dtype=np.int64)
    source, target = features(kind, before, encode), features(kind, after, encode)
    found[here] = doubts(source, target, labels, [str(row["id"]) for row in before])
    return found
