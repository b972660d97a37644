"""Good rows that are not alike: message passing on the graph of neighbours.

After D2 pruning (Maharana, Yadav and Bansal 2024). Each row's value is first raised by those of its neighbours, the
nearer the more (forward message passing, equation 3); then the highest is taken again and again, and takes from its
neighbours what it has, the nearer the more (reverse, equation 4). So dense regions give early, and do not give twice.
The paper starts from difficulty; here the start is a score of which high is good, since the hardest rows of noisy data
are the wrong ones.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
import pydantic

from curation.core.params import Section

if TYPE_CHECKING:
    from curation.subset.selectors import Inputs

NEEDS = frozenset({"neighbours"})


class Params(Section):
    """Section ``subset.selectors.message_passing``."""

    by: str
    """Column of numbers of data/quality/<task>.parquet, high = wanted: quality, a scorer's name, its evidence."""
    k: int = pydantic.Field(ge=1)
    """Nearest neighbours that messages go to; at most neighbours.k."""
    forward: float = pydantic.Field(ge=0)
    """How fast a message fades with cosine distance on the way in: weight exp(-forward * distance)."""
    reverse: float = pydantic.Field(ge=0)
    """The same of what a taken row takes from its neighbours; the lower, the more unlike the taken rows are."""


def select(inputs: Inputs, params: Params) -> list[str]:
    """Return all ids in the order of taking."""
    start = inputs.column(params.by, "params.yaml: subset.selectors.message_passing.by")
    graph = inputs.neighbours
    indices = graph.indices[:, : params.k].astype(np.int64)
    distance = 1 - graph.similarity[:, : params.k].astype(np.float64)
    there = indices >= 0
    weight = np.where(there, np.exp(-params.forward * distance), 0.0)
    value = start + (weight * start[indices]).sum(1)
    taken_from = np.where(there, np.exp(-params.reverse * distance), 0.0)
    tie = np.argsort(np.lexsort((np.arange(len(value)), inputs.ties()))).tolist()
    heap = [(-value[at], tie[at], at) for at in range(len(value))]
    heapq.heapify(heap)
    done, out = np.zeros(len(value), bool), []
    while heap:
        key, rank, at = heapq.heappop(heap)
        if done[at]:
            continue
        if -key > value[at]:  # it has been taken from since: values only fall
            heapq.heappush(heap, (-value[at], rank, at))
            continue
        done[at] = True
        out.append(inputs.ids[at])
        near = indices[at][there[at]]
        value[near] -= taken_from[at][there[at]] * max(value[at], 0.0)
    return out
