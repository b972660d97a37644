"""Frozen vectors below the sentence: one per word, and how the words of two texts match.

:func:`match` is late interaction (Khattab and Zaharia 2020, ColBERT) kept as features: every word of one text looks
for the most similar word of the other, and what finds no counterpart is summed up. A linear probe on these sums sees
*which* words are unmatched, where cosine similarity of the sentence vectors only sees that the texts differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from curation.embed.cache import Floats

VERSION = 3
"""Raised when the same text gives other vectors; names the cache."""
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
SHARPNESS = 20.0
"""Inverse temperature of the soft match between words."""
STATISTICS = 7
"""Scalars per direction: mean, sum and the four largest of the words' mismatches, and the number of words."""


def features(width: int) -> int:
    """Return how many numbers :func:`match` gives for vectors of ``width``.

    >>> features(384)
    4636
    """
    return 4 * (3 * width + STATISTICS)


def middle_layer(layers: int) -> int:
    """Return the hidden state that words are compared in: two thirds up, where word alignment is best.

    >>> middle_layer(6), middle_layer(12)
    (4, 8)
    """
    return max(1, round(layers * 2 / 3))


def _states(model: Any, batch: Any) -> tuple[Any, ...]:
    """Return all hidden states of a tokenised batch, embeddings first, each ``(texts, tokens, d)``."""
    import torch

    encoder = model[0].auto_model
    inputs = {name: batch[name].to(encoder.device) for name in INPUTS if name in batch}
    with torch.inference_mode():
        states: tuple[Any, ...] = encoder(**inputs, output_hidden_states=True).hidden_states
    return states


def unit(states: Any) -> Any:
    """Return vectors in float32, scaled to length 1."""
    import torch

    return torch.nn.functional.normalize(states.float(), dim=-1)


def lengths(model: Any, contents: Sequence[tuple[str, ...]]) -> NDArray[np.int64]:
    """Return how many tokens of each content (a text, or words) the model reads, at most its ``max_seq_length``."""
    found = model.tokenizer([" ".join(parts) for parts in contents], truncation=True, max_length=model.max_seq_length)
    return np.array([len(tokens) for tokens in found["input_ids"]], np.int64)


def sentences(model: Any, texts: Sequence[str]) -> Floats:
    """Return the texts' sentence vectors, float32 ``(n, d)`` of length 1, as ``model.encode`` has them.

    That method is gone around: it would sort and cut again what is one batch already.
    """
    import torch

    if model.default_prompt_name:
        found: Floats = unit(model.encode(list(texts), convert_to_tensor=True, show_progress_bar=False)).cpu().numpy()
        return found
    batch = model.tokenizer(
        list(texts), padding=True, truncation=True, max_length=model.max_seq_length, return_tensors="pt"
    )
    encoder = model[0].auto_model
    inputs = {name: batch[name].to(encoder.device) for name in INPUTS if name in batch}
    with torch.inference_mode():
        states = encoder(**inputs).last_hidden_state
    return _pooled(model, states, inputs["attention_mask"])


def _pooled(model: Any, states: Any, attended: Any) -> Floats:
    """Return what the modules after the encoder make of its last states ``(n, tokens, d)``, scaled to length 1."""
    import torch

    features: Any = {"token_embeddings": states, "attention_mask": attended}
    with torch.inference_mode():
        for module in list(model)[1:]:
            features = module(features)
    found: Floats = unit(features["sentence_embedding"]).cpu().numpy()
    return found


def read(model: Any, texts: Sequence[str]) -> tuple[Floats, list[Any]]:
    """Return in one pass the texts' sentence vectors, float32 ``(n, d)`` of length 1, and their tokens' vectors.

    The sentence vector is what the sentence-transformers ``model`` makes of its last states. Those of tokens are
    float16 tensors ``(tokens, 2, d)``, of the embeddings and the middle layer; special tokens are left out.
    """
    import torch

    batch = model.tokenizer(
        list(texts),
        padding=True,
        truncation=True,
        max_length=model.max_seq_length,
        return_tensors="pt",
        return_special_tokens_mask=True,
    )
    states = _states(model, batch)
    attended = batch["attention_mask"].to(states[-1].device)
    vectors = _pooled(model, states[-1], attended)
    real = attended.bool() & ~batch["special_tokens_mask"].bool().to(attended.device)
    tokens = torch.stack([unit(states[0]), unit(states[middle_layer(len(states) - 1)])], 2).half()
    return vectors, [of_text[mask] for of_text, mask in zip(tokens, real, strict=True)]


def match(pairs: Sequence[tuple[str, ...]], tokens: Mapping[str, Any]) -> Floats:
    """Return how the tokens of the texts of each pair match, float32 ``(n, 4 * (3 d + STATISTICS))``.

    For embeddings (the same word piece) and the middle layer (the same meaning in context), and in each for both
    directions (second text to first, first to second), over the tokens ``w`` of the looking text with mismatch
    ``1 - max cosine``: the mismatch-weighted sum of ``w``; that of its best match; the mean absolute difference between
    ``w`` and its soft match; the statistics. A text without tokens gives zeros. ``tokens``: as :func:`read` gives them.
    """
    import torch

    parts = []
    for layer in (0, 1):
        first, second = (_padded([tokens[pair[side]][:, layer] for pair in pairs]) for side in (0, 1))
        parts += [_directed(*second, *first), _directed(*first, *second)]
    out: Floats = torch.cat(parts, 1).cpu().numpy()
    return out


def _padded(states: Sequence[Any]) -> tuple[Any, Any]:
    """Return states ``(n, longest, d)`` float32 and which cells are real; at least one cell wide."""
    import torch

    padded = torch.nn.utils.rnn.pad_sequence(list(states), batch_first=True).float()
    if padded.shape[1] == 0:
        padded = padded.new_zeros(len(states), 1, padded.shape[2])
    length = torch.tensor([len(one) for one in states], device=padded.device)
    return padded, torch.arange(padded.shape[1], device=padded.device) < length[:, None]


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


def word_vectors(model: Any, texts: Sequence[tuple[str, ...]]) -> Floats:
    """Return one vector per word of all ``texts``, text after text, float32 ``(words, d)``, unit length.

    A word's vector is the mean of its tokens' vectors. Texts longer than the model takes are read in consecutive
    windows; no word is lost. A word without tokens of its own (a lone zero-width space, say) gets zeros.
    """
    import torch

    offsets = np.concatenate([[0], np.cumsum([len(words) for words in texts])])
    filled = [i for i, words in enumerate(texts) if words]
    device, width = model[0].auto_model.device, int(model[0].auto_model.config.hidden_size)
    sums = torch.zeros(int(offsets[-1]), width, device=device)
    if filled:
        batch = model.tokenizer(
            [list(texts[i]) for i in filled],
            is_split_into_words=True,
            padding=True,
            truncation=True,
            max_length=model.max_seq_length,
            return_overflowing_tokens=True,
            return_tensors="pt",
        )
        hidden = _states(model, batch)
        states = unit(hidden[middle_layer(len(hidden) - 1)])
        window, token, word = [], [], []
        for number, sample in enumerate(batch["overflow_to_sample_mapping"].tolist()):
            for position, index in enumerate(batch.word_ids(number)):
                if index is not None:
                    window.append(number)
                    token.append(position)
                    word.append(int(offsets[filled[sample]]) + index)
        sums.index_add_(0, torch.tensor(word, device=device), states[window, token])
    out: Floats = torch.nn.functional.normalize(sums, dim=-1).cpu().numpy()
    return out
