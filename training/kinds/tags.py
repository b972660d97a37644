"""Tagging: a label on the first sub-token of each word; long sentences in windows, so that every word gets a label.

Words are joined by a space and found again by character offsets, which works for tokenizers of every family.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from training.model import batches, sequences
from training.model.batches import NOTHING, Batch, Features
from training.model.heads import Met, check_labels, met, nothing_to_tune, scores
from training.model.sequences import Ints, Pieces

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

collate = batches.collate
tune = nothing_to_tune


def facts(records: pa.Table, labels: Sequence[str]) -> dict[str, Any]:
    """Return the number of labels; raise when labels are out of range, or fewer than two of them occur."""
    return {"labels": check_labels((tag for tags in records["tags"].to_pylist() for tag in tags or ()), labels)}


def features(records: pa.Table, tokenizer: Any, max_length: int, facts: dict[str, Any]) -> Features:
    """Return one item per window; ``word`` and ``tag`` stand on each word's first sub-token, in one window only."""
    shape = sequences.template(tokenizer, pair=False)
    words = records["tokens"].to_pylist()
    pieces, word = _first_tokens(tokenizer, words)
    width = max_length - shape.specials
    overlap = min(64, width // 4)
    rows, begin, end = sequences.windows(pieces.lengths(), width, overlap)
    parts = Pieces(pieces.values, pieces.begin[rows] + begin, pieces.begin[rows] + end, pieces.offsets)
    whole = sequences.assemble(shape, parts)
    # Two windows share tokens: each of these counts in the window where it stands further from the edge.
    place = whole.origin - np.repeat(pieces.begin[rows], whole.lengths())
    low = np.repeat(np.where(begin > 0, begin + overlap // 2, 0), whole.lengths())
    next_begin = np.append(begin[1:], 0)
    high = np.repeat(np.where(next_begin > 0, next_begin + overlap // 2, end), whole.lengths())
    own = (whole.origin >= 0) & (place >= low) & (place < high)
    number = np.where(own, word[whole.origin], NOTHING)
    tags = records["tags"].to_pylist()
    sizes = np.cumsum([0, *(len(w) for w in words)])
    given = (tag for row, found in zip(words, tags, strict=True) for tag in found or [None] * len(row))
    flat = np.array([NOTHING if tag is None else tag for tag in given], dtype=np.int64)
    of = np.repeat(sizes[rows], whole.lengths())
    tag = np.where(number >= 0, np.append(flat, NOTHING)[np.where(number >= 0, of + number, -1)], NOTHING)
    usable = np.add.reduceat(tag != NOTHING, whole.starts[:-1]) > 0
    return batches.single(whole, rows, usable, per_token={"word": number, "tag": tag.astype(np.int64)})


def _first_tokens(tokenizer: Any, words: Sequence[Sequence[str]]) -> tuple[Pieces, Ints]:
    """Return the tokens of each sentence, and per token the number of the word it begins, else ``NOTHING``."""
    pieces, first, lost = _align(tokenizer, words)
    if len(lost):
        # A word that the tokenizer drops (a zero-width space, say) is read as an unknown one, not skipped.
        unknown = str(tokenizer.unk_token or tokenizer.mask_token)
        bare = [[unknown if (s, w) in lost else text for w, text in enumerate(row)] for s, row in enumerate(words)]
        pieces, first, _ = _align(tokenizer, bare)
    return pieces, first


def _align(tokenizer: Any, texts: Sequence[Sequence[str]]) -> tuple[Pieces, Ints, set[tuple[int, int]]]:
    pieces = sequences.encode(tokenizer, [" ".join(row) for row in texts], offsets=True)
    first = np.full(len(pieces.values), NOTHING, dtype=np.int64)
    lost: set[tuple[int, int]] = set()
    for number, row in enumerate(texts):
        lengths = np.fromiter((len(word) for word in row), dtype=np.int64, count=len(row))
        begins = np.cumsum(lengths + 1) - lengths - 1
        span = pieces.offsets[pieces.begin[number] : pieces.end[number]]
        # The first token that reaches beyond the word's first character boundary; it must begin before the word ends.
        token = np.searchsorted(np.maximum.accumulate(span[:, 1]), begins, side="right") if len(span) else 0 * begins
        inside = np.minimum(token, max(0, len(span) - 1))
        good = (token < len(span)) & (lengths > 0)
        if len(span):
            good &= span[inside, 0] < begins + lengths
        words = np.flatnonzero(good)  # of several words in one token the first has it
        good[words[1:][token[words[1:]] == token[words[:-1]]]] = False
        first[pieces.begin[number] + token[good]] = np.flatnonzero(good)
        lost.update((number, int(word)) for word in np.flatnonzero(~good))
    return pieces, first, lost


class Head(nn.Module):
    """Label scores of every token."""

    def __init__(self, encoder: Any, facts: dict[str, Any]) -> None:
        super().__init__()
        self.score = scores(encoder.config, facts["labels"])

    def forward(self, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (sequences, tokens, labels)."""
        found: torch.Tensor = self.score(hidden)
        return found


def loss(output: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy over labelled words."""
    return nn.functional.cross_entropy(output.float().flatten(0, 1), batch["tag"].flatten(), ignore_index=NOTHING)


def gold(output: torch.Tensor, batch: Batch) -> Met:
    """Return per window what the scores say of its labels: means over words, and whether all of them win."""
    tag, here = batch["tag"], batch["tag"] != NOTHING
    each = met(output.float().flatten(0, 1), tag.clamp(min=0).flatten())
    count = here.sum(1).clamp(min=1)
    confidence, error, margin = (
        (values.view(tag.shape) * here).sum(1) / count for values in (each.confidence, each.error, each.margin)
    )
    return Met(confidence, (each.correct.view(tag.shape) | ~here).all(1), error, margin)


def odds(output: torch.Tensor, batch: Batch) -> list[Any]:
    """Return, per window, the words that begin in it and the probability of each of their labels."""
    word, found = batch["word"].cpu().numpy(), output.float().softmax(-1).cpu().numpy()
    return [(w[w != NOTHING], p[w != NOTHING]) for w, p in zip(word, found, strict=True)]


def spread(pieces: list[Any], record: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    """Return the probability of each label for each word, ``(words, labels)``."""
    words = np.concatenate([word for word, _ in pieces])
    out: npt.NDArray[np.float32] = np.concatenate([found for _, found in pieces])[np.argsort(words, kind="stable")]
    return out.astype(np.float32)


def decode(output: torch.Tensor, batch: Batch, facts: dict[str, Any]) -> list[Any]:
    """Return, per window, the words that begin in it and their labels."""
    word, best = batch["word"].cpu().numpy(), output.argmax(-1).cpu().numpy()
    here = word != NOTHING
    return [(w[h].tolist(), t[h].tolist()) for w, t, h in zip(word, best, here, strict=True)]


def join(pieces: list[Any], record: Mapping[str, Any], facts: dict[str, Any]) -> list[int]:
    """Return one label per word."""
    found: dict[int, int] = {}
    for words, tags in pieces:
        found.update(zip(words, tags, strict=True))
    return [found[word] for word in range(len(record["tokens"]))]


def chance(features: Features, facts: dict[str, Any]) -> float:
    """Return ln(number of labels)."""
    return math.log(facts["labels"])


def majority(train: pa.Table, dev: pa.Table) -> list[Any]:
    """Return the most frequent training label for every word."""
    counts = Counter(tag for tags in train["tags"].to_pylist() for tag in tags or ())
    best = min(counts, key=lambda tag: (-counts[tag], tag))
    return [[best] * len(tokens) for tokens in dev["tokens"].to_pylist()]
