"""A frozen sentence encoder behind the vector cache: texts in, float16 vectors out, model loaded when needed.

What holds of the bytes: the same texts with an empty cache, or with one that holds whole shards of theirs (a killed run
that goes on), give the same bytes on one machine. A cache that grew from *other* texts need not: the batches of what
is missing then have other shapes, matrix products add up in another order, and a quarter of the vectors may differ by
one or two units in the last place of float16 (at most 1.2e-4). ``CAIRN_CACHE`` naming an empty folder gives the bytes
of a first run.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from curation.core import engine, files, models
from curation.core.errors import CairnError
from curation.core.progress import bar, say
from curation.embed import Precision, matching
from curation.embed.cache import Floats, Indices, Keys, Ragged, VectorCache, keys, new_array
from curation.embed.pairs import Work, link, make

SHARD = 4096
"""Contents whose batches are formed together, at most."""
SHARD_CHARACTERS = 1_000_000
"""Characters per shard, about: token vectors of a whole shard are in memory, 1.5 kB each for MiniLM."""
MATCHED = 64
"""Pairs whose words are matched at a time."""
SHARD_PAIRS = 512
"""Pairs per shard, at most: what a killed run does again."""
SHARD_PAIR_CHARACTERS = 30_000
"""Characters per shard of pairs, about: some 8,000 tokens, seconds of work for an encoder that a CPU is used for."""
TOKENS = {("cpu", "float32"): 768, ("cpu", "bfloat16"): 2048, ("cuda", "float32"): 16_384, ("cuda", "bfloat16"): 32_768}
"""Tokens of a forward pass, padding counted: on a CPU what stays in a core's cache (in bfloat16 also what feeds its
matrix unit), on a GPU what fills it."""
SECONDS = 20.0
"""Work after which vectors are kept: a killed run loses that much and one batch."""

Content = tuple[str, ...]
Compute = Callable[[Sequence[Content]], Floats]
"""Returns the vectors of a batch of contents, one after another."""


class Encoder:
    """One model with one set of settings; vectors depend on nothing else, but for the last bits (see above).

    Raises :class:`CairnError` for a model nobody has, or one without weights.
    """

    def __init__(
        self, model: str, revision: str | None, batch_size: int, max_length: int, precision: Precision = "auto"
    ):
        self.source = models.model(model, revision)
        if self.source.sha256 is None:
            raise CairnError(f"params.yaml: embed.model: {model} has no weights (*.safetensors). Name one that has.")
        self.batch_size, self.max_length, self.asked = batch_size, max_length, precision
        self._given = (model, revision, batch_size, max_length, precision)

    def __reduce__(self) -> Any:
        """Be sent as what it was made from: a worker loads the model once, and keeps it."""
        return _again, self._given

    @cached_property
    def name(self) -> str:
        """Name of the cache: changes with weights, configuration, length limit and precision, not with batch size."""
        digest = hashlib.blake2b(digest_size=8)
        for file in sorted(Path(self.source.path).rglob("[!.]*.json")):
            digest.update(f"{file.relative_to(self.source.path)}:{files.sha256(file)};".encode())
        digest.update(f"{self.source.sha256};{self.max_length};{self.precision};{matching.VERSION}".encode())
        return digest.hexdigest()

    @cached_property
    def width(self) -> int:
        """Length of a vector; the model is loaded only where its configuration does not say."""
        for file in sorted(Path(self.source.path).rglob("config.json")):
            size = files.read_json(file).get("hidden_size")
            if isinstance(size, int):
                return size
        return int(self.model.get_sentence_embedding_dimension())

    @cached_property
    def device(self) -> str:
        """``cuda`` when there is one, else ``cpu``."""
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"

    @cached_property
    def precision(self) -> str:
        """``bfloat16`` or ``float32``: what ``embed.precision`` comes to on this machine."""
        import torch

        if self.asked == "auto":
            fast = self.device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
            return "bfloat16" if fast else "float32"
        if self.asked == "bf16" and self.device == "cpu" and not _has_bf16():
            say("embed.precision is bf16, but this CPU computes bfloat16 in software: fp32 is faster here.")
        return "bfloat16" if self.asked == "bf16" else "float32"

    @cached_property
    def model(self) -> Any:
        """The sentence-transformers model, in evaluation mode; a plain encoder gets mean pooling."""
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        dtype = getattr(torch, self.precision)
        model = SentenceTransformer(
            self.source.path, device=self.device, local_files_only=True, model_kwargs={"dtype": dtype}
        )
        model.max_seq_length = min(self.max_length, model.max_seq_length or self.max_length)
        return model.eval()

    def encode(self, texts: Sequence[str], into: Path | None = None) -> Floats:
        """Return one L2-normalised vector per text, float16 ``(n, d)``; ``into`` = a new ``.npy`` file to hold them."""
        return self._fixed("text", [(text,) for text in texts], self._sentences, into)

    def match(self, pairs: Sequence[tuple[str, str]], into: Path) -> None:
        """Make the ``.npy`` file ``into``: how the words of each pair match, float16 ``(n, features)``.

        See :func:`matching.match`. The texts' own vectors come from the same pass and are cached.
        """
        cache, wanted = VectorCache(f"{self.name}-text"), keys(pairs)
        shards = list(_shards(pairs, wanted, SHARD_PAIRS, SHARD_PAIR_CHARACTERS))
        with bar(len(np.unique(wanted)), "embed match", "pair") as progress:

            def computed(some: Iterable[Indices]) -> Iterator[Floats]:
                for found, names, sentences in engine.each(self._matches, ([pairs[i] for i in rows] for rows in some)):
                    if (new := ~cache.has(names)).any():
                        cache.add(names[new], sentences[new])
                    yield found

            work = Work(wanted, shards, computed, progress.update)
            link(make(f"{self.name}-pairs", work), into)

    def words(self, texts: Sequence[Content], folder: Path) -> Ragged:
        """Write the vectors of the words of every text to ``folder``, each distinct text once, and return them."""
        wanted = keys(texts)
        _, first, entry = np.unique(wanted, return_index=True, return_inverse=True)
        cache, found = self._fill("words", texts, wanted, self._words)
        offsets = np.concatenate([[0], np.cumsum([len(texts[i]) for i in first])]).astype(np.int64)
        values = new_array(folder / "values.npy", int(offsets[-1]), cache.width(found[0]) if len(wanted) else 0)
        for number, vectors in cache.entries(found[first]):
            values[offsets[number] : offsets[number + 1]] = vectors
        return Ragged(values, offsets, entry.astype(np.int64)).save(folder)

    def _batches(self, contents: Sequence[Content], rows: Indices) -> Iterator[Indices]:
        """Yield ``rows`` of ``contents`` in batches: those of as many tokens together, :data:`TOKENS` at most.

        Cut from the front, so that when the first batches are done already, the others are still the same.
        """
        if not len(rows):
            return
        lengths = matching.lengths(self.model, [contents[i] for i in rows])
        order = np.argsort(lengths, kind="stable")
        rows, lengths = rows[order], lengths[order]
        start, most = 0, TOKENS[self.device, self.precision]
        while start < len(rows):
            reach = lengths[start : start + self.batch_size]
            fits = int((reach * np.arange(1, len(reach) + 1) <= most).sum())  # both grow: the first so many
            yield rows[start : start + max(1, fits)]
            start += max(1, fits)

    def _sentences(self, contents: Sequence[Content]) -> Floats:
        return matching.sentences(self.model, [text for (text,) in contents])

    def _words(self, contents: Sequence[Content]) -> Floats:
        return matching.word_vectors(self.model, contents)

    def _matches(self, pairs: Sequence[Content]) -> tuple[Floats, Keys, Floats]:
        """Return how the words of a shard's pairs match, and the keys and vectors of its texts."""
        texts = [(text,) for text in sorted({text for pair in pairs for text in pair})]
        sentences: Floats = np.empty((len(texts), self.width), np.float32)
        tokens: dict[str, Any] = {}
        for rows in self._batches(texts, np.arange(len(texts))):
            batch = [texts[i][0] for i in rows]
            sentences[rows], states = matching.read(self.model, batch)
            tokens.update(zip(batch, states, strict=True))
        found = [matching.match(pairs[at : at + MATCHED], tokens) for at in range(0, len(pairs), MATCHED)]
        return np.concatenate(found), keys(texts), sentences

    def _fixed(self, what: str, contents: Sequence[Content], compute: Compute, into: Path | None) -> Floats:
        cache, found = self._fill(what, contents, keys(contents), compute)
        out = new_array(into, len(found), cache.width(found[0]) if len(found) else 0)
        cache.gather(found, out)
        return out

    def _fill(
        self, what: str, contents: Sequence[Content], wanted: Keys, compute: Compute
    ) -> tuple[VectorCache, Indices]:
        """Return the cache with all of ``contents`` in it, and where they lie there."""
        cache = VectorCache(f"{self.name}-{what}")
        return cache, cache.complete(wanted, lambda missing: self._add(what, contents, wanted, missing, cache, compute))

    def _add(
        self, what: str, contents: Sequence[Content], wanted: Keys, missing: Any, cache: VectorCache, compute: Compute
    ) -> None:
        """Encode the missing contents, keeping them as it goes."""
        pending: list[tuple[Indices, Floats]] = []
        clock = time.monotonic()
        with bar(len(np.unique(wanted[missing])), f"embed {what}", "text") as progress:
            shards = [shard[missing[shard]] for shard in _shards(contents, wanted, SHARD, SHARD_CHARACTERS)]
            ends = set(np.cumsum([len(shard) for shard in shards]).tolist())
            batches, sent = itertools.tee(rows for shard in shards for rows in self._batches(contents, shard))
            done = 0
            found = engine.each(compute, ([contents[i] for i in rows] for rows in sent))
            for rows, vectors in zip(batches, found, strict=True):
                pending.append((rows, vectors))
                done += len(rows)
                progress.update(len(rows))
                if done in ends or time.monotonic() - clock >= SECONDS:
                    _keep(cache, contents, wanted, pending, what == "words")
                    clock = time.monotonic()


