"""Out-of-fold probabilities of every row."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from curation import embed
from curation.core import records, seeds
from curation.core.errors import CairnError
from curation.core.kinds import KINDS, PROBED
from curation.language import words
from curation.probe import folds, trust

if TYPE_CHECKING:
    from curation.core.task import Kind, Task
from curation.probe import Params, Probe

Row = Mapping[str, Any]


def fit(name: str, task: Task, table: pa.Table, vectors: embed.Vectors, settings: Params, seed: int) -> Probe:
    """Return out-of-fold probabilities for every row, labelled or not; unlabelled rows train nothing.

    Raises :class:`CairnError` for kinds without labels, fewer groups than folds, and data of fewer than two classes.
    """
    kind, rows = records.kind_of(table), records.Rows(table)
    if kind not in PROBED:
        raise CairnError(f"{name}: kind {kind} has no labels to predict. Kinds with a probe: {', '.join(PROBED)}.")
    _check_labels(name, kind, task, rows)
    contents = [_content(kind, row, symmetric=task.symmetric) for row in rows]
    merged = folds.merge([row["group"] for row in rows], contents)
    strata = [row["label"] if KINDS[kind].named == "row" else None for row in rows]
    seed = seeds.derive(seed, "probe", name)
    fold = folds.assign(merged, strata, settings.folds, seed, f"probe of {name}")
    predict = importlib.import_module(f"curation.probe.{kind}").predict
    found = predict(task, rows, vectors, fold, settings, seed)
    manifest = {
        "kind": kind,
        "rows": len(rows),
        "groups": len(np.unique(merged)),
        "folds": np.bincount(fold, minlength=settings.folds).tolist(),
        "untrained": trust.untrained(kind, task, rows, fold, settings.folds),
        "out_of_fold": trust.measure(kind, task, rows, found),
    }
    return Probe(table["id"].to_pylist(), fold, found, manifest)


def _content(kind: Kind, row: Row, *, symmetric: bool) -> str:
    """Return what a row says, equal for rows that have to be in one fold; in a symmetric task in either order."""
    text = records.text_of(kind, row)
    if symmetric:
        text = " | ".join(sorted((row["text_a"], row["text_b"]), key=words.plain))
    return " ".join(words.plain(text)) or text


def _check_labels(name: str, kind: Kind, task: Task, rows: Sequence[Row]) -> None:
    labelled = [row[records.LABEL_FIELD[kind]] for row in rows if row[records.LABEL_FIELD[kind]] is not None]
    if not labelled:
        raise CairnError(f"{name}: no row has a label, so there is nothing to learn from. Name a task with labels.")
    if (named := KINDS[kind].named) != "no":
        seen = Counter(labelled if named == "row" else (tag for tags in labelled for tag in tags))
        if len(seen) < 2:
            only = ", ".join(task.labels[label] for label in seen)
            raise CairnError(
                f"{name}: all {len(labelled)} labelled rows have the one label {only!r}; a probe needs two or more. "
                "Raise fetch.rows.intermediate.train, or take label_quality out of scorers."
            )
