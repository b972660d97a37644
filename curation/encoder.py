"""A frozen sentence encoder behind the vector cache: texts in, float16 vectors out, model loaded when needed."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from curation import files, sources, token_vectors
from curation.errors import CairnError
from curation.progress import bar
from curation.vector_cache import Floats, Indices, Keys, Ragged, VectorCache, keys, new_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SHARD = 4096
"""Contents per cache shard: what a killed run can lose."""

Content = tuple[str, ...]


class Compute(Protocol):
    """Encodes contents of similar length: vectors, and offsets where one content has several vectors."""

    def __call__(self, contents: Sequence[Content]) -> tuple[Floats, Indices | None]:
        """Return the vectors of ``contents`` and, for several per content, where each content's begin."""


class Encoder:
    """One model with one set of settings; vectors depend on nothing else.

    Raises :class:`CairnError` for a model nobody has, or one without weights.
    """

    def __init__(self, model: str, revision: str | None, batch_size: int, max_length: int):
        self.source = sources.model(model, revision)
        if self.source.sha256 is None:
            raise CairnError(f"params.yaml: embed.model: {model} has no weights (*.safetensors). Name one that has.")
        self.batch_size, self.max_length = batch_size, max_length

    @cached_property
    def name(self) -> str:
        """Name of the cache: changes with weights, configuration, length limit and precision, not with batch size."""
        digest = hashlib.blake2b(digest_size=8)
        for file in sorted(Path(self.source.path).rglob("*.json")):
            digest.update(f"{file.relative_to(self.source.path)}:{files.sha256(file)};".encode())
        digest.update(f"{self.source.sha256};{self.max_length};{self.precision};{token_vectors.VERSION}".encode())
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
        """Return how the words of each pair match, float16 ``(n, features)``: see :func:`token_vectors.match`."""
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

    def _sentences(self, contents: Sequence[Content]) -> tuple[Floats, None]:
        vectors = self.model.encode(
            [text for (text,) in contents],
            batch_size=self.batch_size,
            normalize_embeddings=True,
            convert_to_tensor=True,
            show_progress_bar=False,
        )
        return vectors.float().cpu().numpy(), None

    def _matches(self, contents: Sequence[Content]) -> tuple[Floats, None]:
        return self._on_tokens(token_vectors.match, contents), None

    def _words(self, contents: Sequence[Content]) -> tuple[Floats, Indices]:
        vectors, offsets = self._on_tokens(token_vectors.word_vectors, contents)
        return vectors, offsets

    def _on_tokens(self, function: Callable[..., Any], contents: Sequence[Content]) -> Any:
        return function(self.model[0].auto_model, self.model.tokenizer, contents, self.model.max_seq_length)

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
                parts = []
                for start in range(0, len(shard), self.batch_size):
                    batch = shard[start : start + self.batch_size]
                    parts.append(compute([contents[i] for i in batch]))
                    progress.update(len(batch))
                cache.add(wanted[shard], [vectors for vectors, _ in parts], [offsets for _, offsets in parts])
        cache = VectorCache(f"{self.name}-{what}")
        return cache, cache.find(wanted)

    def _shards(self, contents: Sequence[Content], wanted: Keys, found: Indices) -> Iterator[Indices]:
        """Yield which rows to encode together: each distinct content once, those of like length in one batch.

        Shards are cut from *all* contents before those in the cache are left out, so that a killed run which continues
        forms the batches it would have formed, and gives the same bytes.
        """
        _, first = np.unique(wanted, return_index=True)
        order = np.array(sorted(first, key=lambda i: [(len(part), part) for part in contents[i]]))
        for start in range(0, len(order), SHARD):
            shard = order[start : start + SHARD]
            if len(shard := shard[found[shard] < 0]):
                yield shard
