"""The choices of a ``choice`` row, and which of them is the right one, in the ways that data sets say it."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from curation.core.task import Reject
from curation.rows import columns

Says = Literal["zero", "one", "letter", "text"]
"""What a label is: a number from zero or from one, a letter from A, or the text of the right choice."""


def filled(values: Iterable[Any] | None) -> tuple[Any, ...]:
    """Return choices as text, without the empty ones at the end: not every question has as many.

    >>> filled(["red", "", 3, "", None]), filled(None)
    (('red', '', '3'), ())
    """
    found = list(values or ())
    while found and columns.empty(found[-1]):
        found.pop()
    return tuple(_text(one) if isinstance(one, (int, float)) and not columns.empty(one) else one for one in found)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else str(columns.whole(value))


def right(row: Mapping[str, Any], column: str, choices: Sequence[Any], says: Says) -> int | None:
    """Return which of ``choices`` is the right one by ``column``; ``None`` = unlabelled.

    Raises :class:`Reject` when it is none of them.

    >>> right({"answer": "b"}, "answer", ("red", "blue"), "letter"), right({"answer": -1}, "answer", ("red",), "zero")
    (1, None)
    """
    value = columns.at(row, column)
    found = position(value, choices, says)
    if found is None and not columns.unlabelled(value):
        raise Reject(f"{column} is none of the choices")
    return found


def position(value: Any, choices: Sequence[Any], says: Says) -> int | None:
    """Return which of ``choices`` a label names when read as ``says`` tells; ``None`` when none.

    >>> [position("1", ("1", "2", "0"), says) for says in ("zero", "one", "letter", "text")]
    [1, 0, None, 0]
    """
    if columns.empty(value):
        return None
    if says == "text":
        wanted, same = _text(value), [_text(one) for one in choices]
        if wanted in same:
            return same.index(wanted)
        return next((at for at, one in enumerate(same) if columns.same_text(one, wanted)), None)
    value = columns.whole(value.strip() if isinstance(value, str) else value)
    if says == "letter":
        found = string.ascii_uppercase.find(value.upper()) if isinstance(value, str) and len(value) == 1 else -1
    elif isinstance(value, int) and not isinstance(value, bool):
        found = value - (says == "one")
    else:
        return None
    return found if 0 <= found < len(choices) else None
