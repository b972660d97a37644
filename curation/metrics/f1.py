"""Accuracy, binary F1 of label 1, their mean, and macro-F1 (PAWS-X, QQP).

The official metric of PAWS-X is accuracy, so accuracy ranks arms; F1 stands beside it. GLUE's number for QQP is the
mean of both. With more than two labels there is no binary F1, and only accuracy and macro-F1 are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core.errors import CairnError
from curation.metrics import Floats, check_lengths, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("classify", "pair")
PRIMARY = "accuracy"


def statistics(gold: Sequence[int], predicted: Sequence[int], *, lang: str, labels: Sequence[str]) -> Floats:
    """Return ``(n, 3 * labels)``: per label true positive, false positive, false negative.

    >>> statistics([1, 0], [1, 1], lang="en", labels=("no", "yes")).astype(int).tolist()
    [[0, 0, 0, 1, 0, 0], [0, 0, 1, 0, 1, 0]]
    """
    return confusion("f1", gold, predicted, labels)


def confusion(metric: str, gold: Sequence[int], predicted: Sequence[int], labels: Sequence[str]) -> Floats:
    """Return ``(n, 3 * labels)`` as above; raise :class:`CairnError` for a label out of range, naming ``metric``."""
    check_lengths(gold, predicted, metric)
    true, guess = np.asarray(gold, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    for name, found in (("gold", true), ("predicted", guess)):
        if found.size and not 0 <= found.min() <= found.max() < len(labels):
            wrong = found[(found < 0) | (found >= len(labels))][0]
            raise CairnError(
                f"metric {metric}: {name} label {wrong} is none of the {len(labels)} labels {list(labels)}."
            )
    is_true, is_guess = (np.eye(len(labels), dtype=bool)[found] for found in (true, guess))
    counts = np.stack([is_true & is_guess, ~is_true & is_guess, is_true & ~is_guess], axis=2)
    return counts.reshape(len(true), 3 * len(labels)).astype(np.float64)


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``accuracy``, ``macro_f1`` and, for two labels, ``f1`` and ``accuracy_f1`` from ``(..., 3 * labels)``.

    ``macro_f1`` averages over the labels that occur in gold or prediction, as scikit-learn does. ``f1`` is that of
    label 1, and ``accuracy_f1`` the mean of it and ``accuracy``.
    """
    per_label = total.reshape(*total.shape[:-1], len(labels), 3)
    tp, fp, fn = per_label[..., 0], per_label[..., 1], per_label[..., 2]
    f1 = ratio(2 * tp, 2 * tp + fp + fn)
    found = {
        "accuracy": ratio(tp.sum(axis=-1), (tp + fn).sum(axis=-1)),
        "macro_f1": ratio(f1.sum(axis=-1), (tp + fp + fn > 0).sum(axis=-1)),
    }
    if len(labels) != 2:
        return found
    return {**found, "f1": f1[..., 1], "accuracy_f1": (found["accuracy"] + f1[..., 1]) / 2}
