"""Every degree of difficulty alike, but for the hardest: coverage-centric coreset selection (Zheng et al. 2023, CCS).

The hardest share of the rows comes last: among them are the wrong labels, which a small subset has no room for. The
others are cut into bins of equal width in the score, and each bin gives one row in turn, drawn at random, until it is
empty; at any size all bins that are not empty have given equally many (algorithm 1 of the paper, for all budgets in one
order).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pydantic

from curation.core.params import Section

if TYPE_CHECKING:
    from curation.subset.selectors import Inputs

NEEDS: frozenset[str] = frozenset()


class Params(Section):
    """Section ``subset.selectors.coverage``."""

    by: str
    """Column of numbers of data/quality/<task>.parquet, low = hard: quality, a scorer's name, a scorer's evidence."""
    hardest: float = pydantic.Field(ge=0, lt=1)
    """Share of the rows, those lowest in ``by``, that is taken only when all others are."""
    bins: int = pydantic.Field(ge=1)
    """Bins of equal width between the lowest and the highest of the others."""


def select(inputs: Inputs, params: Params) -> list[str]:
    """Return all ids: bin by bin in turn, and last the hardest, the least hard of them first."""
    value, ties = inputs.column(params.by, "params.yaml: subset.selectors.coverage.by"), inputs.ties()
    drawn = np.lexsort((np.arange(len(value)), ties))
    hard = set(drawn[np.argsort(value[drawn], kind="stable")][: int(params.hardest * len(value))].tolist())
    easy = [at for at in drawn.tolist() if at not in hard]
    low, high = (float(value[easy].min()), float(value[easy].max())) if easy else (0.0, 0.0)
    width = (high - low) / params.bins
    bins = {at: min(int((value[at] - low) / width), params.bins - 1) if width > 0 else 0 for at in easy}
    given: Counter[int] = Counter()
    turn = {}
    for at in easy:
        turn[at] = given[bins[at]]
        given[bins[at]] += 1
    taken = sorted(easy, key=lambda at: (turn[at], int(ties[at]), at))
    left = sorted(hard, key=lambda at: (-value[at], int(ties[at]), at))
    return [inputs.ids[at] for at in (*taken, *left)]
