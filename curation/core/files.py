"""Whole files or none: everything is written aside and renamed, so that no reader meets a partial file."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import checksums, parts
from curation.core.aside import clear
from curation.core.errors import CairnError

if TYPE_CHECKING:
    import pyarrow as pa


def cache_folder(name: str) -> Path:
    """Return the folder that keeps reusable work across runs (``CAIRN_CACHE``, else ``.cairn/cache``).

    DVC empties a stage's outputs before it runs, so what should survive a kill (sentence vectors,
    translated sentences, training checkpoints) lives here, keyed by content, never by position.
    """
    folder = Path(os.environ.get("CAIRN_CACHE", ".cairn/cache")) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write to; on success the file takes the place of ``path`` and is on the disk, else it goes."""
    with parts.part(path) as part:
        new = part / path.name
        yield new
        parts.sync(new)
        clear(path)
        new.replace(path)
        parts.sync(path.parent)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder; on success it is sealed (:mod:`checksums`) and takes the place of ``path`` as a whole."""
    with parts.part(path) as part:
        new = part / path.name
        new.mkdir()
        yield new
        checksums.seal(new)
        parts.sync_all(new)
        parts.exchange(new, path)


def reserve(path: Path) -> None:
    """Give a file that was made at its full length all its room on the disk; remove it and raise when there is none.

    A memory-mapped write to a disk that is full would end the process with a bus error.
    """
    size = path.stat().st_size
    try:
        if size > shutil.disk_usage(path).free:  # asked first: trying would fill the disk for everybody else
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as handle:
                os.posix_fallocate(handle.fileno(), 0, size)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(path)) from None


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with Unix line ends, atomically."""
    with replacing(path) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as stable, indented JSON; NaN is refused, because JSON has none."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n")


def _file(path: Path) -> Path:
    if path.is_dir():  # pyarrow would read what lies in it
        raise CairnError(
            f"{path} is a folder and should be a file. Delete it and run `dvc repro` to make the file again."
        )
    return path


def read_json(path: Path) -> Any:
    """Read a JSON file that a stage wrote; raise :class:`CairnError` when it is missing, broken or not as written."""
    try:
        return json.loads(checksums.checked(_file(path)).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CairnError(f"{path} is missing. Run `dvc repro` to make it.") from None
    except ValueError as error:
        raise CairnError(f"{path} is not valid JSON ({error}). Run `dvc repro` to make it again.") from None


PARQUET: dict[str, Any] = {
    "compression": "zstd",
    "version": "2.6",
    "write_statistics": True,
    "store_schema": True,
    "write_page_checksum": True,
}
"""How every parquet file is written: pinned, so that the same table gives the same bytes."""


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write ``table`` with pinned settings: the same table gives the same bytes."""
    import pyarrow.parquet as pq

    with replacing(path) as aside:
        pq.write_table(table, aside, **PARQUET)


def parquet_rows(path: Path) -> int:
    """Return how many rows a parquet file has, without reading them; 0 where reading it will say what is wrong."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        return 0


def read_parquet(path: Path) -> pa.Table:
    """Read a parquet file that a stage wrote; raise :class:`CairnError` when it is missing or not as written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(checksums.checked(_file(path)), page_checksum_verification=True)
        with file:  # no threads: where there is no memory for one, Arrow waits for it for ever
            return file.read(use_threads=False)
    except MemoryError:  # an ArrowException too
        raise
    except FileNotFoundError:
        raise CairnError(f"{path} is missing. Run `dvc repro` to make it.") from None
    except (pa.ArrowException, OSError) as error:
        raise CairnError(
            f"{path} cannot be read as parquet ({str(error).splitlines()[0]}): truncated or not parquet. "
            "Delete it and run `dvc repro`, or fetch it again."
        ) from None


def open_array(path: Path) -> Any:
    """Return the memory-mapped array of a ``.npy`` file that a stage wrote.

    Raises :class:`CairnError` when the file is missing, broken, or not as it was written (it is read for this).
    """
    import numpy as np

    try:
        return np.load(checksums.checked(_file(path)), mmap_mode="r")
    except (OSError, ValueError) as error:
        raise CairnError(f"{path} cannot be read ({error}). Run `dvc repro` to make it again.") from None


def sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
