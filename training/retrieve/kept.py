"""Sentence vectors that outlive a process: a text is encoded once for all tasks, splits, seeds and settings of search.

They lie in the vector cache (:mod:`curation.embed.cache`) under a hash of the encoder's weights, its configuration and
tokenizer, ``max_length`` and ``pooling``; a text's key names the layer too. What is kept is float16: the vector at
length 1, and its length as the bits of a float32 in two more numbers, so that both similarities can be had of it and
no state is too large for float16.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from curation.core import files
from curation.core.locks import locked
from curation.embed.cache import Indices, VectorCache, keys
from curation.search import exact
from training.model import devices
from training.model.encoder import MARKER
from training.retrieve.search import Floats

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from curation.core.paths import Start
    from training.model.encoder import Encoder
    from training.retrieve import Params

Halves = npt.NDArray[np.float16]
LENGTH = 2
"""Numbers behind a kept vector that hold its length."""
SECONDS = 20.0
"""Work after which vectors are kept: a killed run loses that much and one batch."""
DAYS = 14
"""Vectors of an encoder that one run alone has go with that run; left by a killed one, after so many days."""
_KIND = "sentences"
_AT_ONCE = 1 << 16
"""Vectors that are copied at a time."""


def pack(vectors: Floats) -> Halves:
    """Return float32 vectors ``(..., width)`` as they are kept, ``(..., width + 2)`` float16.

    A number changes by 2.5e-4 of the longest possible one at most (half a unit in the last place of 0.5 to 1).
    """
    length = np.linalg.norm(vectors, axis=-1, keepdims=True).astype(np.float32)
    unit = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return np.concatenate([unit.astype(np.float16), length.view(np.float16)], axis=-1)


def unpack(kept: Halves, *, cosine: bool) -> Floats:
    """Return kept vectors ``(n, width + 2)`` as float32 ``(n, width)``, of length 1 for ``cosine``, else of their own.

    >>> unpack(pack(np.array([[3.0, 4.0]], dtype=np.float32)), cosine=False).round(2).tolist()
    [[3.0, 4.0]]
    """
    unit = exact.unit(kept[:, :-LENGTH])
    if cosine:
        return unit
    length = np.ascontiguousarray(kept[:, -LENGTH:]).view(np.float32)
    unit *= length
    return unit


@contextmanager
def vectors(encoder: Encoder, section: Params, start: Start, task: str) -> Iterator[VectorCache]:
    """Yield the cache of an encoder's vectors.

    Those of ``pretrained`` stay, since all seeds and arms start from one encoder. An intermediate training leaves an
    encoder that only its own run has: its vectors are kept apart by task, and go when the task is scored. Another clone
    may score the same encoder at the same time: it waits, since what is read must not go meanwhile.
    """
    lasting = start == "pretrained"
    cache = VectorCache(name(encoder, section) + ("" if lasting else f"-{task}"))
    apart = nullcontext() if lasting or not devices.main() else locked(_run(cache.path), "scores this encoder")
    with apart:
        yield cache
        if not lasting and devices.main():
            cache.path.unlink(missing_ok=True)
    if devices.main():
        for old in cache.path.parent.glob(f"{_KIND}_*-*.sqlite"):
            if time.time() - old.stat().st_mtime > DAYS * 86400:
                old.unlink(missing_ok=True)


def _run(path: Path) -> Path:
    """Return the lock of the run that a cache belongs to; the cache has another, for itself."""
    return path.with_name(f"{path.name}.run")


def name(encoder: Encoder, section: Params) -> str:
    """Return the name of the cache of an encoder and of the settings that its vectors depend on."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted(encoder.folder.glob("*.json")):
        if file.name != MARKER:
            digest.update(f"{file.name}:{files.sha256(file)};".encode())
    digest.update(f"{encoder.origin['weights_sha256']};{section.max_length};{section.pooling}".encode())
    return f"{_KIND}_{digest.hexdigest()}"


def find(cache: VectorCache, texts: Sequence[str], layers: Sequence[int]) -> Indices:
    """Return where each text's vectors lie, ``(layers, texts)``, -1 throughout for a text that lacks one of them."""
    wanted = keys((str(layer), text) for layer in layers for text in texts)
    found = cache.find(wanted).reshape(len(layers), len(texts))
    found[:, (found < 0).any(axis=0)] = -1
    return found


def add(cache: VectorCache, texts: Sequence[str], layers: Sequence[int], found: Halves) -> None:
    """Keep the vectors of ``texts``, ``(layers, texts, width + 2)``."""
    for layer, rows in zip(layers, found, strict=True):
        cache.add(keys((str(layer), text) for text in texts), rows)


def read(cache: VectorCache, at: Indices, places: Indices, out: Halves) -> None:
    """Write the vectors that lie ``at`` ``(layers, n)`` into ``out`` ``(layers, texts, width + 2)`` at ``places``."""
    for own, rows in zip(at, out, strict=True):
        order = np.argsort(own, kind="stable")
        for begin in range(0, len(order), _AT_ONCE):
            some = order[begin : begin + _AT_ONCE]
            held = np.empty((len(some), out.shape[2]), np.float16)
            cache.gather(own[some], held)
            rows[places[some]] = held
