"""Any row as likely as any other: the control for every selector that looks at the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.core.seeds import derive

if TYPE_CHECKING:
    import pyarrow as pa


def select(table: pa.Table, budget: int, seed: int) -> list[str]:
    """Return ``budget`` ids in an order that depends on ``seed`` and the ids only.

    >>> import pyarrow as pa
    >>> select(pa.table({"id": ["a", "b", "c"]}), 3, seed=1) == select(pa.table({"id": ["c", "b", "a"]}), 3, seed=1)
    True
    """
    return sorted(table["id"].to_pylist(), key=lambda id_: (derive(seed, id_), id_))[:budget]
