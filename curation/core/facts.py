"""Sentences about a task as a whole, in the metadata of a table about its rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

KEY = "cairn.facts"


def metadata(sentences: Sequence[str]) -> dict[str, str] | None:
    """Return the metadata that hold ``sentences``; ``None`` for none."""
    return {KEY: json.dumps(list(sentences))} if sentences else None


def of(schema: pa.Schema) -> list[str]:
    """Return the sentences that a table of this schema holds, mostly none.

    >>> import pyarrow as pa
    >>> of(pa.schema([], metadata(["It is so in half of them."]))), of(pa.schema([]))
    (['It is so in half of them.'], [])
    """
    found: list[str] = json.loads((schema.metadata or {}).get(KEY.encode(), b"[]"))
    return found
