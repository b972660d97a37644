"""One kNN graph per task, for near-duplicates, conflicts and outliers: built once, read by all.

Reads ``data/vectors/<task>/``; writes ``data/neighbours/<task>/``: ``indices.npy`` int32 (n, k), ``similarity.npy``
float32 (n, k), and ``manifest.json`` with the index that was used and its measured recall.
"""

from __future__ import annotations

import pydantic

from curation.core import budget, files, params, paths
from curation.search import index as indexes
from curation.search.knn import Neighbours


class Params(params.Section):
    """Section ``neighbours``."""

    k: int = pydantic.Field(ge=1, le=1000)
    """Neighbours per row, itself excluded."""
    index: indexes.Choice
    """flat (exact), ivf, ivf8 (a quarter of the memory), hnsw, or auto: flat up to flat_limit, then ivf or ivf8."""
    flat_limit: int = pydantic.Field(ge=1)
    """Rows up to which auto searches exactly."""
    recall: float = pydantic.Field(gt=0, le=1)
    """Share of the true neighbours an approximate index has to find on a sample; it searches harder until it does."""
    memory_mb: int | None = pydantic.Field(ge=64)
    """Memory that index and search may take; over it a cheaper index is used, or the stage refuses before it starts.
    null = three quarters of ``budget.memory_gb``."""

    @property
    def megabytes(self) -> int:
        """Return ``memory_mb``, from the budget where it is null."""
        return int(750 * budget.read().memory_gb) if self.memory_mb is None else self.memory_mb


def load(task: str) -> Neighbours:
    """Return the graph of ``task`` in record order, memory-mapped; raise :class:`CairnError` when it is not there."""
    folder = paths.neighbours(task)
    return Neighbours(files.open_array(folder / "indices.npy"), files.open_array(folder / "similarity.npy"))
