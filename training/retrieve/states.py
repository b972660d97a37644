"""Sentence vectors of one encoder at one layer or several, from one pass over the sentences that were never encoded."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core import progress
from curation.core.errors import CairnError
from training.model import devices, predict
from training.retrieve import kept
from training.retrieve import search as retrieval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from curation.embed.cache import Indices, VectorCache
    from training.model.encoder import Encoder
    from training.retrieve import Params
    from training.retrieve.kept import Halves
    from training.retrieve.pools import Pool, Side
    from training.retrieve.search import Floats

_BLOCK = 1024
"""Vectors that become float32 at a time."""


@dataclass(frozen=True)
class Vectors:
    """Sentence vectors of one layer."""

    place: Mapping[str, int]
    """String to its row."""
    rows: Halves
    """(strings, width + 2), as :func:`kept.pack` makes them; in memory or in a file."""
    cosine: bool
    """Are they wanted at length 1?"""

    def of(self, side: Side) -> Floats:
        """Return the vectors of a side, float32 ``(sentences, width)``, in memory."""
        places = np.array([self.place[text] for text in side.texts], dtype=np.int64)
        out: Floats = np.empty((len(places), self.rows.shape[1] - kept.LENGTH), np.float32)
        for at in range(0, len(places), _BLOCK):
            out[at : at + _BLOCK] = kept.unpack(self.rows[places[at : at + _BLOCK]], cosine=self.cosine)
        return out


def texts(found: Iterable[Pool]) -> list[str]:
    """Return the strings of some pools, each one once, however many pools it is in."""
    return list(
        dict.fromkeys(text for pool in found for side in (pool.queries, pool.candidates) for text in side.texts)
    )


def encode(
    encoder: Encoder, sentences: Sequence[str], layers: Sequence[int], section: Params, cache: VectorCache | None = None
) -> dict[int, Vectors]:
    """Return the vectors of ``sentences`` (each once) at each of ``layers``, from one pass of the encoder.

    What ``cache`` holds is read from it, what it lacks is added (:mod:`training.retrieve.kept`); the bytes are the same
    but for those of a text that was encoded among others before: the batch it was in had another shape, and some
    numbers differ by a unit in the last place of float16.

    A batch is pooled at every layer and forgotten. Vectors that exceed ``memory_mb`` go to a temporary file that has no
    name, so that nothing is left behind; a :class:`CairnError` says when there is no room for it.
    """
    at = _found(cache, sentences, layers)
    known, missing = np.flatnonzero(at[0] >= 0), np.flatnonzero(at[0] < 0)
    rows = _room((len(layers), len(sentences), encoder.width + kept.LENGTH), section.megabytes)
    if cache is not None and devices.main() and len(known):
        progress.say(f"{len(known)} of {len(sentences)} sentences were encoded before")
        kept.read(cache, at[:, known], known, rows)
    mine = [known] if devices.main() else []
    new = _New(cache if devices.world() == 1 else None, sentences, layers)
    for places, found in _pooled(encoder, sentences, missing, layers, section):
        rows[:, places] = found
        new.add(places, found)
        mine.append(places)
    new.keep()
    if devices.world() > 1:
        _share(rows, mine)
        if cache is not None and devices.main():
            kept.add(cache, [sentences[i] for i in missing.tolist()], layers, rows[:, missing])
    place, cosine = {text: number for number, text in enumerate(sentences)}, section.similarity == "cosine"
    return {layer: Vectors(place, rows[number], cosine) for number, layer in enumerate(layers)}


def _found(cache: VectorCache | None, sentences: Sequence[str], layers: Sequence[int]) -> Indices:
    """Return where vectors lie in the cache, ``(layers, sentences)``, -1 where they do not; for all devices the same.

    The first device looks: others may be on machines with a cache of their own.
    """
    found = np.full((len(layers), len(sentences)), -1, np.int64)
    if cache is not None and devices.main():
        found = kept.find(cache, sentences, layers)
    first: Indices = devices.gathered(found if devices.main() else None)[0]
    return first


def _pooled(
    encoder: Encoder, sentences: Sequence[str], missing: Indices, layers: Sequence[int], section: Params
) -> Iterator[tuple[Indices, Halves]]:
    """Yield, batch by batch, places of sentences and their vectors ``(layers, b, width + 2)``; this device's share."""
    if not len(missing):
        return
    asked = [sentences[i] for i in missing.tolist()]
    batches = predict.hidden_states(encoder, asked, section.batch_tokens, section.max_length, layers)
    with progress.bar(len(missing), "encode", "sentence") as bar:
        for chosen, states, mask in batches:
            pooled = [retrieval.pool(hidden, mask, section.pooling).float().cpu().numpy() for hidden in states]
            yield missing[chosen], kept.pack(np.stack(pooled))
            bar.update(len(chosen))


class _New:
    """New vectors on their way to the cache, every :data:`kept.SECONDS`; without a cache they go nowhere."""

    def __init__(self, cache: VectorCache | None, sentences: Sequence[str], layers: Sequence[int]):
        self._cache, self._sentences, self._layers = cache, sentences, layers
        self._pending: list[tuple[Indices, Halves]] = []
        self._clock = time.monotonic()

    def add(self, places: Indices, found: Halves) -> None:
        """Take the vectors ``(layers, b, width + 2)`` of the sentences at ``places``."""
        if self._cache is not None:
            self._pending.append((places, found))
            if time.monotonic() - self._clock >= kept.SECONDS:
                self.keep()

    def keep(self) -> None:
        """Write what is pending."""
        if self._cache is not None and self._pending:
            texts = [self._sentences[i] for places, _ in self._pending for i in places.tolist()]
            kept.add(self._cache, texts, self._layers, np.concatenate([found for _, found in self._pending], axis=1))
            self._pending.clear()
            self._clock = time.monotonic()


def _share(rows: Halves, mine: Sequence[Indices]) -> None:
    """Write the vectors that the other devices have into ``rows``; ``mine`` are the places of those made here.

    All of them pass through memory once, on every device.
    """
    places = np.concatenate(mine) if mine else np.zeros(0, np.int64)
    for where, values in devices.gathered((places, rows[:, places])):
        rows[:, where] = values


def _room(shape: tuple[int, ...], memory_mb: int) -> Any:
    """Return a float16 array of zeros: in memory, or in an unnamed file when it is larger than ``memory_mb``."""
    size = int(np.prod(shape, dtype=np.int64)) * 2
    if size <= memory_mb * 1e6:
        return np.zeros(shape, dtype=np.float16)
    with tempfile.TemporaryFile() as file:
        try:
            if hasattr(os, "posix_fallocate"):  # else a full disk would kill the process at some later write
                os.posix_fallocate(file.fileno(), 0, size)
            return np.memmap(file, dtype=np.float16, mode="w+", shape=shape)
        except OSError as error:
            raise CairnError(
                f"sentence vectors of {shape[0]} layers take {size / 1e6:.0f} MB: more than params.yaml: retrieve."
                f"memory_mb ({memory_mb}), and {tempfile.gettempdir()} has no room for them ({error.strerror}). Raise "
                "memory_mb, set TMPDIR to a larger disk, or set retrieve.layer to one number."
            ) from None
