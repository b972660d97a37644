"""Accuracy at 1 of sentence retrieval (Tatoeba): the share of queries whose nearest candidate is a gold translation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from curation.metrics import Floats, accuracy, check_lengths

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("bitext",)
PRIMARY = "accuracy"
values = accuracy.values


def statistics(gold: Sequence[Sequence[str]], predicted: Sequence[str], *, lang: str, labels: Sequence[str]) -> Floats:
    """Return ``(n, 2)``: is the retrieved key one of the gold keys, and 1.

    >>> statistics([["k1"], ["k2", "k3"]], ["k1", "k4"], lang="de", labels=()).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    check_lengths(gold, predicted, "retrieval")
    found = [guess in keys for guess, keys in zip(predicted, gold, strict=True)]
    return np.column_stack([np.asarray(found, dtype=np.float64), np.ones(len(found))])
