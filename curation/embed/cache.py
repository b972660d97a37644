"""A cache of vectors by content: what was encoded once is never encoded again, whatever happens to run or subset.

One SQLite file per encoder, settings and kind of vector holds blocks: float16 vectors with the hashes of their
contents and a checksum; where one content has several vectors (one per word), also where each content's begin. An
index says in which block a content lies. Files and descriptors do not grow with the corpus, a killed run leaves whole
blocks, and a block that is not as it was written is dropped, named, and encoded again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import xxhash

from curation.core import files
from curation.core.database import Database
from curation.core.errors import CairnError
from curation.core.progress import say

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

Floats = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.int64]
Keys = npt.NDArray[np.bytes_]

BLOCK_BYTES = 1 << 25
"""Vectors of a block at most (of one content, if that is more): what is read to get at one of them."""
TRIES = 4
"""Times that vectors are looked for before somebody should look at the disk."""
_SCHEMA = """
create table if not exists blocks (
    number integer primary key, width integer not null, keys blob not null, offsets blob not null,
    vectors blob not null, checksum blob not null);
create table if not exists entries (key blob primary key, block integer not null, place integer not null) without rowid;
"""
_PLACE = "select block, place from entries where key = ?"
_PLACES = 1 << 32


def keys(contents: Iterable[Sequence[str]]) -> Keys:
    """Return a 32-digit hash per content (a sequence of strings), equal only for equal contents; dtype ``S32``.

    >>> one, two, three = keys([["ab", "c"], ["a", "bc"], ["ab", "c"]])
    >>> bool(one == two), bool(one == three)
    (False, True)
    """
    return np.array(
        [
            hashlib.blake2b("".join(f"{len(part)}:{part}" for part in parts).encode(), digest_size=16).hexdigest()
            for parts in contents
        ],
        dtype="S32",
    )


@dataclass(frozen=True)
class _Block:
    keys: Keys
    vectors: Floats
    """``(all vectors, width)``."""
    offsets: Indices | None

    def entry(self, place: int) -> Floats:
        """Return the vector of one content, ``(width,)``, or its vectors ``(words, width)``."""
        found: Floats = (
            self.vectors[place] if self.offsets is None else self.vectors[self.offsets[place] : self.offsets[place + 1]]
        )
        return found


class VectorCache:
    """The vectors of one encoder with one set of settings."""

    def __init__(self, encoder: str):
        folder = files.cache_folder("vectors")
        self.path = folder / f"{encoder}.sqlite"
        self._database = Database(self.path, _SCHEMA)
        _mention(folder / encoder)

    def find(self, wanted: Keys) -> Indices:
        """Return for each key where it lies (an index to give to :meth:`entries`), -1 when it is not there.

        The blocks are read, and held against their checksums.
        """
        at = self._database.do(lambda database: self._look_up(database, wanted))
        blocks = at // _PLACES
        for number in np.unique(blocks[at >= 0]).tolist():
            rows = np.flatnonzero(blocks == number)
            if not self._is_good(number, wanted[rows], at[rows] % _PLACES):
                at[rows] = -1
        return at

    def complete(self, wanted: Keys, add: Callable[[npt.NDArray[np.bool_]], None]) -> Indices:
        """Return where all of ``wanted`` lies, after ``add(missing)`` has added what was not found.

        What a damaged file loses meanwhile is added again; :class:`CairnError` when that goes on.
        """
        for number in range(TRIES):
            found = self.find(wanted)
            if (missing := found < 0).any() and number == TRIES - 2:
                self._database.set_aside("what was added is not found")
                missing[:] = True
            if not missing.any():
                return found
            add(missing)
        raise CairnError(f"{self.path} gets damaged again and again. Set CAIRN_CACHE to a folder on another disk.")

    def has(self, wanted: Keys) -> npt.NDArray[np.bool_]:
        """Return for each key whether the index has it; nothing is read of the vectors."""
        return self._database.do(lambda database: self._look_up(database, wanted)) >= 0

    def _look_up(self, database: sqlite3.Connection, wanted: Keys) -> Indices:
        at = np.full(len(wanted), -1, np.int64)
        for row in np.argsort(wanted, kind="stable").tolist():
            found = database.execute(_PLACE, [wanted[row].tobytes()]).fetchone()
            if found is not None and _is_place(found):
                at[row] = found[0] * _PLACES + found[1]
        return at

    def _is_good(self, number: int, wanted: Keys, places: Indices) -> bool:
        """Return whether a block is whole and has the wanted keys at these places; drop it when it is not."""
        block = self._database.do(lambda database: _read(database, number))
        if block is not None and places.max() < len(block.keys) and (block.keys[places] == wanted).all():
            return True
        say(f"{self.path}: block {number} is damaged. It was dropped, and its texts are encoded again.")
        self._database.do(lambda database: _drop(database, number))
        return False

    def entries(self, at: Indices) -> Iterator[tuple[int, Floats]]:
        """Yield the position in ``at`` and the vectors of each entry that :meth:`find` located, block by block."""
        blocks = at // _PLACES
        order = np.argsort(blocks, kind="stable")
        for rows in np.split(order, np.flatnonzero(np.diff(blocks[order])) + 1) if len(order) else ():
            block = self._block(int(blocks[rows[0]]))
            for row in rows.tolist():
                yield row, block.entry(int(at[row] % _PLACES))

    def gather(self, at: Indices, out: Floats) -> None:
        """Write fixed-length entries ``at`` into ``out`` ``(n, d)``; each block is read once."""
        blocks = at // _PLACES
        for number in np.unique(blocks).tolist():
            rows = np.flatnonzero(blocks == number)
            out[rows] = self._block(number).vectors[at[rows] % _PLACES]

    def width(self, at: int) -> int:
        """Return the length of the vectors of the entry ``at``."""
        return int(self._block(int(at // _PLACES)).vectors.shape[1])

    def _block(self, number: int) -> _Block:
        block = self._database.do(lambda database: _read(database, number))
        if block is None:
            raise CairnError(
                f"{self.path}: block {number} was damaged while it was in use. Run the same command again."
            )
        return block

    def add(self, new: Keys, vectors: Floats, offsets: Indices | None = None) -> None:
        """Keep ``vectors``: all of them or, after a kill, none."""
        bounds = np.arange(len(new) + 1) if offsets is None else offsets
        values = np.ascontiguousarray(vectors, np.float16)
        cuts = _cuts(bounds, BLOCK_BYTES // max(1, values.shape[1] * 2))

        def write(database: sqlite3.Connection) -> None:
            for start, stop in cuts:
                own = None if offsets is None else offsets[start : stop + 1] - offsets[start]
                _write(database, new[start:stop], values[bounds[start] : bounds[stop]], own)

        self._database.do(write)


@lru_cache
def _mention(older: Path) -> None:
    if older.is_dir():
        say(f"{older} holds vectors of an older Cairn, which are not read. Delete it to free the space.")


def _cuts(bounds: Indices, most: int) -> list[tuple[int, int]]:
    """Return runs of contents, in order, of at most ``most`` vectors each, or of one content.

    >>> _cuts(np.array([0, 2, 4, 9, 10]), 4)
    [(0, 2), (2, 3), (3, 4)]
    """
    found, start = [], 0
    while start < len(bounds) - 1:
        stop = max(start + 1, int(np.searchsorted(bounds, bounds[start] + most, "right")) - 1)
        found.append((start, stop))
        start = stop
    return found


def _write(database: sqlite3.Connection, new: Keys, vectors: Floats, offsets: Indices | None) -> None:
    parts = [new.tobytes(), b"" if offsets is None else offsets.tobytes(), vectors.tobytes()]
    width = vectors.shape[1]
    number = database.execute(
        "insert into blocks (width, keys, offsets, vectors, checksum) values (?, ?, ?, ?, ?)",
        [width, *parts, _checksum(width, *parts)],
    ).lastrowid
    entries = [(key.tobytes(), number, place) for place, key in enumerate(new)]
    database.executemany("insert or replace into entries values (?, ?, ?)", sorted(entries))


def _read(database: sqlite3.Connection, number: int) -> _Block | None:
    """Return a block, ``None`` when it is gone or not as it was written."""
    row = database.execute("select width, keys, offsets, vectors, checksum from blocks where number = ?", [number])
    found = row.fetchone()
    if found is None or _checksum(*found[:4]) != found[4]:
        return None
    width, names, offsets, vectors, _ = found
    return _Block(
        np.frombuffer(names, "S32"),
        np.frombuffer(vectors, np.float16).reshape(-1, width),
        np.frombuffer(offsets, np.int64) if offsets else None,
    )


def _is_place(found: tuple[Any, ...]) -> bool:
    """Return whether a block and a place were read: a damaged index may hold anything."""
    return all(isinstance(number, int) and 0 <= number < 1 << 31 for number in found)


def _drop(database: sqlite3.Connection, number: int) -> None:
    database.execute("delete from entries where block = ?", [number])
    database.execute("delete from blocks where number = ?", [number])


def _checksum(width: Any, *parts: Any) -> bytes:
    digest = xxhash.xxh3_128(f"{width}".encode())
    for part in parts:
        value = part if isinstance(part, bytes) else repr(part).encode()
        digest.update(f"{len(value)}:".encode())
        digest.update(value)
    return digest.digest()


@dataclass(frozen=True)
class Ragged:
    """Several vectors per row (one per word): row ``i`` has those of entry ``entry[i]``; equal rows share an entry."""

    values: Floats
    """``(all vectors, d)`` float16, memory-mapped."""
    offsets: Indices
    """``(entries + 1,)``: entry ``e`` has ``values[offsets[e]:offsets[e + 1]]``."""
    entry: Indices
    """``(n,)``."""

    def __getitem__(self, row: int) -> Floats:
        """Return the vectors of one row, ``(words, d)``."""
        entry = self.entry[row]
        return self.values[self.offsets[entry] : self.offsets[entry + 1]]

    def save(self, folder: Path) -> Ragged:
        """Write offsets and entries beside ``values.npy``; returns itself."""
        np.save(folder / "offsets.npy", self.offsets)
        np.save(folder / "entry.npy", self.entry)
        return self

    @classmethod
    def load(cls, folder: Path) -> Ragged:
        """Return what lies in ``folder``, values memory-mapped."""
        return cls(*(files.open_array(folder / f"{name}.npy") for name in ("values", "offsets", "entry")))


def new_array(path: Path | None, rows: int, width: int) -> Floats:
    """Return a float16 array ``(rows, width)`` to fill: in memory, or in the new ``.npy`` file ``path``.

    Raises :class:`OSError` when the disk has no room for the file.
    """
    if path is None or rows * width == 0:
        array: Floats = np.empty((rows, width), np.float16)
        if path is not None:
            np.save(path, array)
        return array
    path.parent.mkdir(parents=True, exist_ok=True)
    mapped: Floats = np.lib.format.open_memmap(path, "w+", np.float16, (rows, width))
    files.reserve(path)
    return mapped
