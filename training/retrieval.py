"""Sentence retrieval as arrays: pooling, exact search, ratio margin, and mining with a threshold tuned on dev.

Sources: Artetxe and Schwenk 2019 (margin, arXiv:1811.01136), LASER's mining, XTREME and the intermediate-training paper
for the representation (mean over non-padding tokens of one hidden layer, special tokens included).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from curation.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Pooling = Literal["mean", "cls"]
Similarity = Literal["cosine", "dot"]
Margin = Literal["none", "ratio"]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_QUERIES, _CANDIDATES = 4096, 65536


def check_layer(layer: int, depth: int) -> int:
    """Return ``layer`` as an index from 0 (embeddings) to ``depth``; negative ones count from the last, -1.

    Raises :class:`CairnError` for a layer that a model of ``depth`` layers does not have.

    >>> check_layer(-1, 12), check_layer(0, 12)
    (12, 0)
    """
    if not -depth - 1 <= layer <= depth:
        raise CairnError(
            f"params.yaml: retrieve.layer is {layer}, but this encoder has {depth} layers: allowed are 0 (embeddings) "
            f"to {depth}, or -1 (last) to {-depth - 1}."
        )
    return layer % (depth + 1)


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


def pooled(batches: Iterable[tuple[Ints, torch.Tensor, torch.Tensor]], count: int, pooling: Pooling) -> Floats:
    """Return ``(count, width)`` vectors of ``count`` texts from batches of (positions, hidden, mask) in any order."""
    out: Floats | None = None
    met = 0
    for positions, hidden, mask in batches:
        found = pool(hidden, mask, pooling).float().cpu().numpy()
        if out is None:
            out = np.zeros((count, found.shape[1]), dtype=np.float32)
        out[np.asarray(positions)] = found
        met += len(found)
    assert met == count, "every text once"
    return out if out is not None else np.zeros((0, 1), dtype=np.float32)


def unit(vectors: Floats) -> Floats:
    """Return the rows at length 1 (cosine is then their inner product); a row of zeros stays.

    >>> unit(np.array([[3.0, 4.0]], dtype=np.float32)).round(2).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length == 0, 1, length), dtype=np.float32)


def search(queries: Floats, candidates: Floats, k: int) -> tuple[Floats, Ints]:
    """Return inner products and indices, both ``(queries, k)``, of the ``k`` best candidates: exact, best first.

    Equal products come in the order of the candidates. FAISS on a GPU where its build has one, on the CPU otherwise;
    torch where FAISS is not installed, or has no GPU and torch has. ``k`` is cut to the number of candidates.
    """
    k = min(k, len(candidates))
    best = np.full((len(queries), k), -np.inf, dtype=np.float32)
    place = np.zeros((len(queries), k), dtype=np.int64)
    knn = _engine()[1]
    for begin in range(0, len(candidates), _CANDIDATES):
        base = np.ascontiguousarray(candidates[begin : begin + _CANDIDATES], dtype=np.float32)
        for start in range(0, len(queries), _QUERIES):
            part = slice(start, start + _QUERIES)
            found, index = knn(np.ascontiguousarray(queries[part], dtype=np.float32), base, min(k, len(base)))
            score, at = np.hstack([best[part], found]), np.hstack([place[part], index + begin])
            order = np.lexsort((at, -score), axis=1)[:, :k]
            best[part], place[part] = np.take_along_axis(score, order, 1), np.take_along_axis(at, order, 1)
    return best, place


def engine() -> str:
    """Return what :func:`search` runs on here, for the record of a result."""
    return _engine()[0]


def _engine() -> tuple[str, Any]:
    try:
        import faiss
    except ImportError:
        return f"torch exact, {'GPU' if torch.cuda.is_available() else 'CPU'}", _torch_knn
    if hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus():
        resources = faiss.StandardGpuResources()
        return "faiss exact, GPU", lambda q, c, k: faiss.knn_gpu(resources, q, c, k, metric=faiss.METRIC_INNER_PRODUCT)
    if torch.cuda.is_available():
        return "torch exact, GPU", _torch_knn
    return "faiss exact, CPU", lambda q, c, k: faiss.knn(q, c, k, metric=faiss.METRIC_INNER_PRODUCT)


def _torch_knn(queries: Floats, candidates: Floats, k: int) -> tuple[Floats, Ints]:
    """Return what ``faiss.knn`` returns, from one matrix product in full float32."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    score = torch.from_numpy(queries).to(device) @ torch.from_numpy(candidates).to(device).T
    found, index = torch.topk(score, k, dim=1)
    return found.cpu().numpy(), index.cpu().numpy()


@dataclass(frozen=True)
class Candidates:
    """The ``k`` nearest candidates of every query, with the score that ranks them."""

    score: NDArray[np.float64]
    """(queries, k): similarity, or ratio margin."""
    index: Ints
    """(queries, k) indices of candidates; by similarity, best first, whatever the score."""


def forward(queries: Floats, candidates: Floats, k: int, margin: Margin) -> Candidates:
    """Return the scored candidates of every query; see :func:`both_ways` for the margin."""
    if margin == "none":
        score, index = search(queries, candidates, k)
        return Candidates(score.astype(np.float64), index)
    return both_ways(queries, candidates, k, margin)[0]


def both_ways(x: Floats, y: Floats, k: int, margin: Margin) -> tuple[Candidates, Candidates]:
    """Return the candidates in ``y`` of every ``x``, and those in ``x`` of every ``y``.

    Ratio margin: ``cos(x, y) / ((mean cos of x to its k nearest y + mean cos of y to its k nearest x) / 2)``.
    """
    of_x, of_y = search(x, y, k), search(y, x, k)
    to_y, to_x = of_x[0].astype(np.float64), of_y[0].astype(np.float64)
    if margin == "none":
        return Candidates(to_y, of_x[1]), Candidates(to_x, of_y[1])
    mean_x, mean_y = to_y.mean(axis=1), to_x.mean(axis=1)
    ratio_y = _ratio(to_y, (mean_x[:, None] + mean_y[of_x[1]]) / 2)
    ratio_x = _ratio(to_x, (mean_y[:, None] + mean_x[of_y[1]]) / 2)
    return Candidates(ratio_y, of_x[1]), Candidates(ratio_x, of_y[1])


def _ratio(similarity: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the margin; 0 where the neighbourhood has no positive similarity, where a ratio says nothing."""
    return np.divide(similarity, mean, out=np.zeros_like(similarity), where=mean > 0)


def best(found: Candidates) -> Ints:
    """Return the index of the best candidate of every query, ``(queries,)``; of equals, the nearer one.

    >>> best(Candidates(np.array([[1.0, 1.2]]), np.array([[4, 2]]))).tolist()
    [2]
    """
    chosen: Ints = np.take_along_axis(found.index, found.score.argmax(axis=1)[:, None], 1)[:, 0]
    return chosen


@dataclass(frozen=True)
class Mined:
    """Pairs of a mining run, best score first; no x and no y occurs twice."""

    x: Ints
    y: Ints
    score: NDArray[np.float64]


def mine(x: Floats, y: Floats, k: int, margin: Margin) -> Mined:
    """Return pairs of rows of ``x`` and ``y``: every row's best candidate, kept by score while both are free."""
    of_x, of_y = both_ways(x, y, k, margin)
    left = np.concatenate([np.arange(len(x)), best(of_y)])
    right = np.concatenate([best(of_x), np.arange(len(y))])
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
