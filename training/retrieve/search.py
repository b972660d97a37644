"""Sentence retrieval as arrays: pooling, search, ratio margin, and mining with a threshold tuned on dev.

Sources: Artetxe and Schwenk 2019 (margin, arXiv:1811.01136), LASER's mining, XTREME and the intermediate-training paper
for the representation (mean over non-padding tokens of one hidden layer, special tokens included).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from curation.core.errors import CairnError
from curation.search import exact
from curation.search import index as indexes
from curation.search.margin import ratio
from training.retrieve import Margin, Pooling

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def pool(hidden: torch.Tensor, mask: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """Return one vector per sentence ``(b, width)`` from ``hidden (b, tokens, width)`` and ``mask (b, tokens)``.

    ``mean`` is over all tokens but padding, special tokens included; ``cls`` is the first token that is no padding.

    >>> hidden = torch.tensor([[[2.0], [4.0], [99.0]]])
    >>> pool(hidden, torch.tensor([[True, True, False]]), "mean").tolist()
    [[3.0]]
    """
    if pooling == "cls":
        first = mask.int().argmax(dim=1)
        return hidden[torch.arange(len(hidden), device=hidden.device), first]
    weight = mask.unsqueeze(-1).to(hidden.dtype)
    return torch.einsum("btw,bto->bw", hidden, weight) / weight.sum(dim=1)


@dataclass(frozen=True)
class Indexing:
    """How vectors are indexed; the parameters of stage ``retrieve`` say what each means."""

    index: indexes.Choice
    flat_limit: int
    recall: float
    memory_mb: int


EXACT = Indexing("flat", 1, 1.0, 1 << 40)


class Corpus:
    """Vectors that can be searched: exactly, or through an index that is built once, when first asked."""

    def __init__(self, vectors: Floats, indexing: Indexing = EXACT) -> None:
        self.vectors = vectors
        self.facts: dict[str, Any] = {}
        """What is known about the last search: index, k, recall at k, and of an approximate one how it was measured."""
        self._indexing = indexing
        self._built: indexes.Built | None = None

    def search(self, queries: Floats, k: int) -> tuple[Floats, Ints]:
        """Return inner products and indices, both ``(queries, k)``, of the ``k`` best vectors, best first.

        Equal products come in the order of the vectors. ``k`` is cut to the number of vectors. Raises
        :class:`CairnError` when no index fits the memory.
        """
        how, (n, width) = self._indexing, self.vectors.shape
        k = min(k, n)
        index = indexes.choose(how.index, n, width, k, how.flat_limit, how.memory_mb, "retrieve", len(queries))
        if index == "flat":
            self.facts = {"index": "flat", "k": k, "recall": 1.0}
            return search(queries, self.vectors, k)
        if self._built is None or self._built.index != index:
            if not _faiss():
                raise CairnError(
                    f"index {index} needs FAISS, which is not installed here: pip install faiss-cpu (with a GPU: "
                    "faiss-gpu), or set retrieve.index: flat in params.yaml."
                )
            self._built = indexes.build(self.vectors, index, exact.plain)
        score, place, self.facts = self._built.best(queries, k, how.recall, _engine()[1])
        return score, place


def search(queries: Floats, candidates: Floats, k: int) -> tuple[Floats, Ints]:
    """Return inner products and indices, both ``(queries, k)``, of the ``k`` best candidates: exact, best first.

    Equal products come in the order of the candidates. FAISS on a GPU where its build has one, on the CPU otherwise;
    torch where FAISS is not installed, or has no GPU and torch has. ``k`` is cut to the number of candidates.
    """
    return exact.search(queries, candidates, min(k, len(candidates)), "search", exact.plain, _engine()[1])


def engine() -> str:
    """Return what an exact search runs on here, for the record of a result."""
    return _engine()[0]


def _engine() -> tuple[str, exact.Knn]:
    if _faiss() and exact.gpus():
        return "faiss, GPU", exact.faiss_knn()
    if torch.cuda.is_available():
        return "torch, GPU", _torch_knn
    return ("faiss, CPU", exact.faiss_knn()) if _faiss() else ("torch, CPU", _torch_knn)


def _faiss() -> bool:
    try:
        exact.library()
    except ImportError:
        return False
    return True


def _torch_knn(queries: Floats, candidates: Floats, k: int) -> tuple[Floats, Ints]:
    """Return what ``faiss.knn`` returns, from one matrix product in full float32."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    score = torch.from_numpy(queries).to(device) @ torch.from_numpy(candidates).to(device).T
    found, index = torch.topk(score, k, dim=1)
    return found.cpu().numpy(), index.cpu().numpy()


