"""Frozen vectors below the sentence: one per word, and how the words of two texts match.

:func:`match` is late interaction (Khattab and Zaharia 2020, ColBERT) kept as features: every word of one text looks
for the most similar word of the other, and what finds no counterpart is summed up. A linear probe on these sums sees
*which* words are unmatched, where cosine similarity of the sentence vectors only sees that the texts differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.vector_cache import Floats, Indices

VERSION = 1
"""Raised when the same text gives other vectors; names the cache."""
SHARPNESS = 20.0
"""Inverse temperature of the soft match between words."""
STATISTICS = 7
"""Scalars per direction: mean, sum and the four largest of the words' mismatches, and the number of words."""


def middle_layer(layers: int) -> int:
    """Return the hidden state that words are compared in: two thirds up, where word alignment is best.

    >>> middle_layer(6), middle_layer(12)
    (4, 8)
    """
    return max(1, round(layers * 2 / 3))


def hidden(model: Any, batch: Any) -> Any:
    """Return the middle layer's states of a tokenised batch, L2-normalised, float32 ``(texts, tokens, d)``."""
    import torch

    inputs = {
        name: batch[name].to(model.device)
        for name in ("input_ids", "attention_mask", "token_type_ids")
        if name in batch
    }
    with torch.inference_mode():
        states = model(**inputs, output_hidden_states=True).hidden_states
    return torch.nn.functional.normalize(states[middle_layer(len(states) - 1)].float(), dim=-1)


def match(model: Any, tokenizer: Any, pairs: Sequence[tuple[str, ...]], max_length: int) -> Floats:
    """Return how the tokens of the texts of each pair match, float32 ``(n, 2 * (3 d + STATISTICS))``.

    Per direction (second to first, then first to second), over the tokens ``w`` of the looking text with mismatch
    ``1 - max cosine``: the mismatch-weighted sum of ``w``; that of its best match; the mean absolute difference between
    ``w`` and its soft match; the statistics. A text without tokens gives zeros.
    """
    import torch

    texts = sorted({text for pair in pairs for text in pair})
    place = {text: i for i, text in enumerate(texts)}
    batch = tokenizer(
        texts,
        padding=True,
        truncation=True,
        max_length=max_length,
        return_tensors="pt",
        return_special_tokens_mask=True,
    )
    states = hidden(model, batch)
    real = (batch["attention_mask"].bool() & ~batch["special_tokens_mask"].bool()).to(model.device)
    first = torch.tensor([place[pair[0]] for pair in pairs], device=model.device)
    second = torch.tensor([place[pair[1]] for pair in pairs], device=model.device)
    both = [_directed(states[a], real[a], states[b], real[b]) for a, b in ((second, first), (first, second))]
    out: Floats = torch.cat(both, 1).cpu().numpy()
    return out


def _directed(looking: Any, looking_real: Any, found: Any, found_real: Any) -> Any:
    import torch

    similarity = (looking @ found.transpose(1, 2)).masked_fill(~found_real[:, None], -1.0)
    best, where = similarity.max(2)
    gap = (1 - best).clamp(0, 2) * looking_real
    chosen = torch.gather(found, 1, where[..., None].expand(-1, -1, found.shape[2]))
    soft = (similarity * SHARPNESS).masked_fill(~found_real[:, None], -1e9).softmax(2) @ found
    count = looking_real.sum(1, keepdim=True)
    residue = (gap[..., None] * looking).sum(1)
    counterpart = (gap[..., None] * chosen).sum(1)
    apart = ((looking - soft).abs() * looking_real[..., None]).sum(1) / count.clamp(min=1)
    top = torch.nn.functional.pad(gap, (0, max(0, 4 - gap.shape[1]))).topk(4, 1).values
    total = gap.sum(1, keepdim=True)
    out = torch.cat([residue, counterpart, apart, total / count.clamp(min=1), total, top, count.float()], 1)
    return out * ((count > 0) & found_real.any(1, keepdim=True))


def word_vectors(
    model: Any, tokenizer: Any, texts: Sequence[tuple[str, ...]], max_length: int
) -> tuple[Floats, Indices]:
    """Return one vector per word, float32 ``(words, d)`` unit length, and offsets ``(texts + 1,)``.

    A word's vector is the mean of its tokens' vectors. Texts longer than ``max_length`` tokens are read in consecutive
    windows; no word is lost. A word without tokens of its own (a lone zero-width space, say) gets zeros.
    """
    import torch

    offsets = np.concatenate([[0], np.cumsum([len(words) for words in texts])]).astype(np.int64)
    filled = [i for i, words in enumerate(texts) if words]
    sums: Any = None
    if filled:
        batch = tokenizer(
            [list(texts[i]) for i in filled],
            is_split_into_words=True,
            padding=True,
            truncation=True,
            max_length=max_length,
            return_overflowing_tokens=True,
            return_tensors="pt",
        )
        states = hidden(model, batch)
        window, token, word = [], [], []
        for number, sample in enumerate(batch["overflow_to_sample_mapping"].tolist()):
            for position, index in enumerate(batch.word_ids(number)):
                if index is not None:
                    window.append(number)
                    token.append(position)
                    word.append(int(offsets[filled[sample]]) + index)
        sums = torch.zeros(int(offsets[-1]), states.shape[2], device=model.device)
        sums.index_add_(0, torch.tensor(word, device=model.device), states[window, token])
        sums = torch.nn.functional.normalize(sums, dim=-1).cpu().numpy()
    width = int(model.config.hidden_size)
    return (sums if sums is not None else np.zeros((0, width), np.float32)), offsets
