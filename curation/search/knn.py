"""The nearest neighbours of every row by cosine: exact in blocks, or by an index whose recall is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.search.exact import Floats, Ints, Rows, search
from curation.search.index import Index, build, recall_at_k, spread


@dataclass(frozen=True)
class Neighbours:
    """The ``k`` nearest rows of every row, nearest first; a row is never its own neighbour."""

    indices: npt.NDArray[np.int32]
    """(n, k) positions in record order; -1 where there are fewer than ``k`` other rows."""
    similarity: npt.NDArray[np.float32]
    """(n, k) cosine similarity in -1..1; NaN where the index is -1."""


def exact(queries: Rows, corpus: Rows, k: int, what: str = "neighbours") -> Neighbours:
    """Return the ``k`` rows of ``corpus`` (m, d) most similar to each of ``queries`` (n, d) by cosine; see ``search``.

    >>> found = exact(np.eye(2), np.array([[0.0, 1.0], [1.0, 0.0], [0.6, 0.8]]), k=2)
    >>> found.indices.tolist(), found.similarity.round(2).tolist()
    ([[1, 2], [0, 2]], [[1.0, 0.6000000238418579], [1.0, 0.800000011920929]])
    """
    return _neighbours(*search(queries, corpus, k, what))


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
    found, facts = _approximate(vectors, k, index, recall)
    return without_self(_neighbours(*found), rows), facts


def _approximate(vectors: Floats, k: int, index: Index, recall: float) -> tuple[tuple[Floats, Ints], dict[str, Any]]:
    """Return what is found, each row itself among it, and the facts. The index, as large as all the rest, goes here."""
    built, sample = build(vectors, index), spread(len(vectors), 1000)
    truth = without_self(exact(vectors[sample], vectors, k + 1, "exact sample"), sample).similarity

    def measure(effort: int) -> float:
        found = without_self(_neighbours(*built.search(vectors[sample], k + 1, effort)), sample)
        return recall_at_k(truth, found.similarity)

    facts = built.effort(recall, measure)
    return built.search(vectors, k + 1, facts["effort"]), {**facts, "sampled": len(sample)}
