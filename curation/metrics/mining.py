"""F1 of bitext mining (BUCC): predicted pairs against gold pairs, as sets, whatever number of pairs was proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.metrics import Floats, check_lengths, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("bitext",)
PRIMARY = "f1"


def statistics(gold: Sequence[Sequence[str]], predicted: Sequence[str], *, lang: str, labels: Sequence[str]) -> Floats:
    """Return ``(n, 3)`` per source sentence: correct pairs, predicted pairs, gold pairs.

    ``predicted`` holds the key mined for a source sentence, empty when none was mined.

    >>> statistics([["k1"], [], ["k3"]], ["k1", "k9", ""], lang="zh", labels=()).tolist()
    [[1.0, 1.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    check_lengths(gold, predicted, "mining")
    rows = [(guess in keys, guess != "", len(keys)) for guess, keys in zip(predicted, gold, strict=True)]
    return np.asarray(rows, dtype=np.float64).reshape(-1, 3)


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``f1``, ``precision`` and ``recall`` of the pairs from the sums ``(..., 3)``."""
    correct, guessed, true = np.moveaxis(total, -1, 0)
    return {
        "f1": ratio(2 * correct, guessed + true),
        "precision": ratio(correct, guessed),
        "recall": ratio(correct, true),
    }
