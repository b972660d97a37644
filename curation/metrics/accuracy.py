"""Accuracy: the share of rows whose predicted label is the gold label (XNLI, HellaSwag, XCOPA, ...).

Where the labels have names, and so are classes, macro-F1 stands beside it. The answers of a multiple choice are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.metrics import Floats, check_lengths, f1, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("classify", "pair", "choice")
PRIMARY = "accuracy"


def statistics(gold: Sequence[int], predicted: Sequence[int], *, lang: str, labels: Sequence[str]) -> Floats:
    """Return ``(n, 2)``: is the row correct, and 1; with ``labels`` ``(n, 3 * labels)``, the statistics of ``f1``.

    >>> statistics([0, 1], [0, 2], lang="en", labels=()).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    >>> statistics([0, 1], [0, 0], lang="en", labels=("no", "yes")).astype(int).tolist()
    [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 1]]
    """
    if labels:
        return f1.confusion("accuracy", gold, predicted, labels)
    check_lengths(gold, predicted, "accuracy")
    correct = [g == p for g, p in zip(gold, predicted, strict=True)]
    return np.column_stack([np.asarray(correct, dtype=np.float64), np.ones(len(correct))])


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``accuracy`` from the summed statistics ``(..., 2)``, and ``macro_f1`` too from ``(..., 3 * labels)``.

    ``macro_f1`` averages over the labels that occur in gold or prediction, as scikit-learn does.
    """
    if total.shape[-1] == 2:
        return {"accuracy": ratio(total[..., 0], total[..., 1])}
    found = f1.values(total, labels)
    return {name: found[name] for name in ("accuracy", "macro_f1")}
