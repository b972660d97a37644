"""Which row is the translation of which: the ratio margin, over one vector per field.

A cosine alone says little across languages: some sentences are near everything. The margin holds it against the
cosines to the nearest others on both sides (Artetxe and Schwenk 2019, arXiv:1811.01136, "ratio").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from curation.search import knn
from curation.search.exact import Floats, unit

NEAREST = 5
"""Neighbours on each side that a cosine is held against, and candidates by each field."""


def ratio(similarity: npt.NDArray[np.float64], mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the margin; 0 where the neighbourhood has no positive similarity, where a ratio says nothing.

    ``mean``: half the sum of the mean cosines of either side to its nearest on the other.
    """
    return np.divide(similarity, mean, out=np.zeros_like(similarity), where=mean > 0)


@dataclass(frozen=True)
class Likeliest:
    """For every asked row the row that is likeliest its translation."""

    index: npt.NDArray[np.int64]
    """(m,) positions in the corpus."""
    margin: npt.NDArray[np.float64]
    """(m,) mean over the fields of the ratio margin; 1 = no nearer than its neighbours are."""
    cosine: npt.NDArray[np.float64]
    """(m,) mean over the fields of the cosine, -1..1."""


def likeliest(asked: Sequence[Floats], corpus: Sequence[Floats], what: str = "translations") -> Likeliest:
    """Return the likeliest translation of every asked row (m, d) among the rows of ``corpus`` (n, d), field by field.

    Candidates are the nearest by any field; each needs all its fields, in the order given, so a translated question
    with another context has a low mean. Memory grows with m, not with n.

    >>> a, b = np.eye(3), np.array([[0.0, 1.0, 0.1], [1.0, 0.1, 0.0]])
    >>> likeliest([b], [a]).index.tolist()
    [1, 0]
    """
    k = min(NEAREST, len(corpus[0]))
    found = [knn.exact(own, field, k, what) for own, field in zip(asked, corpus, strict=True)]
    candidates = np.concatenate([one.indices for one in found], axis=1).astype(np.int64)
    named, place = np.unique(candidates, return_inverse=True)
    place = place.reshape(candidates.shape)
    margin, cosine = np.zeros(candidates.shape), np.zeros(candidates.shape)
    for own, field, one in zip(asked, corpus, found, strict=True):
        theirs, ours = unit(field[named]), unit(own)
        back = knn.exact(theirs, ours, min(NEAREST, len(ours)), what).similarity.astype(np.float64).mean(axis=1)
        similarity = _between(ours, theirs, place)
        mean = (one.similarity.astype(np.float64).mean(axis=1)[:, None] + back[place]) / 2
        margin += ratio(similarity, mean) / len(asked)
        cosine += similarity / len(asked)
    best, rows = margin.argmax(axis=1), np.arange(len(candidates))
    return Likeliest(candidates[rows, best], margin[rows, best], cosine[rows, best])


def _between(ours: npt.NDArray[np.float32], theirs: npt.NDArray[np.float32], place: npt.NDArray[Any]) -> Any:
    """Return the cosine of each of ``ours`` (m, d) to its candidates ``theirs[place]``, (m, c)."""
    columns = [np.einsum("md,md->m", ours, theirs[place[:, c]]) for c in range(place.shape[1])]
    return np.stack(columns, axis=1).astype(np.float64)
