"""A frozen sentence encoder behind the vector cache: texts in, float16 vectors out, model loaded when needed.

What holds of the bytes: the same texts with an empty cache, or with one that holds whole shards of theirs (a killed run
that goes on), give the same bytes on one machine. A cache that grew from *other* texts need not: the batches of what
is missing then have other shapes, matrix products add up in another order, and a quarter of the vectors may differ by
one or two units in the last place of float16 (at most 1.2e-4). ``CAIRN_CACHE`` naming an empty folder gives the bytes
of a first run.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from curation.core import files, models
from curation.core.errors import CairnError
from curation.core.progress import bar
from curation.embed import matching as words
from curation.embed.cache import Floats, Indices, Keys, Ragged, VectorCache, keys, new_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SHARD = 4096
"""Contents per cache shard at most: what a killed run can lose."""
SHARD_CHARACTERS = 1_000_000
"""Characters per cache shard, about: token vectors of a whole shard are in memory, 1.5 kB each for MiniLM."""

Content = tuple[str, ...]


class Compute(Protocol):
    """Encodes the contents of one shard: vectors, and offsets where one content has several vectors."""

    def __call__(self, contents: Sequence[Content], advance: Callable[[int], Any]) -> tuple[Floats, Indices | None]:
        """Return the vectors of ``contents``; calls ``advance`` with how many more are done."""


class Encoder:
    """One model with one set of settings; vectors depend on nothing else, but for the last bits (see above).

    Raises :class:`CairnError` for a model nobody has, or one without weights.
    """

    def __init__(self, model: str, revision: str | None, batch_size: int, max_length: int):
        self.source = models.model(model, revision)
        if self.source.sha256 is None:
            raise CairnError(f"params.yaml: embed.model: {model} has no weights (*.safetensors). Name one that has.")
        self.batch_size, self.max_length = batch_size, max_length

    @cached_property
    def name(self) -> str:
        """Name of the cache: changes with weights, configuration, length limit and precision, not with batch size."""
        digest = hashlib.blake2b(digest_size=8)
        for file in sorted(Path(self.source.path).rglob("*.json")):
            digest.update(f"{file.relative_to(self.source.path)}:{files.sha256(file)};".encode())
        digest.update(f"{self.source.sha256};{self.max_length};{self.precision};{words.VERSION}".encode())
        return digest.hexdigest()

    @cached_property
    def device(self) -> str:
        """``cuda`` when there is one, else ``cpu``."""
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"

    @property
    def precision(self) -> str:
        """``bfloat16`` on a GPU, ``float32`` on a CPU."""
        return "bfloat16" if self.device == "cuda" else "float32"

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

    def match(self, pairs: Sequence[tuple[str, str]], into: Path | None = None) -> Floats:
        """Return how the words of each pair match, float16 ``(n, features)``: see :func:`words.match`."""
        return self._fixed("match", pairs, self._matches, into)

    def words(self, texts: Sequence[Content], folder: Path) -> Ragged:
        """Write the vectors of the words of every text to ``folder``, each distinct text once, and return them."""
        wanted = keys(texts)
        _, first, entry = np.unique(wanted, return_index=True, return_inverse=True)
        cache, found = self._fill("words", texts, wanted, self._words)
        offsets = np.concatenate([[0], np.cumsum([len(texts[i]) for i in first])]).astype(np.int64)
        values = new_array(folder / "values.npy", int(offsets[-1]), cache.get(found[0]).shape[-1] if len(wanted) else 0)
        for number, row in enumerate(first):
            values[offsets[number] : offsets[number + 1]] = cache.get(found[row])
        return Ragged(values, offsets, entry.astype(np.int64)).save(folder)

    def _batches(self, contents: Sequence[Any], advance: Callable[[int], Any]) -> Iterator[Sequence[Any]]:
        for start in range(0, len(contents), self.batch_size):
            batch = contents[start : start + self.batch_size]
            yield batch
            advance(len(batch))

    def _sentences(self, contents: Sequence[Content], advance: Callable[[int], Any]) -> tuple[Floats, None]:
        done = []
        for batch in self._batches(contents, advance):
            texts = [text for (text,) in batch]
            vectors = self.model.encode(
                texts,
                batch_size=self.batch_size,
                normalize_embeddings=True,
                convert_to_tensor=True,
                show_progress_bar=False,
            )
            done.append(vectors.float().cpu().numpy())
        return np.concatenate(done), None

    def _matches(self, contents: Sequence[Content], advance: Callable[[int], Any]) -> tuple[Floats, None]:
        """Match the words of a shard's pairs; the texts' own vectors come from the same pass and are cached too."""
        texts = sorted({text for pair in contents for text in pair}, key=lambda text: (len(text), text))
        sentences: list[Floats] = []
        tokens: dict[str, Any] = {}
        for batch in self._batches(texts, lambda _: None):
            vectors, states = words.read(self.model, batch)
            sentences.append(vectors)
            tokens.update(zip(batch, states, strict=True))
        self._keep_sentences(texts, np.concatenate(sentences))
        done = [words.match(batch, tokens) for batch in self._batches(contents, advance)]
        return np.concatenate(done), None

    def _keep_sentences(self, texts: Sequence[str], vectors: Floats) -> None:
        cache, names = VectorCache(f"{self.name}-text"), keys([(text,) for text in texts])
        new = cache.find(names) < 0
        if new.any():
            cache.add(names[new], vectors[new])

    def _words(self, contents: Sequence[Content], advance: Callable[[int], Any]) -> tuple[Floats, Indices]:
        done = [words.word_vectors(self.model, batch) for batch in self._batches(contents, advance)]
        offsets = np.concatenate([[0], np.cumsum([len(content) for content in contents])])
        return np.concatenate(done), offsets.astype(np.int64)

    def _fixed(self, what: str, contents: Sequence[Content], compute: Compute, into: Path | None) -> Floats:
        wanted = keys(contents)
        cache, found = self._fill(what, contents, wanted, compute)
        out = new_array(into, len(wanted), cache.get(found[0]).shape[-1] if len(wanted) else 0)
        cache.gather(found, out)
        return out

    def _fill(
        self, what: str, contents: Sequence[Content], wanted: Keys, compute: Compute
    ) -> tuple[VectorCache, Indices]:
        """Return the cache with all of ``contents`` in it, and where they lie there."""
        cache = VectorCache(f"{self.name}-{what}")
        found = cache.find(wanted)
        missing = np.unique(wanted[found < 0])
        if not len(missing):
            return cache, found
        with bar(len(missing), f"embed {what}", "text") as progress:
            for shard in self._shards(contents, wanted, found):
                vectors, offsets = compute([contents[i] for i in shard], progress.update)
                cache.add(wanted[shard], vectors, offsets)
        cache = VectorCache(f"{self.name}-{what}")
        return cache, cache.find(wanted)

    def _shards(self, contents: Sequence[Content], wanted: Keys, found: Indices) -> Iterator[Indices]:
        """Yield which rows to encode together: each distinct content once, those of like length in one batch.

        Shards are cut from *all* contents before those in the cache are left out, so that a killed run which continues
        forms the batches it would have formed, and gives the same bytes.
        """
        _, first = np.unique(wanted, return_index=True)
        order = np.array(sorted(first, key=lambda i: [(len(part), part) for part in contents[i]]))
        characters = np.cumsum([sum(map(len, contents[i])) for i in order])
        start = 0
        while start < len(order):
            before = characters[start - 1] if start else 0
            full = int(np.searchsorted(characters, before + SHARD_CHARACTERS))
            stop = min(max(full, start + 1), start + SHARD)
            shard = order[start:stop]
            start = stop
            if len(shard := shard[found[shard] < 0]):
                yield shard
