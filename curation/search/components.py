"""Which items hang together: the connected components of a graph given as two arrays of ends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.integer]


def components(n: int, a: Ints, b: Ints) -> npt.NDArray[np.int64]:
    """Return per item, ``(n,)``, the smallest item of its component; ``a`` and ``b`` are the ends of the edges.

    >>> components(5, np.array([0, 3]), np.array([3, 4])).tolist()
    [0, 1, 2, 0, 0]
    """
    graph = csr_array((np.ones(len(a), np.bool_), (a, b)), shape=(n, n))
    number = connected_components(graph, directed=False)[1]
    _, first = np.unique(number, return_index=True)
    return np.asarray(first[number], np.int64)
