"""Exact nearest neighbours in blocks with FAISS, by cosine or inner product.

Vectors may be float16 and memory-mapped; they are converted block by block, so that a search needs a few blocks of
memory whatever the number of rows. Results are the same for the same input on one machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from curation.core.progress import bar

Floats = npt.NDArray[np.floating[Any]]
F32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Prepare = Callable[[Floats], F32]
Knn = Callable[[F32, F32, int], tuple[F32, Ints]]
"""Queries, a block of the corpus and k to inner products and indices in the block, both (n, k), best first."""


class Rows(Protocol):
    """Vectors by row: an array (n, d), or what makes such arrays of the rows asked for."""

    def __len__(self) -> int: ...
    def __getitem__(self, rows: slice, /) -> Any: ...


BLOCK = 65536
QUERIES = 4096
DELAY = 2.0
"""Seconds before a search shows its progress: pools of sentences are searched one after the other."""


def library() -> Any:
    """Return FAISS. torch may be imported before or after it; a test runs both orders in fresh processes."""
    import faiss

    return faiss


def unit(block: Floats) -> F32:
    """Return ``block`` (n, d) as contiguous float32 rows of length 1; rows of zeros stay zeros.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    wide = plain(block)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    out: F32 = np.divide(wide, norms, out=np.zeros_like(wide), where=norms > 0)
    return out


def plain(block: Floats) -> F32:
    """Return ``block`` (n, d) as contiguous float32 rows, of whatever length."""
    return np.ascontiguousarray(block, dtype=np.float32)


def search(
    queries: Rows,
    corpus: Rows,
    k: int,
    what: str = "search",
    prepare: Prepare = unit,
    knn: Knn | None = None,
) -> tuple[F32, Ints]:
    """Return inner products and indices, both (n, k), of the ``k`` best rows of ``corpus`` (m, d) for each query.

    Exact, best first, equal products in the order of the corpus; -inf and -1 where the corpus has fewer rows.
    Time O(n·m·d), memory O(n·k) and a few blocks.

    Args:
        queries: float16 or wider, memory-mapped or not.
        corpus: likewise; it may be the queries themselves.
        k: rows to find for each query.
        what: what the progress bar says.
        prepare: makes float32 rows of a block: ``unit`` for cosine similarity, ``plain`` for products as they are.
        knn: what searches one block; FAISS by default, on a GPU where its build has one.
    """
    knn = knn or faiss_knn()
    similarity = np.full((len(queries), k), -np.inf, np.float32)
    indices = np.full((len(queries), k), -1, np.int64)
    with bar(len(queries) * max(1, math.ceil(len(corpus) / BLOCK)), what, delay=DELAY) as progress:
        for rows in blocks(len(corpus), BLOCK):
            base = prepare(corpus[rows])
            for part in blocks(len(queries), QUERIES):
                found, at = knn(prepare(queries[part]), base, min(k, len(base)))
                similarity[part], indices[part] = ordered(
                    np.hstack([similarity[part], found]),
                    np.hstack([indices[part], np.where(at < 0, -1, at + rows.start)]),
                    k,
                )
                progress.update(part.stop - part.start)
    return similarity, indices


def faiss_knn() -> Knn:
    """Return FAISS's search of one block, on a GPU when FAISS was built for one and there is one."""
    faiss = library()
    if gpus():
        resources = faiss.StandardGpuResources()
        return lambda q, c, k: faiss.knn_gpu(resources, q, c, k, metric=faiss.METRIC_INNER_PRODUCT)
    return lambda q, c, k: faiss.knn(q, c, k, metric=faiss.METRIC_INNER_PRODUCT)


def gpus() -> int:
    """Return how many GPUs FAISS can use: none where its build is for CPUs."""
    faiss = library()
    return int(faiss.get_num_gpus()) if hasattr(faiss, "StandardGpuResources") else 0


def ordered(similarity: Floats, indices: npt.NDArray[Any], k: int) -> tuple[Any, Any]:
    """Return the ``k`` best of each line, by similarity, then by index; missing ones (-1) last."""
    similarity = np.where(indices < 0, -np.inf, similarity)
    order = np.lexsort((indices, -similarity), axis=1)[:, :k]
    return np.take_along_axis(similarity, order, 1), np.take_along_axis(indices, order, 1)


def blocks(n: int, size: int) -> Iterator[slice]:
    """Yield ``n`` places in slices of ``size``."""
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
