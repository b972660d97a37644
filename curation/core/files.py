"""Whole files or none: everything is written aside and renamed, so that no reader meets a partial file."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    """Yield a path beside ``path`` to write to; on success it takes the place of ``path``, on failure it goes."""
    aside = _aside(path)
    try:
        yield aside
        if aside.exists():
            with aside.open("rb") as handle:
                os.fsync(handle.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside ``path``; on success it takes the place of ``path`` as a whole."""
    aside = _aside(path)
    aside.mkdir()
    try:
        yield aside
        if path.exists():
            shutil.rmtree(path)
        aside.replace(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _aside(path: Path) -> Path:
    """Return where this process writes ``path``, and remove what killed processes left of it.

    The names are in .dvcignore: until then they would make a folder that is an input look changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        owner = left.name.removesuffix(".part").rpartition(".")[2]
        if left.name == f".{path.name}.{owner}.part" and owner.isdecimal() and not _runs_elsewhere(int(owner)):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _runs_elsewhere(process: int) -> bool:
    """Return whether another process of this number is running."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # another user's
    return True


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with Unix line ends, atomically."""
    with replacing(path) as aside:
        aside.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` as stable, indented JSON; NaN is refused, because JSON has none."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file that a stage wrote; raise :class:`CairnError` when it is missing or broken."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CairnError(f"{path} is missing. Run `dvc repro` to make it.") from None
    except ValueError as error:
        raise CairnError(f"{path} is not valid JSON ({error}). Run `dvc repro` to make it again.") from None


def write_parquet(path: Path, table: pa.Table) -> None:
    """Write ``table`` with pinned settings: the same table gives the same bytes."""
    import pyarrow.parquet as pq

    with replacing(path) as aside:
        pq.write_table(table, aside, compression="zstd", version="2.6", write_statistics=True, store_schema=True)


def read_parquet(path: Path) -> pa.Table:
    """Read a parquet file that a stage wrote; raise :class:`CairnError` when it is missing or truncated."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path)
    except FileNotFoundError:
        raise CairnError(f"{path} is missing. Run `dvc repro` to make it.") from None
    except (pa.ArrowException, OSError) as error:
        raise CairnError(
            f"{path} cannot be read as parquet ({str(error).splitlines()[0]}): truncated or not parquet. "
            "Delete it and run `dvc repro`, or fetch it again."
        ) from None


def sha256(path: Path) -> str:
    """Return the hex SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
