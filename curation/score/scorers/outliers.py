"""Low for rows far from all others: off topic, garbled, or merely rare.

The distance of a row is one minus its mean cosine similarity to its ``k`` nearest neighbours (the out-of-distribution
score by neighbours of Kuan and Mueller 2022, "Back to the basics"; also ``cleanlab.outlier``). It is put on a common
scale as ``z = (distance - median) / (1.4826 * median absolute deviation)``, and the score is ``min(1, 2 * P(Z > z))``
for a standard normal ``Z``: 1 for every row up to the median, and below 0.02 for rows more than 2.3 deviations out.
"""

from __future__ import annotations

from math import erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pydantic

from curation.core.errors import CairnError
from curation.core.kinds import having
from curation.core.params import Section
from curation.score import scorers

if TYPE_CHECKING:
    import numpy.typing as npt

    from curation.core.task import Kind

KINDS: frozenset[Kind] = frozenset(having("intermediate"))
NEEDS = frozenset({"neighbours"})

BLOCK = 4_000
"""Rows whose neighbours are summed up at a time."""
REMARKABLE = 0.02
"""Scores below it get a ``why``."""


class Params(Section):
    """Section ``score.outliers``."""

    k: int = pydantic.Field(ge=1)
    """Neighbours whose mean similarity counts; at most neighbours.k. Stray rows of one kind hide each other when they
    are more than k: raise it to find them."""


def deviations(distance: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how many robust deviations each distance lies above the median; 0 for all when they do not vary.

    >>> deviations(np.array([0.1, 0.2, 0.3, 0.4, 3.0])).round(1).tolist()
    [-1.3, -0.7, 0.0, 0.7, 18.2]
    """
    if not np.isfinite(distance).any():
        return np.zeros_like(distance)
    above = distance - np.nanmedian(distance)
    spread = 1.4826 * np.nanmedian(np.abs(above)) or float(np.nanstd(distance))
    return above / spread if spread > 1e-9 else np.zeros_like(distance)


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return the scores described above; null for a row without neighbours.

    Evidence: ``distance`` (0..2, mean cosine distance to the neighbours), ``deviations`` (robust z).
    Raises :class:`CairnError` when ``k`` asks for more neighbours than the graph has.
    """
    graph = inputs.neighbours
    if params.k > graph.similarity.shape[1]:
        raise CairnError(
            f"params.yaml: score.outliers.k is {params.k}, but neighbours.k is {graph.similarity.shape[1]}. "
            "Lower the first or raise the second."
        )
    count, total = np.zeros(len(graph.similarity), np.int64), np.zeros(len(graph.similarity))
    for start in range(0, len(total), BLOCK):
        similarity = np.asarray(graph.similarity[start : start + BLOCK, : params.k], np.float64)
        some = np.isfinite(similarity)
        count[start : start + BLOCK] = some.sum(axis=1)
        total[start : start + BLOCK] = np.where(some, similarity, 0).sum(axis=1)
    distance = 1 - np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
    z = deviations(distance)
    values = np.minimum(1.0, [np.nan if np.isnan(value) else erfc(value / sqrt(2)) for value in z])
    why = [
        f"far from all others: mean distance {far:.2f} to the {many} nearest, {out:.1f} deviations above the median"
        if value < REMARKABLE
        else None
        for value, far, many, out in zip(values, distance, count, z, strict=True)
    ]
    evidence = {
        name: pa.array(column, pa.float64(), from_pandas=True)
        for name, column in (("distance", distance), ("deviations", z))
    }
    return scorers.table(inputs, values, why, evidence)
