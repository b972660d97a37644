"""Sentence vectors of one encoder at one layer or several, from one pass over the sentences."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core import progress
from curation.core.errors import CairnError
from curation.search import exact
from training.model import devices, predict
from training.retrieve import search as retrieval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from training.model.encoder import Encoder
    from training.retrieve import Params
    from training.retrieve.pools import Pool, Side
    from training.retrieve.search import Floats


@dataclass(frozen=True)
class Vectors:
    """Sentence vectors of one layer."""

    place: Mapping[str, int]
    """String to its row."""
    rows: Floats
    """(strings, width), in memory or in a file; of length 1 where the similarity is the cosine."""

    def of(self, side: Side) -> Floats:
        """Return the vectors of a side, ``(sentences, width)``, in memory."""
        return self.rows[[self.place[text] for text in side.texts]]


def texts(found: Iterable[Pool]) -> list[str]:
    """Return the strings of some pools, each one once, however many pools it is in."""
    return list(
        dict.fromkeys(text for pool in found for side in (pool.queries, pool.candidates) for text in side.texts)
    )


def encode(encoder: Encoder, sentences: Sequence[str], layers: Sequence[int], section: Params) -> dict[int, Vectors]:
    """Return the vectors of ``sentences`` (each once) at each of ``layers``, from one pass of the encoder.

    A batch is pooled at every layer and forgotten. Vectors that exceed ``memory_mb`` go to a temporary file that has no
    name, so that nothing is left behind; a :class:`CairnError` says when there is no room for it.
    """
    rows: Floats | None = None
    mine: list[Any] = []
    prepare = exact.unit if section.similarity == "cosine" else exact.plain
    batches = predict.hidden_states(encoder, sentences, section.batch_tokens, section.max_length, layers)
    with progress.bar(len(sentences), "encode", "sentence") as bar:
        for positions, states, mask in batches:
            for number, hidden in enumerate(states):
                found = retrieval.pool(hidden, mask, section.pooling).float().cpu().numpy()
                if rows is None:
                    rows = _room((len(layers), len(sentences), found.shape[1]), section.megabytes)
                rows[number, np.asarray(positions)] = prepare(found)
            mine.append(np.asarray(positions))
            bar.update(len(positions))
    if devices.world() > 1:
        rows = _gathered(rows, mine, (len(layers), len(sentences)), section.megabytes)
    if rows is None:
        rows = np.zeros((len(layers), 0, 1), dtype=np.float32)
    place = {text: number for number, text in enumerate(sentences)}
    return {layer: Vectors(place, rows[number]) for number, layer in enumerate(layers)}


def _gathered(rows: Floats | None, mine: Sequence[Any], shape: tuple[int, int], memory_mb: int) -> Floats | None:
    """Return the vectors that all devices made together; ``mine`` are the places of those made here.

    ``shape``: layers and sentences. All of them pass through memory once, on every device.
    """
    places = np.concatenate(mine) if mine else np.zeros(0, np.int64)
    everything = devices.gathered((places, None if rows is None else rows[:, places]))
    made = [(where, values) for where, values in everything if values is not None]
    if not made:
        return None
    whole: Floats = _room((*shape, made[0][1].shape[2]), memory_mb)
    for where, values in made:
        whole[:, where] = values
    return whole


def _room(shape: tuple[int, ...], memory_mb: int) -> Any:
    """Return a float32 array of zeros: in memory, or in an unnamed file when it is larger than ``memory_mb``."""
    size = int(np.prod(shape, dtype=np.int64)) * 4
    if size <= memory_mb * 1e6:
        return np.zeros(shape, dtype=np.float32)
    with tempfile.TemporaryFile() as file:
        try:
            if hasattr(os, "posix_fallocate"):  # else a full disk would kill the process at some later write
                os.posix_fallocate(file.fileno(), 0, size)
            return np.memmap(file, dtype=np.float32, mode="w+", shape=shape)
        except OSError as error:
            raise CairnError(
                f"sentence vectors of {shape[0]} layers take {size / 1e6:.0f} MB: more than params.yaml: retrieve."
                f"memory_mb ({memory_mb}), and {tempfile.gettempdir()} has no room for them ({error.strerror}). Raise "
                "memory_mb, set TMPDIR to a larger disk, or set retrieve.layer to one number."
            ) from None
