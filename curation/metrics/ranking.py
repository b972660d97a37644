"""Mean average precision and reciprocal rank at 20 of ranked candidates (LAReQA, Mewsli-X, Tatoeba as a ranking).

Source: Roy et al. 2020 (LAReQA, arXiv:2004.05484) and XTREME-R: average precision is cut at 20, and divided by the
number of gold candidates or 20, whichever is less. With one gold candidate it is the reciprocal rank, which XTREME-R
calls mAP@20 for Mewsli-X.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core.errors import CairnError
from curation.metrics import Floats, check_lengths, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("bitext",)
PRIMARY = "map_at_20"
DEPTH = 20


def statistics(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], *, lang: str, labels: Sequence[str]
) -> Floats:
    """Return ``(n, 4)``: average precision at 20, reciprocal rank at 20, is the first one right, and 1.

    ``predicted`` holds the keys of the candidates, best first; those after the twentieth do not count. Raises
    :class:`CairnError` for a row without gold, and for a candidate that is ranked twice.

    >>> statistics([["a", "b"]], [["x", "a", "b"]], lang="en", labels=()).round(3).tolist()
    [[0.583, 0.5, 0.0, 1.0]]
    """
    check_lengths(gold, predicted, "ranking")
    rows = [_row(set(keys), ranked, number) for number, (keys, ranked) in enumerate(zip(gold, predicted, strict=True))]
    return np.asarray(rows, dtype=np.float64).reshape(-1, 4)


def _row(gold: set[str], ranked: Sequence[str], number: int) -> tuple[float, float, float, float]:
    if not gold:
        raise CairnError(f"metric ranking: row {number} has no gold candidate; leave such queries out.")
    if len(set(ranked)) < len(ranked):
        raise CairnError(f"metric ranking: row {number} ranks a candidate twice; deduplicate the ranking.")
    places = [place for place, key in enumerate(ranked[:DEPTH], start=1) if key in gold]
    precision = sum(hits / place for hits, place in enumerate(places, start=1))
    first = 1 / places[0] if places else 0.0
    return precision / min(len(gold), DEPTH), first, float(first == 1), 1.0


def chance(gold: Sequence[int], candidates: int) -> float:
    """Return the ``map_at_20`` to expect of a random order: of queries with so many gold ones among ``candidates``.

    At each place the expected precision of a hit is ``(1 + (place - 1) * (gold - 1) / (candidates - 1)) / place``.

    >>> chance([1], 2)  # first or second: 1 or 1/2
    0.75
    """
    known = {}
    for right in set(gold):
        others = (right - 1) / max(candidates - 1, 1)
        places = range(1, min(DEPTH, candidates) + 1)
        precision = sum((1 + (place - 1) * others) / place for place in places)
        known[right] = right / candidates * precision / min(right, DEPTH)
    return sum(known[right] for right in gold) / len(gold)


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``map_at_20``, ``mrr_at_20`` and ``accuracy`` (of the first candidate) from the sums ``(..., 4)``."""
    precision, first, hit, rows = np.moveaxis(total, -1, 0)
    return {"map_at_20": ratio(precision, rows), "mrr_at_20": ratio(first, rows), "accuracy": ratio(hit, rows)}
