"""Nearest neighbours by cosine similarity with FAISS: exact in blocks, or an index whose recall is measured.

Vectors may be float16 and memory-mapped; they are converted and normalised block by block, so that the exact search
needs a few blocks of memory whatever the number of rows. Results are the same for the same input on one machine:
samples are evenly spaced rows (record order is by content hash, hence already random) and seeds are fixed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from curation.errors import CairnError
from curation.progress import bar

if TYPE_CHECKING:
    from collections.abc import Iterator

Index = Literal["flat", "ivf", "ivf8", "hnsw"]
Choice = Literal["auto", "flat", "ivf", "ivf8", "hnsw"]
Floats = npt.NDArray[np.floating[Any]]

BLOCK = 65536
QUERIES = 4096
LINKS = 32
"""HNSW: links per row and level."""


@dataclass(frozen=True)
class Neighbours:
    """The ``k`` nearest rows of every row, nearest first; a row is never its own neighbour."""

    indices: npt.NDArray[np.int32]
    """(n, k) positions in record order; -1 where there are fewer than ``k`` other rows."""
    similarity: npt.NDArray[np.float32]
    """(n, k) cosine similarity in -1..1; NaN where the index is -1."""


def library() -> Any:
    """Return FAISS. torch may be imported before or after it; a test runs both orders in fresh processes."""
    import faiss

    return faiss


def unit(block: Floats) -> npt.NDArray[np.float32]:
    """Return ``block`` (n, d) as contiguous float32 rows of length 1; rows of zeros stay zeros.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    wide = np.ascontiguousarray(block, dtype=np.float32)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    out: npt.NDArray[np.float32] = np.divide(wide, norms, out=np.zeros_like(wide), where=norms > 0)
    return out


def _ordered(similarity: Floats, indices: npt.NDArray[Any], k: int) -> tuple[Any, Any]:
    """Return the ``k`` best of each line, by similarity, then by index; missing ones (-1) last."""
    similarity = np.where(indices < 0, -np.inf, similarity)
    order = np.lexsort((indices, -similarity), axis=1)[:, :k]
    return np.take_along_axis(similarity, order, 1), np.take_along_axis(indices, order, 1)


def _blocks(n: int, size: int) -> Iterator[slice]:
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))


def exact(queries: Floats, corpus: Floats, k: int, what: str = "neighbours") -> Neighbours:
    """Return the ``k`` rows of ``corpus`` (m, d) most similar to each of ``queries`` (n, d).

    Time O(n·m·d), memory O(n·k) and a few blocks. On a GPU when FAISS was built with one in mind.

    >>> found = exact(np.eye(2), np.array([[0.0, 1.0], [1.0, 0.0], [0.6, 0.8]]), k=2)
    >>> found.indices.tolist(), found.similarity.round(2).tolist()
    ([[1, 2], [0, 2]], [[1.0, 0.6000000238418579], [1.0, 0.800000011920929]])
    """
    faiss = library()
    gpu = faiss.StandardGpuResources() if _gpus() else None
    similarity = np.full((len(queries), k), -np.inf, np.float32)
    indices = np.full((len(queries), k), -1, np.int64)
    with bar(len(queries) * max(1, math.ceil(len(corpus) / BLOCK)), what) as progress:
        for rows in _blocks(len(corpus), BLOCK):
            base = unit(corpus[rows])
            for part in _blocks(len(queries), QUERIES):
                query, most = unit(queries[part]), min(k, len(base))
                if gpu is None:
                    found, at = faiss.knn(query, base, most, metric=faiss.METRIC_INNER_PRODUCT)
                else:
                    found, at = faiss.knn_gpu(gpu, query, base, most, metric=faiss.METRIC_INNER_PRODUCT)
                similarity[part], indices[part] = _ordered(
                    np.hstack([similarity[part], found]),
                    np.hstack([indices[part], np.where(at < 0, -1, at + rows.start)]),
                    k,
                )
                progress.update(part.stop - part.start)
    return _neighbours(similarity, indices)


def _neighbours(similarity: Floats, indices: npt.NDArray[Any]) -> Neighbours:
    clipped = np.where(indices < 0, np.nan, np.clip(similarity, -1, 1)).astype(np.float32)
    return Neighbours(indices.astype(np.int32), clipped)


def without_self(found: Neighbours, rows: npt.NDArray[Any]) -> Neighbours:
    """Return ``found`` with one column less: the query itself (``rows``, by index) where it is there, else the last.

    By index and not by distance: a row with ``k`` exact copies need not be among its own nearest.

    >>> both = Neighbours(np.array([[0, 1], [0, 1]], np.int32), np.ones((2, 2), np.float32))
    >>> without_self(both, np.arange(2)).indices.tolist()
    [[1], [0]]
    """
    own = found.indices == rows[:, None]
    own[~own.any(axis=1), -1] = True
    shape = (len(own), own.shape[1] - 1)
    return Neighbours(found.indices[~own].reshape(shape), found.similarity[~own].reshape(shape))


def memory_mb(index: Index, n: int, d: int, k: int) -> float:
    """Return an estimate of the memory that building and searching takes, in MB: the index, blocks and results."""
    lists = _lists(n)
    training = 3 * min(n, 64 * lists) * d * 4 + 4 * lists * d
    base = {
        "flat": 0.0,
        "ivf": n * (4 * d + 8) + training,
        "ivf8": n * (d + 8) + training,
        "hnsw": n * (4 * d + 2 * LINKS * 4 * 1.1 + 16),
    }[index]
    blocks = 3 * (min(n, BLOCK) + min(n, QUERIES)) * d * 4
    return (base + blocks + 2 * n * (k + 1) * 12) / 1e6


