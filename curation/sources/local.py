"""A user's own files: ``file:path/to/{lang}/{split}.jsonl``, also csv, tsv and parquet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from curation.errors import CairnError
from curation.sources import tables


def read(file: Path) -> list[tables.Row]:
    """Return the rows of one local file, ``None`` for a JSON line whose text is not valid UTF-8.

    Raises :class:`CairnError` for a missing file, a suffix that is not known, broken JSON (naming the line), and
    broken UTF-8 in csv, where one bad byte can shift every column after it.
    """
    if not file.is_file():
        raise CairnError(f"{file} is missing. Paths of `file:` sources are relative to the folder of dvc.yaml.")
    match file.suffix:
        case ".parquet":
            return tables.read([file])
        case ".jsonl":
            return _jsonl(file)
        case ".csv" | ".tsv":
            return _csv(file, "," if file.suffix == ".csv" else "\t")
    raise CairnError(f"{file}: unknown suffix {file.suffix!r}. Allowed: .jsonl, .csv, .tsv, .parquet.")


def _jsonl(file: Path) -> list[tables.Row]:
    rows: list[tables.Row] = []
    for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
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
    return rows


def _csv(file: Path, delimiter: str) -> list[tables.Row]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise CairnError(f"{file}: line {line} is not valid UTF-8. Save the file as UTF-8.") from None
    rows: list[tables.Row] = []
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, restkey="", strict=True)
    try:
        for row in reader:
            if "" in row or None in row.values():
                raise CairnError(f"{file}: line {reader.line_num} has not as many columns as the first line.")
            rows.append(row)
    except csv.Error as error:
        raise CairnError(f"{file}: line {reader.line_num} is not {file.suffix[1:]} ({error}).") from None
    return rows
