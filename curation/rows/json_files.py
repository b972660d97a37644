"""JSON as people have it: one object a line, or a list of objects."""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import Path
from typing import Any

from curation.core import strict_json
from curation.core.errors import CairnError
from curation.rows import paragraphs, separated, tables


def _whole(row: Any, text: str) -> bool:
    """Return whether the text in ``row`` can be used; the questions of an article of SQuAD are looked at one by one."""
    return ("\\ud" not in text and "\\uD" not in text) or paragraphs.nested(row) or strict_json.whole(row)


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
            value = strict_json.loads(text)
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
    return filled(rows, file), lines


def filled(rows: list[tables.Row], file: Path) -> list[tables.Row]:
    """Give every row the columns of all rows, null where it lacks one: many writers leave out a null.

    A name is spelt as it is first, whether its accents are composed or not; one without a name gets one. Raises
    :class:`CairnError` for a row that has one name in both spellings.
    """
    names = dict.fromkeys(name for row in rows if row is not None for name in row)
    if not all(name.isascii() and name.strip() for name in names):
        first: dict[str, str] = {}
        spelt = {name: first.setdefault(unicodedata.normalize("NFC", name), name) for name in names}
        for row in rows:
            if row is not None and len({spelt[name] for name in row}) < len(row):
                tables.named(list(row), file)  # raises
        called = tables.named(list(first.values()), file)
        new = dict(zip(first.values(), called, strict=True))
        rows = [None if row is None else {new[spelt[name]]: value for name, value in row.items()} for row in rows]
        names = dict.fromkeys(called)
    empty = dict.fromkeys(names)
    return [row if row is None or len(row) == len(names) else {**empty, **row} for row in rows]


def read(file: Path) -> list[tables.Row]:
    """Return the objects of a list, or of the list ``data`` of one object, as SQuAD and its kin are published.

    Raises :class:`CairnError` for anything else.
    """
    text = separated.text_of(file)
    try:
        value = strict_json.loads(text)
    except ValueError as error:
        raise CairnError(
            f"{file} is not JSON ({_short(error)}). With one object a line, its suffix is .jsonl."
        ) from None
    rows = value.get("data") if isinstance(value, dict) else value
    if isinstance(value, dict) and rows is None and paragraphs.nested(value):
        rows = [value]  # one article of SQuAD alone
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        there = f" Its names are: {', '.join(map(str, list(value)[:8]))}." if isinstance(value, dict) else ""
        raise CairnError(
            f"{file} holds no list of objects, and no object with such a list under `data`.{there} Write a list with "
            "an object a row, or one object a line (.jsonl); the splits of a data set are a file each."
        )
    return filled([row if _whole(row, text) else None for row in rows], file)


def _short(error: ValueError) -> str:
    """Return what is wrong, without what Python says about itself, and without a line that is the only one."""
    return re.sub(r": line 1 column (\d+) \(char \d+\)", r", column \1", str(error).split("; use sys.")[0])
