"""Which vectors of two sets belong together: the ratio margin, over one vector per field.

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
from curation.search.exact import F32, Floats, unit

NEAREST = 5
"""Neighbours on each side that a cosine is held against; those of an asked row are its candidates."""


def ratio(similarity: npt.NDArray[np.float64], mean: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the margin; 0 where the neighbourhood has no positive similarity, where a ratio says nothing.

    ``mean``: half the sum of the mean cosines of either side to its nearest on the other.
    """
    return np.divide(similarity, mean, out=np.zeros_like(similarity), where=mean > 0)


class Joined:
    """The fields of rows as one vector, made block by block: the cosine of two is the mean of those of their fields."""

    def __init__(self, fields: Sequence[Floats]):
        """Join ``fields``, one array (n, d) each, in the order given; memory-mapped ones stay on disk."""
        self._fields = fields

    def __len__(self) -> int:
        return len(self._fields[0])

    def __getitem__(self, rows: slice | npt.NDArray[Any]) -> F32:
        return np.concatenate([unit(field[rows]) for field in self._fields], axis=1)


@dataclass(frozen=True)
class Candidates:
    """For every asked row the nearest rows of the corpus, nearest first."""

    index: npt.NDArray[np.int64]
    """(m, k) positions in the corpus."""
    margin: npt.NDArray[np.float64]
    """(m, k) ratio margin of the mean cosine; 1 = no nearer than its neighbours are."""
    cosine: npt.NDArray[np.float64]
    """(m, k) mean over the fields of the cosine, -1..1."""


def candidates(asked: Sequence[Floats], corpus: Sequence[Floats], what: str = "translations") -> Candidates:
    """Return the :data:`NEAREST` of every asked row (m, d) among the rows of ``corpus`` (n, d), by all fields at once.

    Each needs all its fields, in the order given. Two texts that are near in one field and far in the other are no
    candidates of much margin. Memory grows with m, not with n.

    >>> a, b = np.eye(3), np.array([[0.0, 1.0, 0.1], [1.0, 0.1, 0.0]])
    >>> candidates([b], [a]).index[:, 0].tolist()
    [1, 0]
    """
    ours, theirs = Joined(asked), Joined(corpus)
    found = knn.exact(ours, theirs, min(NEAREST, len(theirs)), what)
    named, place = np.unique(found.indices, return_inverse=True)
    back = knn.exact(theirs[named], ours, min(NEAREST, len(ours)), what).similarity.astype(np.float64).mean(axis=1)
    cosine = found.similarity.astype(np.float64)
    mean = (cosine.mean(axis=1)[:, None] + back[place.reshape(cosine.shape)]) / 2
    return Candidates(found.indices.astype(np.int64), ratio(cosine, mean), cosine)
