"""Token accuracy of tags: the share of words with the right tag (CCG supertagging); macro-F1 over the tags beside it.

Sets of over a hundred tags (CCG has 1,363) give the accuracy alone: of most tags a test set has a handful of words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core.errors import CairnError
from curation.metrics import Floats, check_lengths, f1, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("tags",)
PRIMARY = "token_accuracy"


FEW = 100
"""Tags up to which macro-F1 is given."""


def statistics(
    gold: Sequence[Sequence[int]], predicted: Sequence[Sequence[int]], *, lang: str, labels: Sequence[str]
) -> Floats:
    """Return ``(n, 2)``: right tokens, tokens; with up to :data:`FEW` ``labels`` ``(n, 3 * labels)``, those of ``f1``.

    Raises :class:`CairnError` when a row has not one tag per token.

    >>> statistics([[4, 5, 4], []], [[4, 5, 5], []], lang="en", labels=()).tolist()
    [[2.0, 3.0], [0.0, 0.0]]
    >>> statistics([[0, 1, 1]], [[0, 1, 0]], lang="en", labels=("N", "V")).tolist()
    [[1.0, 1.0, 0.0, 1.0, 0.0, 1.0]]
    """
    check_lengths(gold, predicted, "token_accuracy")
    for number, (true, guess) in enumerate(zip(gold, predicted, strict=True)):
        if len(true) != len(guess):
            raise CairnError(
                f"metric token_accuracy: row {number} has {len(true)} tokens but {len(guess)} predicted tags."
            )
    if 0 < len(labels) <= FEW:
        counts = [
            f1.confusion("token_accuracy", true, guess, labels).sum(axis=0)
            for true, guess in zip(gold, predicted, strict=True)
        ]
        return np.asarray(counts, dtype=np.float64).reshape(-1, 3 * len(labels))
    rows = [
        (sum(g == p for g, p in zip(true, guess, strict=True)), len(true))
        for true, guess in zip(gold, predicted, strict=True)
    ]
    return np.asarray(rows, dtype=np.float64).reshape(-1, 2)


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``token_accuracy`` from the summed statistics ``(..., 2)``; of ``(..., 3 * labels)`` ``macro_f1`` too.

    ``macro_f1`` averages over the tags that occur in gold or prediction, as scikit-learn does.
    """
    if total.shape[-1] == 2:
        return {"token_accuracy": ratio(total[..., 0], total[..., 1])}
    found = f1.values(total, labels)
    return {"token_accuracy": found["accuracy"], "macro_f1": found["macro_f1"]}