def choose(index: Choice, n: int, d: int, k: int, flat_limit: int, budget_mb: int) -> Index:
    """Return the index to use: the named one, or for ``auto`` exact up to ``flat_limit`` rows and then what fits.

    Raises :class:`CairnError` naming ``neighbours.memory_mb`` when the named index, or none of the fast ones, fits.
    """
    tries: tuple[Index, ...] = (index,) if index != "auto" else ("flat",) if n <= flat_limit else ("ivf", "ivf8")
    for name in tries:
        if memory_mb(name, n, d, k) <= budget_mb:
            return name
    needs = ", ".join(f"{name} {memory_mb(name, n, d, k):.0f}" for name in ("flat", "ivf", "ivf8", "hnsw"))
    raise CairnError(
        f"params.yaml: neighbours.memory_mb is {budget_mb}, too little for {n} vectors of {d} numbers with index "
        f"{index}. MB needed: {needs}. Raise memory_mb, or set neighbours.index to one that fits (flat is exact, "
        "but slow when large)."
    )


def graph(vectors: Floats, k: int, index: Index, recall: float) -> tuple[Neighbours, dict[str, Any]]:
    """Return the kNN graph of ``vectors`` (n, d) and what is known about it: index, measured recall, search effort.

    Args:
        vectors: one row per record; float16 or wider, of any length.
        k: neighbours per row, itself excluded.
        index: ``flat`` is exact; the others are approximate and search harder until ``recall`` is reached.
        recall: wanted share (0..1) of the true ``k`` neighbours, measured on at most 1,000 evenly spaced rows.
    """
    rows = np.arange(len(vectors))
    if index == "flat":
        return without_self(exact(vectors, vectors, k + 1), rows), {"recall": 1.0}
    built = _build(vectors, index)
    sample = np.unique(np.linspace(0, len(vectors) - 1, min(1000, len(vectors))).astype(np.int64))
    truth = without_self(exact(vectors[sample], vectors, k + 1, "exact sample"), sample)
    most = _lists(len(vectors)) if index != "hnsw" else 4096
    effort = min(16, most)
    while True:
        measured = _recall(truth, without_self(_search(built, index, vectors, sample, k + 1, effort), sample))
        if measured >= recall or effort >= most:
            break
        effort = min(2 * effort, most)
    found = without_self(_search(built, index, vectors, rows, k + 1, effort), rows)
    return found, {"recall": round(measured, 4), "effort": effort, "sampled": len(sample)}


def _recall(truth: Neighbours, found: Neighbours) -> float:
    """Return the share of true neighbours found; one as similar as the last true neighbour counts as true."""
    last = np.nanmin(truth.similarity, axis=1, keepdims=True)
    return float(np.mean(np.nan_to_num(found.similarity, nan=-2.0) >= last - 1e-5))


def _lists(n: int) -> int:
    return max(1, min(round(4 * math.sqrt(n)), n // 39 or 1))


def _gpus() -> int:
    faiss = library()
    return int(faiss.get_num_gpus()) if hasattr(faiss, "StandardGpuResources") else 0


def _build(vectors: Floats, index: Index) -> Any:
    faiss = library()
    n, d = vectors.shape
    if index == "hnsw":
        built, threads = faiss.IndexHNSWFlat(d, LINKS, faiss.METRIC_INNER_PRODUCT), faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)  # links depend on the order in which rows arrive
    else:
        lists = _lists(n)
        coarse = faiss.IndexFlatIP(d)
        metric = faiss.METRIC_INNER_PRODUCT
        if index == "ivf":
            built = faiss.IndexIVFFlat(coarse, d, lists, metric)
        else:
            built = faiss.IndexIVFScalarQuantizer(coarse, d, lists, faiss.ScalarQuantizer.QT_8bit, metric)
        built.cp.seed = 1
        if _gpus():
            built = faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, built)
        built.train(unit(vectors[np.linspace(0, n - 1, min(n, 64 * lists)).astype(np.int64)]))
    with bar(n, f"index {index}") as progress:
        for part in _blocks(n, BLOCK):
            built.add(unit(vectors[part]))
            progress.update(part.stop - part.start)
    if index == "hnsw":
        faiss.omp_set_num_threads(threads)
    return built


def _search(built: Any, index: Index, vectors: Floats, rows: npt.NDArray[Any], k: int, effort: int) -> Neighbours:
    """Return what the index finds, with similarities computed from the vectors (an index may hold rounded ones)."""
    if index == "hnsw":
        built.hnsw.efSearch = max(effort, k)
    else:
        built.nprobe = effort
    similarity = np.empty((len(rows), k), np.float32)
    indices = np.empty((len(rows), k), np.int64)
    with bar(len(rows), f"search {index}") as progress:
        for part in _blocks(len(rows), max(1, 2 * QUERIES // k)):
            query = unit(vectors[rows[part]])
            _, at = built.search(query, k)
            found = np.einsum("qd,qkd->qk", query, unit(vectors[at.ravel()]).reshape(*at.shape, -1))
            similarity[part], indices[part] = _ordered(found, at, k)
            progress.update(part.stop - part.start)
    return _neighbours(similarity, indices)
