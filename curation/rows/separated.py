"""Separated values as people have them: commas, tabs, and the semicolons of spreadsheets in half of Europe."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from curation.core.errors import CairnError
from curation.rows import tables

if TYPE_CHECKING:
    from _csv import Reader as _Reader

_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32 text",
    codecs.BOM_UTF16_LE: "UTF-16 text",
    codecs.BOM_UTF16_BE: "UTF-16 text",
    b"PK\x03\x04": "a packed file (zip, or a workbook)",
    b"\x1f\x8b": "a packed file (gzip)",
    b"PAR1": "parquet",
    b"<!DOCTYPE html": "a web page",
    b"<html": "a web page",
    b"version https://git-lfs": "a pointer of Git LFS, not the file itself (git lfs pull)",
}
"""How a file begins that is no text in UTF-8, and what it then is."""


_LOOKED_AT = 50
"""Rows that say what separates the cells, where the first line alone does not."""


def text_of(file: Path) -> str:
    """Return the text of ``file``; raise :class:`CairnError` naming the line that is no UTF-8, or another format."""
    whole = file.read_bytes()
    for mark, what in _MARKS.items():
        if whole[:32].lower().startswith(mark.lower()):
            raise CairnError(f"{file} is {what}, not {file.suffix[1:]} in UTF-8. Unpack, fetch or save it again so.")
    try:
        text = whole.decode("utf-8").lstrip("\ufeff")
    except UnicodeDecodeError as error:
        line = len((whole[: error.start] + b".").splitlines())
        raise CairnError(f"{file}: line {line} is not valid UTF-8. Save the file as UTF-8.") from None
    if text[1:400:2].count("\0") > 20:
        raise CairnError(f"{file} is UTF-16 text. Save the file as UTF-8.")
    return text


def read(file: Path) -> tuple[list[tables.Row], list[int]]:
    """Return the rows of a .csv or .tsv file, and the line in which each one begins, counted from 1.

    A column without a name is called after its place: ``column_1``. Raises :class:`CairnError` for a separator that is
    none, for a name that occurs twice, and for a line that has not as many cells as the first one.
    """
    rows: list[tables.Row] = []
    lines: list[int] = []
    names: list[str] = []
    limit = csv.field_size_limit(sys.maxsize)  # a paragraph may be longer than the 128 KiB that csv allows
    reader, skipped = _reader(text_of(file), file)
    before = 0
    try:
        for cells in reader:
            line, before = skipped + before + 1, reader.line_num
            if not cells:
                continue
            if not names:
                names = tables.named(cells, file)
                continue
            if len(cells) != len(names):
                there = f"{len(cells)} column{'s' * (len(cells) != 1)}"
                raise CairnError(f"{file}: line {line} has {there}, but the first line has {len(names)}.")
            rows.append(dict(zip(names, cells, strict=True)))
            lines.append(line)
    except csv.Error as error:
        at = skipped + before + 1
        raise CairnError(f"{file}: the row that begins in line {at} is not {file.suffix[1:]} ({error}).") from None
    finally:
        csv.field_size_limit(limit)
    return rows, lines


def _reader(text: str, file: Path) -> tuple[_Reader, int]:
    """Return a reader of ``text``, and how many lines stand before its first one.

    In tab-separated files quotation marks are text, as data sets publish them. Blanks after commas are left out where
    all commas of the first line have one.
    """
    if "\n" not in text:
        text = text.replace("\r", "\n")  # as a Mac of the last century ended its lines
    if file.suffix == ".tsv":
        _check_separator(text, "\t", file)
        lines = io.StringIO(text.replace("\r\n", "\n"), newline="\n")
        return csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 0
    skipped, delimiter = 0, ","
    if told := re.match(r"sep=(.)\r?\n", text):  # a spreadsheet's own first line
        skipped, delimiter, text = 1, told[1], text[told.end() :]
    elif ";" in _first(text) and not _table(text, ",") and ("," not in _first(text) or _table(text, ";")):
        delimiter = ";"
    else:
        _check_separator(text, ",", file)

    def of(*, blanks: bool) -> _Reader:
        lines = io.StringIO(text, newline="")
        return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=blanks)

    try:
        names = next((cells for cells in of(blanks=False) if cells), [])
    except csv.Error:
        names = []
    return of(blanks=len(names) > 1 and all(name.startswith(" ") and name.strip() for name in names[1:])), skipped


def _table(text: str, delimiter: str) -> bool:
    """Return whether the first rows of ``text`` have as many cells as its first line, and more than one."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        sizes = {len(cells) for cells in itertools.islice(filter(None, reader), _LOOKED_AT)}
    except csv.Error:
        return False
    return len(sizes) == 1 and sizes != {1}


def _first(text: str) -> str:
    """Return the first line that is not blank, without what stands in quotation marks."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return re.sub(r'"[^"]*"', "", line)


def _check_separator(text: str, expected: str, file: Path) -> None:
    """Raise :class:`CairnError` when the first line has no ``expected`` but several of another usual separator."""
    line = _first(text)
    if expected in line:
        return
    for other, name, advice in (
        (",", "commas", "csv"),
        ("\t", "tabs", "tsv"),
        (";", "semicolons", "csv"),
        ("|", "|", ""),
    ):
        if line.count(other) and other != expected:
            to = f"name it {file.stem}.{advice}" if advice else "save it with commas (.csv) or tabs (.tsv)"
            kind = file.suffix[1:]
            raise CairnError(f"{file} is called {kind}, but its first line is separated by {name}. Rather {to}.")
