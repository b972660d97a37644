"""Pair classification (NLI, paraphrase): two texts, one label; the longer text gives way when both are too long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    """Return one item per record: ``[A, B]`` in the tokenizer's own pair format, target ``label``."""
    shape = sequences.template(tokenizer, pair=True)
    a = sequences.encode(tokenizer, records["text_a"].to_pylist())
    b = sequences.encode(tokenizer, records["text_b"].to_pylist())
    keep_a, keep_b = sequences.share(a.lengths(), b.lengths(), max_length - shape.specials)
    cut = int(((keep_a < a.lengths()) | (keep_b < b.lengths())).sum())
    return items(records, sequences.assemble(shape, a.cut_end(keep_a), b.cut_end(keep_b)), cut)
