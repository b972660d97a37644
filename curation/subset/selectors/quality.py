"""Best combined quality first; rows of equal quality in an order that depends on the seed and their ids only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.core.seeds import derive

if TYPE_CHECKING:
    import pyarrow as pa


def select(table: pa.Table, budget: int, seed: int) -> list[str]:
    """Return the ids of the ``budget`` rows of highest ``quality``, best first.

    >>> import pyarrow as pa
    >>> select(pa.table({"id": ["a", "b", "c"], "quality": [0.1, 0.9, 0.5]}), 2, seed=1)
    ['b', 'c']
    """
    scored = zip(table["quality"].to_pylist(), table["id"].to_pylist(), strict=True)
    return [id_ for _, _, id_ in sorted((-quality, derive(seed, id_), id_) for quality, id_ in scored)][:budget]
