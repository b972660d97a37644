"""Rows that stand for the others: greedy facility location on the graph of neighbours.

The next row is the one that raises the sum over all rows of their similarity to the nearest taken row most, which is
within 1 - 1/e of the best set of every size (Nemhauser, Wolsey and Fisher 1978); gains are evaluated lazily (Minoux
1978). Two rows that are not neighbours, either way, have similarity 0 here, so that memory and time grow with the
number of edges. Labels play no part: rows are matched by label and length afterwards, and quality decides between
rows that gain the same.
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
    """Section ``subset.selectors.facility_location``."""

    k: int = pydantic.Field(ge=1)
    """Nearest neighbours of each row that it can stand for, and that can stand for it; at most neighbours.k."""


def select(inputs: Inputs, params: Params) -> list[str]:
    """Return all ids in the order of taking; rows that nothing is gained by come last, best quality first."""
    from scipy.sparse import csr_array

    n, graph = len(inputs.ids), inputs.neighbours
    indices, similarity = graph.indices[:, : params.k], graph.similarity[:, : params.k].astype(np.float64)
    there = (indices >= 0) & (similarity > 0)
    own = np.repeat(np.arange(n), there.sum(1))
    edges = csr_array((similarity[there], (own, indices[there])), (n, n))
    edges = edges.maximum(edges.T).tocsr()
    starts, ends, near = edges.indptr.tolist(), edges.indices, edges.data
    tie = np.argsort(np.lexsort((np.arange(n), inputs.ties(), -inputs.column("quality", "quality")))).tolist()
    covered = np.zeros(n)

    def gain(at: int) -> float:
        some = slice(starts[at], starts[at + 1])
        return float(np.maximum(near[some] - covered[ends[some]], 0).sum() + 1 - covered[at])

    heap = [(-gain(at), tie[at], at) for at in range(n)]
    heapq.heapify(heap)
    out = []
    while heap:
        key, rank, at = heapq.heappop(heap)
        now = gain(at)
        if -key > now:  # gains only fall as rows are taken
            heapq.heappush(heap, (-now, rank, at))
            continue
        some = slice(starts[at], starts[at + 1])
        covered[ends[some]] = np.maximum(covered[ends[some]], near[some])
        covered[at] = 1.0
        out.append(inputs.ids[at])
    return out
