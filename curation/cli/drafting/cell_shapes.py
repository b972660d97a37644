"""How columns hold their values: nested or not; several values as a list, as text, or as a column each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from curation.core.errors import CairnError
from curation.core.task import Reject
from curation.rows import cells, columns

Rows = Sequence[Mapping[str, Any]]
Shape = Literal["columns", "list", "json", "words", "squad", "offset", "search", "search json", "cause"]
"""``columns``: a column each; ``list``; ``json``: a list or mapping as text; ``words`` between blanks. Of answers:
``squad`` (texts and offsets), ``json`` (the same as text), ``offset`` (texts, their offsets in another column),
``search`` (one or several texts), ``search json`` (a list of texts as text). Of a prompt: ``cause``, a premise and a
column of "cause" and "effect"."""


def at(row: Mapping[str, Any], column: str) -> Any:
    """Return the value of a column, or of a part of it; ``None`` if absent."""
    return columns.at(row, column) if columns.holder(column, row) else None


def values(rows: Rows, column: str) -> list[Any]:
    """Return the values of a column that are not null."""
    return [value for row in rows if (value := at(row, column)) is not None]


def several(value: Any, shape: Shape) -> list[Any]:
    """Return the several values that one cell holds; none where it is broken."""
    if isinstance(value, list) or value is None:
        return value or []
    if shape == "words":
        return str(value).split()
    try:
        found = cells.read(str(value), "")
    except Reject:
        return []
    return found if isinstance(found, list) else []


def of_list(rows: Rows, column: str) -> Shape:
    """Return how a column holds several values: ``list``, ``json`` (a list as text), or ``words`` between blanks."""
    found = values(rows, column)[:100]
    if any(isinstance(value, list) for value in found):
        return "list"
    return "json" if 2 * sum(map(_as_text, found)) > len(found) else "words"


def of_answers(rows: Rows, column: str) -> Shape:
    """Return how a column holds answers: ``squad``, ``json``, ``search`` or ``search json``."""
    found = [value for value in values(rows, column) if not columns.empty(value)][:100]
    if any(isinstance(value, Mapping) or (isinstance(value, list) and _structs(value)) for value in found):
        return "squad"
    if found and all(isinstance(value, list) for value in found):
        return "search" if any(found) else "squad"
    if found and all(_as_text(value) for value in found):
        return "json" if all("answer_start" in value for value in found) else "search json"
    return "search"


def _structs(value: list[Any]) -> bool:
    return any(isinstance(one, Mapping) for one in value)


def _as_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip()[:1] in ("[", "{") and value.strip()[-1:] in ("]", "}")


def shapes(kind: str, rows: Rows, fields: Mapping[str, Sequence[str]]) -> dict[str, Shape]:
    """Return how fields are stored that hold several values; raise :class:`CairnError` where no cell can be read."""
    found: dict[str, Shape] = {}
    for name in ("choices", "tokens", "tags"):
        if name in fields:
            names = fields[name]
            found[name] = "columns" if len(names) > 1 else of_list(rows, names[0])
    if kind == "span":
        found["answers"] = of_answers(rows, fields["answers"][0])
        if found["answers"] == "search" and "start" in fields:
            found["answers"] = "offset"
    if kind == "choice" and len(fields["prompt"]) == 2:
        asked = {str(value) for value in values(rows, fields["prompt"][1])}
        found |= {"prompt": "cause"} if asked and asked <= {"cause", "effect"} else {}
    if found.get("choices") == "words":
        column = fields["choices"][0]
        raise CairnError(
            f"column {column!r} is one text, not a list of choices. Name a column a choice: "
            f"--map choices={column},COLUMN,..., or store lists (JSON in csv)."
        )
    for name, shape in found.items():
        if shape in ("json", "search json"):
            _check_readable(values(rows, fields[name][0]), fields[name][0])
    return found


def _check_readable(found: Sequence[Any], column: str) -> None:
    """Raise :class:`CairnError` when none of the first cells can be read."""
    why = [(value, _why_not(value, column)) for value in found[:100]]
    if why and all(reason for _, reason in why):
        value, reason = why[0]
        raise CairnError(
            f"column {column!r} holds lists as text that cannot be read ({reason}): {str(value)[:40]}. Write each cell "
            'as JSON (json.dumps), such as ["Ann", "runs"], or save parquet or jsonl, which hold lists.'
        )


def _why_not(value: Any, column: str) -> str:
    """Return why a cell cannot be read; empty when it can."""
    try:
        cells.read(str(value), column)
    except Reject as reason:
        return str(reason)
    return ""
