"""A user's own files: ``file:{lang}/{split}.jsonl`` in the folder of their task files; also json, csv, tsv, parquet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from curation.core import registry
from curation.core.errors import CairnError
from curation.rows import json_files, separated, tables

SUFFIXES = (".csv", ".tsv", ".jsonl", ".json", ".parquet")
"""The files that can be read."""


def locate(name: str) -> Path:
    """Return the file that a ``file:`` source names, relative to the task folder (``params.yaml: task_folder``).

    Raises :class:`CairnError` for a file outside that folder: dvc.yaml depends on the folder, and on nothing else of
    the user's, so that rows from elsewhere could change unseen. A link to a file is followed, as DVC does; one to a
    folder outside is not, behind which DVC does not look.
    """
    own = registry.folders("tasks")
    if not own:
        raise CairnError(
            f"file:{name} is read from the task folder, but params.yaml names none. Set task_folder: tasks."
        )
    found = [folder / name for folder in own]
    outside = all(os.path.relpath(file, folder).startswith("..") for file, folder in zip(found, own, strict=True))
    if outside or ".." in Path(name).parts:  # after a link to a folder, .. leads where no path shows
        raise CairnError(
            f"{name} lies outside the task folder {own[-1]}, where `dvc repro` would not see it change. Put the file "
            f"there, or a link to it (ln -s {name} {own[-1]}/), and write file:{Path(name).name}."
        )
    file, folder = next(((f, o) for f, o in zip(found, own, strict=True) if f.exists()), (found[-1], own[-1]))
    if not file.parent.resolve().is_relative_to(folder.resolve()):
        raise CairnError(
            f"{file} lies behind a link to a folder outside {folder}, where `dvc repro` would not see it change. Put "
            f"the folder itself there, or a link to each file (ln -s)."
        )
    return file


def read(file: Path, supply: str = "") -> list[tables.Row]:
    """Return the rows of one local file; see :func:`read_lines`."""
    return read_lines(file, supply)[0]


def read_lines(file: Path, supply: str = "") -> tuple[list[tables.Row], Sequence[int]]:
    """Return the rows of one local file, ``None`` for a row whose text is not valid UTF-8, and the line of each.

    Lines count from 1, as an editor does; there are none (an empty sequence) in parquet and in a list of JSON.

    Raises :class:`CairnError` for a missing file (saying ``supply``: what belongs there), a suffix that is not known,
    broken JSON (naming the line), and broken UTF-8 in csv, where one bad byte can shift every column after it.
    """
    if not file.is_file():
        where = "Paths of `file:` sources are relative to the task folder."
        raise CairnError(f"{file} is missing. {supply or where}")
    match file.suffix:
        case ".parquet":
            return tables.read([file]), ()
        case ".jsonl":
            return json_files.read_lines(file)
        case ".json":
            return json_files.read(file), ()
        case ".csv" | ".tsv":
            return separated.read(file)
    raise CairnError(f"{file}: unknown suffix {file.suffix!r}. Allowed: {', '.join(SUFFIXES)}.")
