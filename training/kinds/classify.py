"""Text classification (topic, intent, sentiment): one text, one label; a text that is too long is cut at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from training.kinds._one_class import (
    Head,
    chance,
    collate,
    decode,
    facts,
    gold,
    items,
    join,
    loss,
    majority,
    odds,
    spread,
    tune,
)
from training.model import sequences

if TYPE_CHECKING:
    import pyarrow as pa

    from training.model.batches import Features

__all__ = [
    "Head",
    "chance",
    "collate",
    "decode",
    "facts",
    "features",
    "gold",
    "join",
    "loss",
    "majority",
    "odds",
    "spread",
    "tune",
]


def features(records: pa.Table, tokenizer: Any, max_length: int, facts: dict[str, Any]) -> Features:
    """Return one item per record: the text in the tokenizer's own format, target ``label``."""
    shape = sequences.template(tokenizer, pair=False)
    text = sequences.encode(tokenizer, records["text"].to_pylist())
    keep = np.minimum(text.lengths(), max_length - shape.specials)
    cut = int((keep < text.lengths()).sum())
    return items(records, sequences.assemble(shape, text.cut_end(keep)), cut)
