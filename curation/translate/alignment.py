"""Which word became which: alignment of a sentence and its translation by the similarity of their word vectors.

SimAlign (Jalili Sabet et al. 2020, section 3) in batches: words are the means of their sub-tokens in one hidden layer
of a multilingual encoder, similarities are cosines less a distortion term, and two words are aligned when each is the
other's nearest (*argmax*); words left over are aligned in further rounds, where those aligned already count for less
(*itermax*, algorithm 1). No training, any encoder that has seen both languages.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curation.core import models, progress
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Sequence

Links = NDArray[np.int64]
"""Pairs of word numbers (source, target), ``(k, 2)``, sorted."""
Words = tuple[str, ...]
DISTORTION = 1.5
"""How much a cosine loses between words at opposite ends of their sentences."""
ROUNDS = 2
"""Further rounds of itermax; 0 = argmax alone."""
FADE = 0.9
LEAST = 0.0
BRIDGE = 0.3


class Aligner:
    """One multilingual encoder; raises :class:`CairnError` for one that nobody has or that has no weights."""

    def __init__(self, model: str, revision: str | None = None, layer: int | None = None, batch_size: int = 32) -> None:
        self.source = models.model(model, revision)
        if self.source.sha256 is None:
            raise CairnError(f"translate.aligner: {model} has no weights (*.safetensors). Name an encoder that has.")
        self.layer, self.batch_size = layer, batch_size

    @cached_property
    def device(self) -> str:
        """``cuda`` when there is one, else ``cpu``."""
        import torch

        return "cuda" if torch.cuda.is_available() else "cpu"

    @cached_property
    def _parts(self) -> tuple[Any, Any, int]:
        """Tokenizer, model and its hidden layer: two thirds up, where words of two languages are nearest."""
        import torch
        from transformers import AutoModel, AutoTokenizer

        dtype = torch.bfloat16 if self.device == "cuda" else torch.float32
        tokenizer = AutoTokenizer.from_pretrained(self.source.path)
        model = AutoModel.from_pretrained(self.source.path, dtype=dtype, use_safetensors=True).to(self.device).eval()
        layers = int(model.config.num_hidden_layers)
        return tokenizer, model, round(layers * 2 / 3) if self.layer is None else self.layer

    def _vectors(self, texts: Sequence[Words]) -> tuple[Any, Any]:
        """Return unit vectors of words, ``(n, words, d)``, and which of them are real, ``(n, words)``."""
        import torch

        tokenizer, model, layer = self._parts
        batch = tokenizer(
            [list(text) or [""] for text in texts], is_split_into_words=True, return_tensors="pt", padding=True,
            truncation=True, max_length=min(512, getattr(model.config, "max_position_embeddings", 512) - 2),
        )  # fmt: skip
        with torch.inference_mode():
            states = model(**batch.to(self.device), output_hidden_states=True).hidden_states[layer].float()
        width = max(1, *(len(text) for text in texts))
        owner = torch.tensor(
            [[width if w is None else w for w in batch.word_ids(i)] for i in range(len(texts))], device=self.device
        )
        sums = torch.zeros(len(texts), width + 1, states.shape[-1], device=self.device)
        sums.scatter_add_(1, owner[..., None].expand_as(states), states)
        sums = sums[:, :width]
        real = sums.abs().sum(-1) > 0
        return torch.nn.functional.normalize(sums, dim=-1), real

    def align(self, pairs: Sequence[tuple[Words, Words]]) -> list[Links]:
        """Return the links of each pair of word lists, in order; each distinct pair is read once."""
        distinct = sorted(set(pairs), key=lambda pair: (len(pair[0]) + len(pair[1]), pair))
        found: dict[tuple[Words, Words], Links] = {}
        with progress.bar(len(distinct), "align words", "sentence") as bar:
            for low in range(0, len(distinct), self.batch_size):
                part = distinct[low : low + self.batch_size]
                found.update(zip(part, self._batch(part), strict=True))
                bar.update(len(part))
        return [found[pair] for pair in pairs]

    def _batch(self, pairs: Sequence[tuple[Words, Words]]) -> list[Links]:
        source, source_real = self._vectors([a for a, _ in pairs])
        target, target_real = self._vectors([b for _, b in pairs])
        cosine = (source @ target.transpose(1, 2)).cpu().numpy().astype(np.float64)
        real = source_real[:, :, None].cpu().numpy() & target_real[:, None, :].cpu().numpy()
        return itermax(cosine, real)


def itermax(cosine: NDArray[np.float64], real: NDArray[np.bool_]) -> list[Links]:
    """Return the links of every sentence pair from cosines ``(n, source, target)``; ``real``: no padding.

    >>> itermax(np.array([[[0.9, 0.1], [0.2, 0.8]]]), np.ones((1, 2, 2), bool))[0].tolist()
    [[0, 0], [1, 1]]
    """
    n, rows, columns = cosine.shape
    height = np.maximum(1, real.any(2).sum(1) - 1)[:, None, None]
    width = np.maximum(1, real.any(1).sum(1) - 1)[:, None, None]
    distance = np.arange(rows)[None, :, None] / height - np.arange(columns)[None, None, :] / width
    values = np.where(real, cosine - DISTORTION * distance**2, -np.inf)
    linked = np.zeros(cosine.shape, dtype=bool)
    for turn in range(ROUNDS + 1):
        taken_row = np.any(linked, axis=2, keepdims=True)
        taken_column = np.any(linked, axis=1, keepdims=True)
        faded = np.where(taken_row & taken_column, -np.inf, np.where(taken_row | taken_column, values * FADE, values))
        if turn and not np.isfinite(faded).any():
            break
        best_row = faded == faded.max(2, keepdims=True, initial=-np.inf)
        best_column = faded == faded.max(1, keepdims=True, initial=-np.inf)
        linked |= best_row & best_column & np.isfinite(faded) & (faded > LEAST)
    return [np.argwhere(linked[i]).astype(np.int64) for i in range(n)]


def carry(links: Links, first: int, last: int, size: int) -> tuple[int, int] | None:
    """Return the first and last target word that translate source words ``first`` to ``last``; ``None`` without any.

    ``size``: how many words the target has. Of all stretches the one with the most words linked to the source words,
    less those linked elsewhere (and :data:`BRIDGE` for each that is linked to nothing): a stray link does not widen it.

    >>> carry(np.array([[0, 2], [1, 1], [3, 0]]), 0, 1, 3), carry(np.array([[0, 0], [1, 1], [2, 2], [0, 3]]), 0, 0, 4)
    ((1, 2), (0, 0))
    """
    worth = np.full(size, -BRIDGE)
    inside = (links[:, 0] >= first) & (links[:, 0] <= last)
    worth[links[~inside, 1]] = -1.0
    worth[links[inside, 1]] = 1.0
    sums = np.concatenate([[0.0], np.cumsum(worth)])
    gain = sums[1:] - np.minimum.accumulate(sums)[:-1]
    if not len(gain) or gain.max() <= 0:
        return None
    end = int(gain.argmax())
    begin = int(np.flatnonzero(sums[: end + 1] == sums[: end + 1].min())[-1])
    return begin, end
