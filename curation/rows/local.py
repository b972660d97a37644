"""A user's own files: ``file:{lang}/{split}.jsonl`` in the folder of their task files; also json, csv, tsv, parquet."""

from __future__ import annotations

import codecs
import csv
import io
import json
import os
import sys
from pathlib import Path

from curation.core import registry
from curation.core.errors import CairnError
from curation.rows import tables

SUFFIXES = (".csv", ".tsv", ".jsonl", ".json", ".parquet")
"""The files that can be read."""
_MORE = "\0more"
"""Key of the values that a row has beyond the columns of the first line."""


def locate(name: str) -> Path:
    """Return the file that a ``file:`` source names, relative to the task folder (``params.yaml: task_folder``).

    Raises :class:`CairnError` for a file outside that folder: dvc.yaml depends on the folder, and on nothing else of
    the user's, so that rows from elsewhere could change unseen. A link in the folder is followed.
    """
    own = registry.folders("tasks")
    if not own:
        raise CairnError(
            f"file:{name} is read from the task folder, but params.yaml names none. Set task_folder: tasks."
        )
    found = [folder / name for folder in own]
    if all(os.path.relpath(file, folder).startswith("..") for file, folder in zip(found, own, strict=True)):
        raise CairnError(
            f"{name} lies outside the task folder {own[-1]}, where `dvc repro` would not see it change. Put the file "
            f"there, or a link to it (ln -s {name} {own[-1]}/), and write file:{Path(name).name}."
        )
    return next((file for file in found if file.exists()), found[-1])


def read(file: Path, supply: str = "") -> list[tables.Row]:
    """Return the rows of one local file, ``None`` for a JSON line whose text is not valid UTF-8.

    Raises :class:`CairnError` for a missing file (saying ``supply``: what belongs there), a suffix that is not known,
    broken JSON (naming the line), and broken UTF-8 in csv, where one bad byte can shift every column after it.
    """
    if not file.is_file():
        where = "Paths of `file:` sources are relative to the task folder."
        raise CairnError(f"{file} is missing. {supply or where}")
    match file.suffix:
        case ".parquet":
            return tables.read([file])
        case ".jsonl":
            return _jsonl(file)
        case ".json":
            return _json(file)
        case ".csv" | ".tsv":
            return _csv(file, "," if file.suffix == ".csv" else "\t")
    raise CairnError(f"{file}: unknown suffix {file.suffix!r}. Allowed: {', '.join(SUFFIXES)}.")


def _jsonl(file: Path) -> list[tables.Row]:
    rows: list[tables.Row] = []
    for number, line in enumerate(file.read_bytes().removeprefix(codecs.BOM_UTF8).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError:
            rows.append(None)
            continue
        except ValueError as error:
            raise CairnError(f"{file}: line {number} is not JSON ({error}). Mend it; one object a line.") from None
        if not isinstance(value, dict):
            raise CairnError(f"{file}: line {number} is not an object. Write one object a line.")
        rows.append(value)
    return _filled(rows)


def _filled(rows: list[tables.Row]) -> list[tables.Row]:
    """Give every row the columns of all rows, null where it lacks one: many writers leave out a null."""
    names = dict.fromkeys(name for row in rows if row is not None for name in row)
    empty = dict.fromkeys(names)
    return [row if row is None or len(row) == len(names) else {**empty, **row} for row in rows]


def _json(file: Path) -> list[tables.Row]:
    """Return the objects of a list, or of the list ``data`` of one object, as SQuAD and its kin are published."""
    try:
        value = json.loads(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise CairnError(f"{file} is not valid UTF-8. Save the file as UTF-8.") from None
    except ValueError as error:
        raise CairnError(f"{file} is not JSON ({error}). With one object a line, its suffix is .jsonl.") from None
    rows = value.get("data") if isinstance(value, dict) else value
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CairnError(f"{file} holds no list of objects, and no object with such a list under `data`.")
    return _filled(rows)


def _csv(file: Path, delimiter: str) -> list[tables.Row]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise CairnError(f"{file}: line {line} is not valid UTF-8. Save the file as UTF-8.") from None
    rows: list[tables.Row] = []
    reader = _reader(text, delimiter)
    limit = csv.field_size_limit(sys.maxsize)  # a paragraph may be longer than the 128 KiB that csv allows
    try:
        names = reader.fieldnames or []
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise CairnError(f"{file}: two columns are called {twice!r}. Name each one differently.")
        for row in reader:
            if _MORE in row or None in row.values():
                raise CairnError(f"{file}: line {reader.line_num} has not as many columns as the first line.")
            rows.append(row)
    except csv.Error as error:
        raise CairnError(f"{file}: line {reader.line_num} is not {file.suffix[1:]} ({error}).") from None
    finally:
        csv.field_size_limit(limit)
    return rows


def _reader(text: str, delimiter: str) -> csv.DictReader[str]:
    """Return a reader of ``text``; in tab-separated files quotation marks are text, as data sets publish them.

    Blanks after commas are left out where all commas of the first line have one.
    """
    if delimiter == "\t":
        lines = io.StringIO(text.replace("\r\n", "\n"), newline="\n")
        return csv.DictReader(lines, delimiter="\t", restkey=_MORE, quoting=csv.QUOTE_NONE)
    found = csv.DictReader(io.StringIO(text, newline=""), restkey=_MORE, strict=True)
    names = found.fieldnames or []
    if len(names) < 2 or not all(name.startswith(" ") for name in names[1:]):
        return found
    return csv.DictReader(io.StringIO(text, newline=""), restkey=_MORE, strict=True, skipinitialspace=True)
