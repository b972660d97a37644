"""Accuracy: the share of rows whose predicted label is the gold label (XNLI, HellaSwag, XCOPA, ...)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.metrics import Floats, check_lengths, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("classify", "pair", "choice")
PRIMARY = "accuracy"


def statistics(gold: Sequence[int], predicted: Sequence[int], *, lang: str, labels: Sequence[str]) -> Floats:
    """Return ``(n, 2)``: is the row correct, and 1.

    >>> statistics([0, 1], [0, 2], lang="en", labels=()).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    check_lengths(gold, predicted, "accuracy")
    correct = [g == p for g, p in zip(gold, predicted, strict=True)]
    return np.column_stack([np.asarray(correct, dtype=np.float64), np.ones(len(correct))])


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``accuracy`` from the summed statistics ``(..., 2)``."""
    return {"accuracy": ratio(total[..., 0], total[..., 1])}
