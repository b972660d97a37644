"""Approximate indexes of FAISS: which one to use, how to build it, and how much it finds, measured by exact search.

Results are the same for the same input on one machine: samples are evenly spaced rows (record order is by content
hash, hence already random) and seeds are fixed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np

from curation.core.errors import CairnError
from curation.core.progress import bar
from curation.search.exact import (
    BLOCK,
    DELAY,
    F32,
    QUERIES,
    Floats,
    Ints,
    Knn,
    Prepare,
    blocks,
    gpus,
    library,
    ordered,
    search,
    unit,
)

Index = Literal["flat", "ivf", "ivf8", "hnsw"]
Choice = Literal["auto", "flat", "ivf", "ivf8", "hnsw"]
LINKS = 32
"""HNSW: links per row and level."""
QUEUE = 4096
"""HNSW: the longest queue of a search."""
TOGETHER = 20
"""IVF: queries a list from which on they are searched together; FAISS multiplies fewer one by one."""
GPU_LISTS = 2048
"""IVF: lists that FAISS can search at once on a GPU."""


def memory_mb(index: Index, n: int, d: int, k: int, queries: int | None = None) -> float:
    """Return an estimate of the memory that building and searching takes, in MB: the index, blocks and results.

    ``queries``: how many there are, where they are not the ``n`` rows themselves.
    """
    asked = n if queries is None else queries
    lists = _lists(n)
    training = 3 * min(n, 64 * lists) * d * 4 + 4 * lists * d
    base = {
        "flat": 0.0,
        "ivf": n * (4 * d + 8) + training,
        "ivf8": n * (d + 8) + training,
        "hnsw": n * (4 * d + 2 * LINKS * 4 * 1.1 + 16),
    }[index]
    parts = 3 * (min(n, BLOCK) + min(asked, QUERIES)) * d * 4
    return (base + parts + 2 * asked * (k + 1) * 12) / 1e6


def choose(
    index: Choice,
    n: int,
    d: int,
    k: int,
    flat_limit: int,
    budget_mb: int,
    section: str = "neighbours",
    queries: int | None = None,
) -> Index:
    """Return the index to use: the named one, or for ``auto`` exact up to ``flat_limit`` rows and then what fits.

    Raises :class:`CairnError` naming ``memory_mb`` of ``section`` when the named index, or none of the fast ones, fits.
    """
    tries: tuple[Index, ...] = (index,) if index != "auto" else ("flat",) if n <= flat_limit else ("ivf", "ivf8")
    for name in tries:
        if memory_mb(name, n, d, k, queries) <= budget_mb:
            return name
    needs = ", ".join(f"{name} {memory_mb(name, n, d, k, queries):.0f}" for name in ("flat", "ivf", "ivf8", "hnsw"))
    raise CairnError(
        f"params.yaml: {section}.memory_mb is {budget_mb}, too little for {n} vectors of {d} numbers with index "
        f"{index}. MB needed: {needs}. Raise memory_mb (where it is null: budget.memory_gb), or set {section}.index to "
        "one that fits (flat is exact, but slow when large)."
    )


@dataclass(frozen=True)
class Built:
    """An approximate index of a corpus; how much it finds depends on the effort of a search."""

    index: Index
    corpus: Floats
    prepare: Prepare
    faiss: Any
    most: int
    """The greatest effort: all lists of an inverted file, or the longest queue of a graph."""
    resources: Any
    """The GPU's, which must live as long as the index; ``None`` on a CPU."""

    def search(self, queries: Floats, k: int, effort: int) -> tuple[F32, Ints]:
        """Return inner products and indices (n, k) as :func:`search` does, of what is found with this effort.

        Products are computed from the vectors: an index may hold rounded ones.
        """
        if self.index == "hnsw":
            self.faiss.hnsw.efSearch = max(effort, k)
        else:
            self.faiss.nprobe = effort
        similarity = np.empty((len(queries), k), np.float32)
        indices = np.empty((len(queries), k), np.int64)
        with bar(len(queries), f"search {self.index}", delay=DELAY) as progress:
            for large in blocks(len(queries), BLOCK):
                query = self.prepare(queries[large])
                indices[large] = self._found(query, k)
                for part in blocks(len(query), max(1, 2 * QUERIES // k)):
                    rows = slice(large.start + part.start, large.start + part.stop)
                    at = indices[rows]
                    near = self.prepare(self.corpus[at.ravel()]).reshape(*at.shape, -1)
                    similarity[rows], indices[rows] = ordered(np.einsum("qd,qkd->qk", query[part], near), at, k)
                    progress.update(part.stop - part.start)
        return similarity, indices

    def _found(self, query: F32, k: int) -> Ints:
        """Return indices (n, k) of what FAISS finds, in no order that counts; -1 where there are fewer.

        Many queries of an inverted file are searched list by list, all that ask for a list in one product of matrices:
        a row at a time, the same products take ten times as long. The parts are those of ``big_batch_search`` in
        ``faiss.contrib``, which itself prints a line a list.
        """
        batch = self.index in ("ivf", "ivf8") and self.resources is None
        if not batch or len(query) * self.faiss.nprobe < TOGETHER * self.faiss.nlist:
            return cast("Ints", self.faiss.search(query, k)[1])
        from faiss.contrib.big_batch_search import BigBatchSearcher, BlockComputer

        several, one = BigBatchSearcher(self.faiss, query, k), BlockComputer(self.faiss)
        several.decode_func, several.by_residual = one.decode_func, one.by_residual
        several.coarse_quantization()
        several.reorder_assign()
        for number in range(self.faiss.nlist):
            rows, asking, ids, held = several.prepare_bucket(number)
            products, places = one.block_search(asking, held, ids, k)
            several.add_results_to_heap(rows, products, ids, places)
        several.rh.finalize()
        return cast("Ints", several.rh.I)

    def effort(self, recall: float, measure: Callable[[int], float]) -> dict[str, Any]:
        """Return ``effort``, the least of its doublings that reaches ``recall``, and the ``recall`` that it reaches."""
        effort = min(16, self.most)
        while (measured := measure(effort)) < recall and effort < self.most:
            effort = min(2 * effort, self.most)
        return {"recall": round(measured, 4), "effort": effort}

    def best(self, queries: Floats, k: int, recall: float, knn: Knn | None = None) -> tuple[F32, Ints, dict[str, Any]]:
        """Return products, indices (n, k) and what is known about them: recall at ``k`` and the effort it took.

        Recall is measured against the exact search on at most 1,000 evenly spaced queries. A query for which the lists
        searched hold fewer than ``k`` rows is searched exactly; ``k`` must not exceed the corpus.
        """
        sample = spread(len(queries), 1000)
        truth, _ = search(queries[sample], self.corpus, k, "exact sample", self.prepare, knn)
        facts = self.effort(recall, lambda effort: recall_at_k(truth, self.search(queries[sample], k, effort)[0]))
        similarity, indices = self.search(queries, k, facts["effort"])
        short = np.flatnonzero((indices < 0).any(axis=1))
        if len(short):
            similarity[short], indices[short] = search(queries[short], self.corpus, k, "exact", self.prepare, knn)
        facts |= {"sampled": len(sample), "searched_exactly": len(short)}
        return similarity, indices, {"index": self.index, "k": k, **facts}


def build(corpus: Floats, index: Index, prepare: Prepare = unit) -> Built:
    """Return an approximate index (not ``flat``) of ``corpus`` (m, d); the same for the same rows in the same order."""
    faiss = library()
    n, d = corpus.shape
    metric, lists, resources = faiss.METRIC_INNER_PRODUCT, _lists(n), None
    if index == "hnsw":
        built, threads = faiss.IndexHNSWFlat(d, LINKS, metric), faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)  # links depend on the order in which rows arrive
    else:
        coarse = faiss.IndexFlatIP(d)
        if index == "ivf":
            built = faiss.IndexIVFFlat(coarse, d, lists, metric)
        else:
            built = faiss.IndexIVFScalarQuantizer(coarse, d, lists, faiss.ScalarQuantizer.QT_8bit, metric, False)
        if gpus():
            resources = faiss.StandardGpuResources()
            built = faiss.index_cpu_to_gpu(resources, 0, built)
        built.cp.seed = 1  # not before: how to cluster is not copied to a GPU
        built.train(prepare(corpus[np.linspace(0, n - 1, min(n, 64 * lists)).astype(np.int64)]))
    with bar(n, f"index {index}", delay=DELAY) as progress:
        for part in blocks(n, BLOCK):
            built.add(prepare(corpus[part]))
            progress.update(part.stop - part.start)
    if index == "hnsw":
        faiss.omp_set_num_threads(threads)
    most = QUEUE if index == "hnsw" else lists if resources is None else min(lists, GPU_LISTS)
    return Built(index, corpus, prepare, built, most, resources)


def shortfall(section: str, index: str, recall: float, wanted: float) -> str | None:
    """Return what to say when an index finds less than ``section`` of params.yaml asks for, however hard it searches.

    >>> shortfall("retrieve", "ivf8", 0.99, 0.95)
    >>> shortfall("retrieve", "ivf8", 0.9, 0.95)[:62]
    'retrieve: index ivf8 finds 90.0% of the nearest neighbours at '
    """
    if recall >= wanted:
        return None
    return (
        f"{section}: index {index} finds {recall:.1%} of the nearest neighbours at its greatest effort; params.yaml: "
        f"{section}.recall asks for {wanted:.1%}. Take {section}.index: flat"
    )


def recall_at_k(truth: Floats, found: Floats) -> float:
    """Return the share of the true neighbours that were found, 0..1, from the similarities (n, k) of both.

    One as similar as the last true neighbour counts as true, but for the last bits of a float32 product: in the narrow
    cone of an untuned encoder, neighbours differ by 1e-5. Neighbours that are not there are -inf or NaN.

    >>> recall_at_k(np.array([[0.9, 0.8], [0.7, 0.6]]), np.array([[0.9, 0.8], [0.7, 0.2]]))
    0.75
    """
    there = np.isfinite(truth)
    last = np.where(there, truth, np.inf).min(axis=1, keepdims=True)
    hits = np.nan_to_num(found, nan=-np.inf) >= last - 1e-6 * np.maximum(1, np.abs(last))
    return float(np.minimum(hits.sum(axis=1), there.sum(axis=1)).sum() / max(1, there.sum()))


def spread(n: int, most: int) -> Ints:
    """Return at most ``most`` of ``n`` places, evenly spaced: records are in the order of a hash, hence random."""
    return np.unique(np.linspace(0, n - 1, min(most, n)).astype(np.int64))


def _lists(n: int) -> int:
    return max(1, min(round(4 * math.sqrt(n)), n // 39 or 1))