@dataclass(frozen=True)
class Candidates:
    """The nearest candidates of every query, with the score that ranks them."""

    score: NDArray[np.float64]
    """(queries, n): similarity, or ratio margin."""
    index: Ints
    """(queries, n) indices of candidates; by similarity, best first, whatever the score."""


def forward(queries: Corpus, candidates: Corpus, k: int, margin: Margin, depth: int = 1) -> Candidates:
    """Return at least ``depth`` scored candidates of every query.

    With a margin they are the nearest ``k`` or ``depth``, whichever is more: it ranks among these. See
    :func:`both_ways`.
    """
    if margin == "none":
        score, index = candidates.search(queries.vectors, depth)
        return Candidates(score.astype(np.float64), index)
    return both_ways(queries, candidates, k, margin, depth)[0]


def both_ways(x: Corpus, y: Corpus, k: int, margin: Margin, depth: int = 1) -> tuple[Candidates, Candidates]:
    """Return the candidates in ``y`` of every ``x``, ``k`` or ``depth`` of them, and the ``k`` in ``x`` of every ``y``.

    Ratio margin: ``cos(x, y) / ((mean cos of x to its k nearest y + mean cos of y to its k nearest x) / 2)``.
    """
    of_x, of_y = y.search(x.vectors, max(k, depth)), x.search(y.vectors, k)
    to_y, to_x = of_x[0].astype(np.float64), of_y[0].astype(np.float64)
    if margin == "none":
        return Candidates(to_y, of_x[1]), Candidates(to_x, of_y[1])
    mean_x, mean_y = to_y[:, :k].mean(axis=1), to_x.mean(axis=1)
    ratio_y = ratio(to_y, (mean_x[:, None] + mean_y[of_x[1]]) / 2)
    ratio_x = ratio(to_x, (mean_y[:, None] + mean_x[of_y[1]]) / 2)
    return Candidates(ratio_y, of_x[1]), Candidates(ratio_x, of_y[1])


def ranked(found: Candidates, depth: int) -> Ints:
    """Return the indices of the ``depth`` best candidates of every query, best first; of equals, the nearer one first.

    >>> ranked(Candidates(np.array([[1.0, 1.2, 1.0]]), np.array([[4, 2, 7]])), 2).tolist()
    [[2, 4]]
    """
    order = np.argsort(-found.score, axis=1, kind="stable")[:, :depth]
    chosen: Ints = np.take_along_axis(found.index, order, 1)
    return chosen


@dataclass(frozen=True)
class Mined:
    """Pairs of a mining run, best score first; no x and no y occurs twice."""

    x: Ints
    y: Ints
    score: NDArray[np.float64]


def mine(x: Corpus, y: Corpus, k: int, margin: Margin) -> Mined:
    """Return pairs of rows of ``x`` and ``y``: every row's best candidate, kept by score while both are free."""
    of_x, of_y = both_ways(x, y, k, margin)
    left = np.concatenate([np.arange(len(x.vectors)), ranked(of_y, 1)[:, 0]])
    right = np.concatenate([ranked(of_x, 1)[:, 0], np.arange(len(y.vectors))])
    score = np.concatenate([of_x.score.max(axis=1), of_y.score.max(axis=1)])
    order = np.lexsort((right, left, -score))
    kept = _free(left[order], right[order])
    return Mined(left[order][kept], right[order][kept], score[order][kept])


def _free(left: Ints, right: Ints) -> Ints:
    """Return the positions, in order, of pairs whose two sides are still unused when their turn comes."""
    used_left, used_right, kept = set[int](), set[int](), list[int]()
    for place, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        if a not in used_left and b not in used_right:
            used_left.add(a)
            used_right.add(b)
            kept.append(place)
    return np.asarray(kept, dtype=np.int64)


def threshold(score: Sequence[float] | NDArray[np.float64], correct: Sequence[bool], gold: int) -> tuple[float, float]:
    """Return the threshold with the best F1 of the pairs scored at or above it, and that F1.

    The threshold is the midpoint between the last pair kept and the next; the last score itself when all are kept.
    Pairs of one score stay together. ``gold`` is the number of gold pairs.

    >>> threshold([1.3, 1.2, 1.0], [True, True, False], gold=2)
    (1.1, 1.0)
    """
    if not len(score):
        raise CairnError("no pair was mined on dev, so there is no threshold; is a side of the dev pool empty?")
    values, right = np.asarray(score, dtype=np.float64), np.asarray(correct, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    values, right = values[order], right[order]
    f1 = 2 * np.cumsum(right) / (np.arange(1, len(values) + 1) + gold)
    f1[:-1][values[:-1] == values[1:]] = -1.0
    cut = int(f1.argmax())
    middle = values[cut] if cut + 1 == len(values) else (values[cut] + values[cut + 1]) / 2
    return float(middle), float(f1[cut])
