"""JSON that says one thing: no name twice in one object, no nesting without an end, no half characters."""

from __future__ import annotations

import json
from typing import Any


class _Twice(ValueError):
    """A name that occurs twice in one object: which value is meant, nobody can tell."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Twice(f"the name {twice!r} occurs twice in one object")
    return found


def loads(text: str) -> Any:
    """Return the value of ``text``; raise :class:`ValueError` when it is no JSON, has a name twice or is too deep."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("lists or objects are nested too deeply") from None


def whole(row: Any) -> bool:
    """Return whether the text in ``row`` is whole: half a surrogate pair is no character."""
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
