"""A cache of vectors by content: what was encoded once is never encoded again, whatever happens to run or subset.

One folder per encoder and settings holds shards: ``<name>.npy`` (float16 vectors, memory-mapped) and
``<name>.keys.npy`` (a hash per content). A shard counts only when its keys are there, and both files are renamed into
place whole, so that a killed run leaves nothing half-written. Where one content has several vectors (one per word),
a third file says where each content's begin.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.core import files
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Floats = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.int64]
Keys = npt.NDArray[np.bytes_]


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


class VectorCache:
    """The shards of one encoder with one set of settings."""

    def __init__(self, encoder: str):
        self.folder = files.cache_folder("vectors") / encoder
        self.folder.mkdir(exist_ok=True)
        self._shards: list[tuple[Floats, Indices | None]] = []
        known, shard, place = [np.empty(0, "S32")], [np.empty(0, np.int32)], [np.empty(0, np.int64)]
        for file in sorted(self.folder.glob("*.keys.npy")):
            stored = np.load(file)
            known.append(stored)
            shard.append(np.full(len(stored), len(self._shards), np.int32))
            place.append(np.arange(len(stored), dtype=np.int64))
            self._shards.append(self._open(file.name.removesuffix(".keys.npy")))
        order = np.argsort(np.concatenate(known), kind="stable")
        self._known = np.concatenate(known)[order]
        self._shard = np.concatenate(shard)[order]
        self._place = np.concatenate(place)[order]

    def _open(self, name: str) -> tuple[Floats, Indices | None]:
        offsets = self.folder / f"{name}.offsets.npy"
        return np.load(self.folder / f"{name}.npy", mmap_mode="r"), np.load(offsets) if offsets.exists() else None

    def find(self, wanted: Keys) -> Indices:
        """Return for each key where it lies (an index to give to :meth:`get`), -1 when it is not there."""
        at = np.searchsorted(self._known, wanted)
        hit = at < len(self._known)
        hit[hit] = self._known[at[hit]] == wanted[hit]
        return np.where(hit, at, -1)

    def get(self, at: int) -> Floats:
        """Return the entry that :meth:`find` located: ``(d,)``, or ``(words, d)`` for variable-length entries."""
        vectors, offsets = self._shards[self._shard[at]]
        place = self._place[at]
        found: Floats = vectors[place] if offsets is None else vectors[offsets[place] : offsets[place + 1]]
        return found

    def gather(self, at: Indices, out: Floats) -> None:
        """Write fixed-length entries ``at`` into ``out`` ``(n, d)``, shard by shard: each file is read once."""
        shards = self._shard[at]
        for number in np.unique(shards):
            rows = np.flatnonzero(shards == number)
            out[rows] = self._shards[number][0][self._place[at[rows]]]

    def add(self, new: Keys, vectors: Floats, offsets: Indices | None = None) -> None:
        """Write one shard; the next :class:`VectorCache` finds it. Keys go last: they make the shard count."""
        name = hashlib.blake2b(new.tobytes(), digest_size=8).hexdigest()
        _save(self.folder / f"{name}.npy", vectors.astype(np.float16))
        if offsets is not None:
            _save(self.folder / f"{name}.offsets.npy", offsets)
        _save(self.folder / f"{name}.keys.npy", new)


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
        return cls(*(open_array(folder / f"{name}.npy") for name in ("values", "offsets", "entry")))


def open_array(path: Path) -> Any:
    """Return a memory-mapped array; raise :class:`CairnError` when the file is missing or broken."""
    try:
        return np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        raise CairnError(f"{path} cannot be read ({error}). Run `dvc repro` to make it again.") from None


def new_array(path: Path | None, rows: int, width: int) -> Floats:
    """Return a float16 array ``(rows, width)`` to fill: in memory, or in the new ``.npy`` file ``path``."""
    if path is None or rows * width == 0:
        array: Floats = np.empty((rows, width), np.float16)
        if path is not None:
            np.save(path, array)
        return array
    path.parent.mkdir(parents=True, exist_ok=True)
    mapped: Floats = np.lib.format.open_memmap(path, "w+", np.float16, (rows, width))
    return mapped


def _save(path: Path, array: npt.NDArray[Any]) -> None:
    with files.replacing(path) as aside, aside.open("wb") as handle:
        np.save(handle, array)
