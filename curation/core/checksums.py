"""Checksums of what is kept between runs: a byte that a disk, a copy or a hand has changed is found when it is read.

:func:`seal` writes ``checksums.json`` into a folder (XXH3, 128 bit: as fast as memory, against accidents and not
against attackers), :func:`checked` holds a file against it. A folder without one is of another maker, and not checked.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

import xxhash

from curation.core.errors import CairnError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "checksums.json"
_BLOCK = 1 << 22


def of_file(path: Path) -> str:
    """Return the hex checksum of a file's bytes."""
    digest = xxhash.xxh3_128()
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def seal(folder: Path) -> None:
    """Write the checksums of all files in and below ``folder``."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / NAME)
    sums = {path.relative_to(folder).as_posix(): of_file(path) for path in found}
    text = json.dumps(sums, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / NAME).write_text(text + "\n", encoding="utf-8", newline="\n")


def sealed(path: Path) -> str | None:
    """Return the checksum that ``path`` was sealed with in its own folder; ``None`` where there is none."""
    try:
        found = json.loads((path.parent / NAME).read_text(encoding="utf-8"))[path.name]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None


def checked(path: Path) -> Path:
    """Return ``path``; raise :class:`CairnError` when its bytes are not those that were sealed.

    The seal is that of its folder or of the folder above. A file is read once per process for this.
    """
    for folder in list(path.parents)[:2]:
        seal_of = folder / NAME
        if seal_of.exists() and path.exists():
            _check(path, path.relative_to(folder).as_posix(), seal_of, *_state(path), *_state(seal_of))
            break
    return path


def checked_folder(folder: Path) -> Path:
    """Return a sealed folder; raise :class:`CairnError` when it is not whole, and as it was sealed."""
    seal_of = folder / NAME
    try:
        names = sorted(json.loads(seal_of.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise CairnError(f"{folder} is damaged: it has no list of checksums that can be read.") from None
    for name in names:
        if not (folder / name).is_file():
            raise CairnError(f"{folder} is damaged: {name} is missing.")
        checked(folder / name)
    return folder


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@lru_cache(maxsize=1024)
def _check(path: Path, name: str, seal_of: Path, *_: int) -> None:
    try:
        wanted = json.loads(seal_of.read_text(encoding="utf-8"))[name]
    except (ValueError, KeyError, TypeError):
        raise CairnError(f"{seal_of} is damaged: it has no checksum of {name}. {_again(seal_of)}") from None
    if of_file(path) != wanted:
        raise CairnError(
            f"{path} is damaged: its bytes are not those that were written (see {seal_of}). {_again(seal_of)}"
        )


def _again(seal_of: Path) -> str:
    return f"Delete the folder {seal_of.parent} and run `dvc repro` to make it again."
