"""Whether questions of a new ``span`` task may have no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.cli.drafting import cell_shapes, interview
from curation.cli.drafting.cell_shapes import Rows, Shape
from curation.core.errors import CairnError
from curation.core.task import Reject
from curation.rows import cells, columns


def empty(rows: Rows, column: str, shape: Shape, *, told: bool) -> tuple[bool, list[str]]:
    """Return whether an empty answer means that a question has none (``--unanswerable``), and what was assumed.

    On a terminal it is asked. An empty list of answers, as in SQuAD v2.0, always means this; null in the place of such
    a list is a hidden answer.
    """
    found = 0 if shape == "squad" else sum(columns.empty(cell_shapes.at(row, column)) for row in rows)
    if not found:
        if told:
            raise CairnError(f"--unanswerable: column {column!r} has no empty cell. Leave the flag out.")
        return False, []
    if told:
        return True, []
    why = f"column {column!r} is empty in {found:,} of {len(rows):,} rows."
    if interview.terminal():
        meant = ("unanswerable", "rejected")
        return interview.ask("unanswerable or rejected", "--unanswerable", why, meant) == meant[0], []
    return False, [f"{why} They were rejected; if a question without an answer is meant: --unanswerable"]


def lacking(rows: Rows, column: str, shape: Shape) -> bool:
    """Return whether some question has an empty list of answers."""
    return any(_none(cell_shapes.at(row, column), shape) for row in rows)


def _none(value: Any, shape: Shape) -> bool:
    if shape in ("json", "search json") and isinstance(value, str):
        try:
            value = cells.read(value, "")
        except Reject:
            return False
    return (value.get("text") if isinstance(value, Mapping) else value) == []
