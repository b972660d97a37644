"""Multiple choice: one score per choice, softmax over the choices of a question, whose number may vary.

When prompt and choice are too long together, the longer of the two loses tokens from its front (the end is kept, as in
jiant); both keep at least half of the room if they need it, so that neither is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from curation.core.errors import CairnError
from training.model import batches, sequences
from training.model.batches import NOTHING, Batch, Features
from training.model.heads import Met, met, most_frequent, nothing_to_tune, pooled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

collate = batches.collate
tune = nothing_to_tune


def facts(records: pa.Table, labels: Sequence[str]) -> dict[str, Any]:
    """Return nothing: a score needs no label names; raise when a label is outside its choices or none is given."""
    found = 0
    for choices, label, id_ in zip(*(records[n].to_pylist() for n in ("choices", "label", "id")), strict=True):
        found += label is not None
        if label is not None and not 0 <= label < len(choices):
            raise CairnError(
                f"{id_}: label {label} is outside its {len(choices)} choices. Check to_example of the task."
            )
    if not found:
        raise CairnError("no training row has a label. Check the task's to_example and the subset.")
    return {}


def features(records: pa.Table, tokenizer: Any, max_length: int, facts: dict[str, Any]) -> Features:
    """Return one item per record with one sequence ``[prompt, choice]`` for each choice, target ``label``."""
    shape = sequences.template(tokenizer, pair=True)
    choices = records["choices"].to_pylist()
    counts = np.array([len(c) for c in choices], dtype=np.int64)
    if not counts.all():
        raise CairnError(
            f"{records['id'][int(counts.argmin())]}: no choice to choose from. Check the task's to_example."
        )
    b = sequences.encode(tokenizer, [text for c in choices for text in c])
    of = np.repeat(np.arange(len(choices)), counts)
    a = sequences.encode(tokenizer, records["prompt"].to_pylist()).take(of)
    keep_a, keep_b = sequences.share(a.lengths(), b.lengths(), max_length - shape.specials)
    first, second = a.cut_front(keep_a), b.cut_front(keep_b)
    short = (first.lengths() < a.lengths()) | (second.lengths() < b.lengths())
    label = np.array([NOTHING if v is None else v for v in records["label"].to_pylist()], dtype=np.int64)
    return Features(
        sequences.assemble(shape, first, second),
        np.concatenate([[0], np.cumsum(counts)]),
        np.arange(len(label)),
        label != NOTHING,
        {"label": label},
        truncated=len(np.unique(of[short])),
    )


class Head(nn.Module):
    """One score from the first token of each sequence, laid out per question."""

    def __init__(self, encoder: Any, facts: dict[str, Any]) -> None:
        super().__init__()
        self.score = pooled(encoder.config, 1)

    def forward(self, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (items, most choices); places without a choice are minus infinity."""
        scores, item = self.score(hidden[:, 0])[:, 0].float(), batch["item"]
        count = torch.bincount(item)
        place = torch.arange(len(item), device=item.device) - (count.cumsum(0) - count)[item]
        out: torch.Tensor = scores.new_full((len(count), int(count.max())), -torch.inf)
        return out.index_put((item, place), scores)


def loss(output: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy over the choices of each question."""
    return nn.functional.cross_entropy(output, batch["label"])


def gold(output: torch.Tensor, batch: Batch) -> Met:
    """Return what the scores say of the right choice."""
    return met(output, batch["label"])


def odds(output: torch.Tensor, batch: Batch) -> list[Any]:
    """Return the probability of each choice, one array an item."""
    found, count = output.softmax(-1).cpu().numpy(), torch.bincount(batch["item"]).tolist()
    return [row[:size] for row, size in zip(found, count, strict=True)]


def spread(pieces: list[Any], record: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    """Return the one piece, ``(choices,)``."""
    return np.asarray(pieces[0], np.float32)


def decode(output: torch.Tensor, batch: Batch, facts: dict[str, Any]) -> list[Any]:
    """Return the index of the best choice."""
    found: list[Any] = output.argmax(-1).tolist()
    return found


def join(pieces: list[Any], record: Mapping[str, Any], facts: dict[str, Any]) -> int:
    """Return the one piece."""
    return int(pieces[0])


def chance(features: Features, facts: dict[str, Any]) -> float:
    """Return the mean of ln(number of choices)."""
    return float(np.log(np.diff(features.items)).mean())


def majority(train: pa.Table, dev: pa.Table) -> list[Any]:
    """Return the most frequent position in training, or the last one where there are fewer choices."""
    place = most_frequent(train["label"].to_pylist())
    return [min(place, len(choices) - 1) for choices in dev["choices"].to_pylist()]
