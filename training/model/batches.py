"""Token-budget batches in length buckets, drawn from a seed, and the padded tensors of one batch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from training.model.sequences import Ints, Sequences, ranges

if TYPE_CHECKING:
    from collections.abc import Mapping

Batch = dict[str, torch.Tensor]
"""``input_ids``, ``attention_mask`` (and ``token_type_ids``) are (sequences, tokens); a kind adds its targets."""
NOTHING = -100
"""The target of a token or item that has none: left out of every loss."""
_POOL = 50
"""Batches' worth of items that are sorted by length together: enough for tight padding, few enough to stay random."""


@dataclass(frozen=True)
class Features:
    """m items ready for a model. An item is what no batch may split: a sequence, or the choices of one question."""

    sequences: Sequences
    items: Ints
    """(m + 1,): item i is the sequences ``items[i]:items[i + 1]``."""
    row: Ints
    """(m,): which record an item came from; a long record gives several items (windows)."""
    usable: npt.NDArray[np.bool_]
    """(m,): has a target, so it can be trained on."""
    per_item: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    """Targets and facts of items, (m,) each."""
    per_token: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    """Targets and facts of tokens, one value for each of ``sequences.ids``; padded with ``NOTHING``."""
    truncated: int = 0
    """How many items lost tokens because they were too long."""

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.row)

    def shape(self) -> tuple[Ints, Ints]:
        """Return, per item, the number of sequences and the tokens of the longest."""
        if not len(self):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        return np.diff(self.items), np.maximum.reduceat(self.sequences.lengths(), self.items[:-1])


def single(sequences: Sequences, row: Ints, usable: npt.NDArray[np.bool_], **extra: Any) -> Features:
    """Return features with one sequence per item."""
    return Features(sequences, np.arange(len(row) + 1), row, usable, **extra)


def plan(features: Features, chosen: Ints, budget: int, seed: int | None) -> list[Ints]:
    """Return the batches of one pass over ``chosen`` items: arrays of item numbers, each item once.

    A batch holds as many items as fit ``budget`` tokens, padding counted; an item larger than that is a batch of its
    own. With a ``seed`` the order is random and depends on the seed alone; with ``None`` items are sorted by length.
    """
    count, width = (values[chosen] for values in features.shape())
    if not len(chosen):
        return []
    if seed is None:
        order = np.lexsort((np.arange(len(chosen)), width))
        return [chosen[order[a:b]] for a, b in _cut(count[order], width[order], budget)]
    draw = np.random.default_rng(seed)
    order = draw.permutation(len(chosen))
    pool = max(1, int(_POOL * budget / max(1.0, float((count * width).mean()))))
    batches = []
    for at in range(0, len(order), pool):
        part = order[at : at + pool]
        part = part[np.argsort(width[part], kind="stable")]
        batches += [part[a:b] for a, b in _cut(count[part], width[part], budget)]
    return [chosen[batches[i]] for i in draw.permutation(len(batches))]


def _cut(count: Ints, width: Ints, budget: float) -> list[tuple[int, int]]:
    cuts, begin, sequences, longest = [], 0, 0, 0
    for at, (more, tokens) in enumerate(zip(count.tolist(), width.tolist(), strict=True)):
        longest = max(longest, tokens)
        sequences += more
        if at > begin and sequences * longest > budget:
            cuts.append((begin, at))
            begin, sequences, longest = at, more, tokens
    return [*cuts, (begin, len(count))]


def collate(features: Features, chosen: Ints, tokenizer: Any, seed: int) -> Batch:
    """Return the tensors of a batch; padding stands behind. ``seed`` is for kinds that draw (masking), unused here."""
    del seed
    counts = np.diff(features.items)[chosen]
    which = ranges(features.items[chosen], counts)
    lengths = features.sequences.lengths()[which]
    tokens = ranges(features.sequences.starts[which], lengths)
    mask = np.arange(lengths.max())[None, :] < lengths[:, None]

    def padded(flat: npt.NDArray[Any], value: int) -> torch.Tensor:
        out = np.full(mask.shape, value, dtype=np.int64)
        out[mask] = flat[tokens]
        return torch.from_numpy(out)

    batch = {"input_ids": padded(features.sequences.ids, tokenizer.pad_token_id)}
    batch["attention_mask"] = torch.from_numpy(mask.astype(np.int64))
    if features.sequences.types is not None:
        batch["token_type_ids"] = padded(features.sequences.types, tokenizer.pad_token_type_id)
    batch["item"] = torch.from_numpy(np.repeat(np.arange(len(chosen)), counts))
    batch |= {name: padded(values, NOTHING) for name, values in features.per_token.items()}
    return batch | {name: torch.from_numpy(values[chosen]) for name, values in features.per_item.items()}


def targets(batch: Batch) -> int:
    """Return over how many targets the loss of a batch is a mean: tokens where tokens have them, else items."""
    for name in ("label", "tag"):
        if name in batch and batch[name].ndim == 2:
            return int((batch[name] != NOTHING).sum())
    return int(batch["item"][-1]) + 1


def passes(batch: Batch, budget: float, rank: int = 0, world: int = 1) -> list[Ints]:
    """Return the items of a batch, numbered within it, that device ``rank`` of ``world`` takes, forward pass by pass.

    A pass has at most ``budget`` tokens, padding counted, or one item. Every device has at least one pass: where there
    are fewer items than devices, the last ones are given the first item, which is another's and does not count.

    >>> mask = torch.tensor([[1, 0, 0], [1, 1, 0], [1, 1, 0], [1, 1, 1]])
    >>> batch = {"item": torch.arange(4), "attention_mask": mask}
    >>> [[one.tolist() for one in passes(batch, 4, rank, 2)] for rank in (0, 1)]
    [[[0, 2]], [[1], [3]]]
    """
    item, lengths = batch["item"].numpy(), batch["attention_mask"].sum(1).numpy()
    count = np.bincount(item)
    width = np.maximum.reduceat(lengths, np.cumsum(count) - count)
    own = np.arange(len(count))[rank::world]
    if not len(own):
        return [np.zeros(1, dtype=np.int64)]
    return [own[a:b] for a, b in _cut(count[own], width[own], budget)]


def most_passes(batch: Batch, budget: float, world: int) -> int:
    """Return in how many passes the device that has most of them takes its share of a batch (:func:`passes`)."""
    return max(len(passes(batch, budget, rank, world)) for rank in range(world))


def part(batch: Batch, chosen: Ints) -> Batch:
    """Return the tensors of the items ``chosen`` (numbers within the batch, ascending), cut to their longest."""
    item = batch["item"].numpy()
    if len(chosen) == item[-1] + 1:
        return batch
    here = np.isin(item, chosen)
    longest = int(batch["attention_mask"].numpy()[here].sum(1).max())
    which, items = torch.from_numpy(np.flatnonzero(here)), torch.from_numpy(chosen)
    found = {
        name: values[which, :longest] if values.ndim == 2 else values[items]
        for name, values in batch.items()
        if name != "item"
    }
    return found | {"item": torch.from_numpy(np.searchsorted(chosen, item[here]))}


def padded(batch: Batch) -> int:
    """Return the tokens of a batch, padding counted."""
    return int(batch["input_ids"].numel())