def _has_bf16() -> bool:
    """Return whether this CPU multiplies matrices in bfloat16 by instructions of its own."""
    import torch

    cpu: Any = torch.cpu
    return bool(cpu._is_amx_tile_supported() or cpu._is_avx512_bf16_supported())


@lru_cache(maxsize=1)
def _again(*given: Any) -> Encoder:
    """Return an encoder that was sent to this process, the same one every time."""
    return Encoder(*given)


def _keep(
    cache: VectorCache, contents: Sequence[Content], wanted: Keys, pending: list[tuple[Indices, Floats]], ragged: bool
) -> None:
    """Move what is pending into the cache; ``ragged``: a content has a vector per word."""
    if not pending:
        return
    rows = np.concatenate([rows for rows, _ in pending])
    offsets = np.concatenate([[0], np.cumsum([len(contents[i]) for i in rows])]) if ragged else None
    cache.add(wanted[rows], np.concatenate([vectors for _, vectors in pending]), offsets)
    pending.clear()


def _shards(contents: Sequence[Content], wanted: Keys, most: int, letters: int) -> Iterator[Indices]:
    """Yield which rows to encode together: each distinct content once, those of like length in one batch.

    Shards are cut from *all* contents, whatever is in the cache already, so that a killed run which continues forms the
    batches it would have formed, and gives the same bytes.
    """
    _, first = np.unique(wanted, return_index=True)
    order = np.array(sorted(first.tolist(), key=lambda i: [(len(part), part) for part in contents[i]]), np.int64)
    characters = np.cumsum([sum(map(len, contents[i])) for i in order])
    start = 0
    while start < len(order):
        before = characters[start - 1] if start else 0
        full = int(np.searchsorted(characters, before + letters))
        stop = min(max(full, start + 1), start + most)
        yield order[start:stop]
        start = stop
