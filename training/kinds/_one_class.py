"""What kinds with one class a row share: ``classify`` and ``pair`` differ in their features alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from training.model import batches
from training.model.batches import NOTHING, Batch, Features
from training.model.heads import Met, check_labels, met, most_frequent, nothing_to_tune, pooled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from training.model.sequences import Sequences

collate = batches.collate
tune = nothing_to_tune


def facts(records: pa.Table, labels: Sequence[str]) -> dict[str, Any]:
    """Return the number of labels; raise when labels are out of range, or fewer than two of them occur."""
    return {"labels": check_labels(records["label"].to_pylist(), labels)}


def items(records: pa.Table, whole: Sequences, truncated: int) -> Features:
    """Return one item per record, its target ``label``; unlabelled ones are not usable."""
    label = np.array([NOTHING if v is None else v for v in records["label"].to_pylist()], dtype=np.int64)
    rows = np.arange(len(label))
    return batches.single(whole, rows, label != NOTHING, per_item={"label": label}, truncated=truncated)


class Head(nn.Module):
    """Class scores from the first token."""

    def __init__(self, encoder: Any, facts: dict[str, Any]) -> None:
        super().__init__()
        self.score = pooled(encoder.config, facts["labels"])

    def forward(self, hidden: torch.Tensor, batch: Batch) -> torch.Tensor:
        """Return (items, labels)."""
        found: torch.Tensor = self.score(hidden[:, 0])
        return found


def loss(output: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy."""
    return nn.functional.cross_entropy(output.float(), batch["label"])


def gold(output: torch.Tensor, batch: Batch) -> Met:
    """Return what the scores say of the label."""
    return met(output.float(), batch["label"])


def odds(output: torch.Tensor, batch: Batch) -> list[Any]:
    """Return the probability of each label, one array an item."""
    found: list[Any] = list(output.float().softmax(-1).cpu().numpy())
    return found


def spread(pieces: list[Any], record: Mapping[str, Any]) -> npt.NDArray[np.float32]:
    """Return the one piece, ``(labels,)``."""
    return np.asarray(pieces[0], np.float32)


def decode(output: torch.Tensor, batch: Batch, facts: dict[str, Any]) -> list[Any]:
    """Return the index of the largest score."""
    found: list[Any] = output.argmax(-1).tolist()
    return found


def join(pieces: list[Any], record: Mapping[str, Any], facts: dict[str, Any]) -> int:
    """Return the one piece."""
    return int(pieces[0])


def chance(features: Features, facts: dict[str, Any]) -> float:
    """Return ln(number of labels)."""
    return math.log(facts["labels"])


def majority(train: pa.Table, dev: pa.Table) -> list[Any]:
    """Return the most frequent training label."""
    return [most_frequent(train["label"].to_pylist())] * len(dev)
