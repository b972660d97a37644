"""Token accuracy of tags: the share of words with the right tag (CCG supertagging)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core.errors import CairnError
from curation.metrics import Floats, check_lengths, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("tags",)
PRIMARY = "token_accuracy"


def statistics(
    gold: Sequence[Sequence[int]], predicted: Sequence[Sequence[int]], *, lang: str, labels: Sequence[str]
) -> Floats:
    """Return ``(n, 2)``: right tokens, tokens; raise :class:`CairnError` when a row has not one tag per token.

    >>> statistics([[4, 5, 4], []], [[4, 5, 5], []], lang="en", labels=()).tolist()
    [[2.0, 3.0], [0.0, 0.0]]
    """
    check_lengths(gold, predicted, "token_accuracy")
    for number, (true, guess) in enumerate(zip(gold, predicted, strict=True)):
        if len(true) != len(guess):
            raise CairnError(
                f"metric token_accuracy: row {number} has {len(true)} tokens but {len(guess)} predicted tags."
            )
    rows = [
        (sum(g == p for g, p in zip(true, guess, strict=True)), len(true))
        for true, guess in zip(gold, predicted, strict=True)
    ]
    return np.asarray(rows, dtype=np.float64).reshape(-1, 2)


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``token_accuracy`` from the summed statistics ``(..., 2)``."""
    return {"token_accuracy": ratio(total[..., 0], total[..., 1])}
