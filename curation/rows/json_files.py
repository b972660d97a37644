"""JSON as people have it: one object a line, or a list of objects."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

from curation.core.errors import CairnError
from curation.rows import separated, tables


class _Twice(ValueError):
    """A name that occurs twice in one object: which value is meant, nobody can tell."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Twice(f"the name {twice!r} occurs twice in one object")
    return found


def _loads(text: str) -> Any:
    """Return the value of ``text``; raise :class:`ValueError` when it is no JSON, has a name twice or is too deep."""
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("lists or objects are nested too deeply") from None


def _whole(row: Any, text: str) -> bool:
    """Return whether the text in ``row`` is whole: half a surrogate pair is no character."""
    if "\\ud" not in text and "\\uD" not in text:
        return True
    try:
        json.dumps(row, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def read_lines(file: Path) -> tuple[list[tables.Row], list[int]]:
    """Return the rows of a .jsonl file and the line of each, counted from 1; ``None`` for one that is no UTF-8.

    Raises :class:`CairnError` for a line that is no object, naming it, and for a name that occurs twice in an object.
    """
    rows: list[tables.Row] = []
    lines: list[int] = []
    content = file.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"\x1f\x8b", b"PK\x03\x04", b"version https")):
        separated.text_of(file)  # says what it is
    for number, line in enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        if not line.strip():
            continue
        lines.append(number)
        try:
            text = line.decode("utf-8")
            value = _loads(text)
        except UnicodeDecodeError:
            rows.append(None)
            continue
        except ValueError as error:
            hint = " A list of objects has the suffix .json." if number == 1 and line.lstrip()[:1] == b"[" else ""
            raise CairnError(
                f"{file}: line {number} is not JSON ({_short(error)}). Mend it; one object a line.{hint}"
            ) from None
        if not isinstance(value, dict):
            raise CairnError(f"{file}: line {number} is not an object. Write one object a line.")
        rows.append(value if _whole(value, text) else None)
    return filled(rows), lines


def filled(rows: list[tables.Row]) -> list[tables.Row]:
    """Give every row the columns of all rows, null where it lacks one: many writers leave out a null."""
    names = dict.fromkeys(name for row in rows if row is not None for name in row)
    empty = dict.fromkeys(names)
    return [row if row is None or len(row) == len(names) else {**empty, **row} for row in rows]


def read(file: Path) -> list[tables.Row]:
    """Return the objects of a list, or of the list ``data`` of one object, as SQuAD and its kin are published.

    Raises :class:`CairnError` for anything else.
    """
    text = separated.text_of(file)
    try:
        value = _loads(text)
    except ValueError as error:
        raise CairnError(
            f"{file} is not JSON ({_short(error)}). With one object a line, its suffix is .jsonl."
        ) from None
    rows = value.get("data") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        there = f" Its names are: {', '.join(map(str, list(value)[:8]))}." if isinstance(value, dict) else ""
        raise CairnError(
            f"{file} holds no list of objects, and no object with such a list under `data`.{there} Write a list with "
            "an object a row, or one object a line (.jsonl); the splits of a data set are a file each."
        )
    return filled([row if _whole(row, text) else None for row in rows])


def _short(error: ValueError) -> str:
    """Return what is wrong, without what Python says about itself."""
    return str(error).split("; use sys.")[0]
