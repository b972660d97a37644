"""How the words of text pairs match: one file per list of pairs, linked into ``data/`` and not copied.

These features are the largest thing that curation keeps (9 kB a pair with MiniLM, 10 GB for a million). The file grows
in the cache, so that a killed run goes on; finished, it gets a second name in ``data/``. When rows change, those of an
older file of the same encoder are taken over from it, and the older file goes. DVC, when it takes ``data/`` in, makes a
copy and links that (``cache.type`` in .dvc/config); the next stage that reads it lets the cache share it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash

from curation.core import checksums, files, parts
from curation.core.aside import clear
from curation.core.locks import locked
from curation.core.progress import say
from curation.embed.cache import Floats, Indices, Keys, new_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

SECONDS = 20.0
"""Work after which what was made is put on the disk, about: a killed run loses that much and one shard."""
COPIED = 4096
"""Rows that are copied at once."""


@dataclass(frozen=True)
class Work:
    """What is to be made: features of pairs, float16 ``(n, f)``."""

    wanted: Keys
    """``(n,)``: a hash per pair, equal for equal pairs."""
    shards: Sequence[Indices]
    """Rows that are computed together, each distinct pair once."""
    compute: Callable[[Iterable[Indices]], Iterator[Floats]]
    """Yields the features of each of some shards of rows, ``(rows, f)``, in their order."""
    advance: Callable[[int], Any]
    """Is told how many more rows are done."""


def make(name: str, work: Work) -> Path:
    """Return the ``.npy`` file of the features that ``work`` describes; ``name`` is the encoder with its settings.

    A damaged file is named and made again. A second process that wants the same waits for the first.
    """
    folder = files.cache_folder("vectors") / name
    folder.mkdir(exist_ok=True)
    file = folder / f"{xxhash.xxh3_128_hexdigest(work.wanted.tobytes())}.npy"
    with locked(file.with_suffix(".lock"), "embeds the same pairs"):
        if not _is_whole(file):
            _complete(file, work)
    return file


def link(file: Path, to: Path) -> None:
    """Give ``file`` the name ``to`` too; on another disk, copy it."""
    try:
        os.link(file, to)
    except OSError:
        shutil.copyfile(file, to)


def share(file: Path) -> None:
    """Make the cache's file of the bytes of ``file``, which was read and is whole, a second name of ``file`` again.

    Nothing is done where there is none, or where the file system has no links.
    """
    wanted = checksums.sealed(file)
    for sums in files.cache_folder("vectors").glob("*-pairs/*.json") if wanted else ():
        kept = sums.with_suffix(".npy")
        if _read(kept).get("whole") != wanted or not kept.is_file() or kept.samefile(file):
            continue
        with suppress(OSError), parts.part(kept) as part:
            os.link(file, part / kept.name)
            (part / kept.name).replace(kept)


def _complete(file: Path, work: Work) -> None:
    taken = np.zeros(len(work.wanted), bool)
    donors = []
    for other in sorted(file.parent.glob("*.npy")):
        if other != file and (rows := _common(other, work.wanted, taken)) is not None:
            donors.append((other, *rows))
            taken[rows[0]] = True
    shards = [left for rows in work.shards if len(left := rows[~taken[rows]])]
    growing = _Growing(file, len(taken), shards)
    for other, into, out in donors:
        values = np.load(other, mmap_mode="r")
        for at in range(0, len(into), COPIED):
            growing.put(into[at : at + COPIED], values[out[at : at + COPIED]])
            work.advance(len(into[at : at + COPIED]))
    work.advance(sum(map(len, shards[: growing.stop])))
    for number, values in enumerate(work.compute(shards[growing.stop :]), growing.stop):
        growing.put(shards[number], values)
        growing.save(number + 1)
        work.advance(len(shards[number]))
    growing.finish(work.wanted)
    for other, into, _ in donors:
        if 2 * len(into) > len(np.load(other, mmap_mode="r")):  # else it is another arm's
            _remove(other)


class _Growing:
    """A file that is not finished: its features, and how many shards of them are on the disk."""

    def __init__(self, file: Path, rows: int, shards: Sequence[Indices]):
        self._file, self._rows, self._shards = file, rows, shards
        self._values: Floats | None = None
        self._saved: list[tuple[int, str]] = []
        self._clock = time.monotonic()
        clear(file)
        if not _read(file).get("saved"):
            file.unlink(missing_ok=True)  # never written over: a finished one has a second name in data/
        with suppress(OSError, ValueError):
            self._values = np.load(file, mmap_mode="r+")
        if self._values is not None and self._values.shape[0] != rows:
            self._values = None
        if self._values is not None:
            self._resume()

    @property
    def stop(self) -> int:
        """How many shards are there."""
        return self._saved[-1][0] if self._saved else 0

    def _resume(self) -> None:
        for stop, checksum in _read(self._file).get("saved", []):
            if stop > len(self._shards) or self._checksum(self.stop, stop) != checksum:
                say(f"{self._file} is damaged. It is made again from the damage on.")
                break
            self._saved.append((stop, checksum))

    def put(self, rows: Indices, values: Floats) -> None:
        """Write features; the file comes into being with the first."""
        if self._values is None:
            self._values = new_array(self._file, self._rows, values.shape[1])
        self._values[rows] = values

    def save(self, stop: int) -> None:
        """Put the shards before ``stop`` on the disk, if it is time to."""
        if time.monotonic() - self._clock >= SECONDS:
            self._flush()
            self._saved.append((stop, self._checksum(self.stop, stop)))
            files.write_json(self._file.with_suffix(".json"), {"saved": self._saved})
            self._clock = time.monotonic()

    def finish(self, wanted: Keys) -> None:
        """Fill in the rows whose pair came before, put all on the disk, and say that it is whole."""
        assert self._values is not None
        _, first, source = np.unique(wanted, return_index=True, return_inverse=True)
        again = np.flatnonzero(first[source] != np.arange(len(wanted)))
        for at in range(0, len(again), COPIED):
            rows = again[at : at + COPIED]
            self._values[rows] = self._values[first[source[rows]]]
        self._flush()
        with files.replacing(self._file.with_suffix(".keys")) as aside, aside.open("wb") as handle:
            np.save(handle, wanted)
        sums = {"whole": checksums.of_file(self._file), "keys": checksums.of_file(self._file.with_suffix(".keys"))}
        files.write_json(self._file.with_suffix(".json"), sums)

    def _flush(self) -> None:
        if isinstance(self._values, np.memmap):
            self._values.flush()

    def _checksum(self, start: int, stop: int) -> str:
        assert self._values is not None
        digest = xxhash.xxh3_128()
        for rows in self._shards[start:stop]:
            digest.update(rows.tobytes())
            digest.update(self._values[rows].tobytes())
        return digest.hexdigest()


def _common(other: Path, wanted: Keys, taken: Any) -> tuple[Indices, Indices] | None:
    """Return rows of ``wanted`` that a finished file has, each distinct pair once, and where they are in it."""
    if not _is_whole(other):
        return None
    known = np.load(other.with_suffix(".keys"))
    order = np.argsort(known, kind="stable")
    _, first = np.unique(wanted, return_index=True)
    rows = np.sort(first[~taken[first]])
    at = np.minimum(np.searchsorted(known, wanted[rows], sorter=order), len(known) - 1)
    hit = known[order[at]] == wanted[rows]
    return (rows[hit], order[at[hit]]) if hit.any() else None


def _is_whole(file: Path) -> bool:
    """Return whether ``file`` is finished and as it was written; one that was finished and is damaged goes."""
    sums = _read(file)
    if "whole" not in sums:
        return False
    both = ((file, "whole"), (file.with_suffix(".keys"), "keys"))
    if all(path.is_file() and checksums.of_file(path) == sums[name] for path, name in both):
        return True
    say(f"{file} is damaged. It was removed, and is made again.")
    _remove(file)
    return False


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _remove(file: Path) -> None:
    for suffix in (".json", ".keys", ".npy"):
        clear(file.with_suffix(suffix))
        file.with_suffix(suffix).unlink(missing_ok=True)
