"""Translation language modelling (Conneau & Lample 2019): masked tokens of a sentence beside its translation.

Records are those of kind ``text``; rows with one id in several languages are paired, and a masked word may be read off
the other side. Everything but the pairing is that of ``text``.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core.errors import CairnError
from training.kinds.text import SHARE, Head, chance, collate, decode, gold, join, loss, majority, maskable, tune
from training.model import sequences

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    "pairs",
    "tune",
]


def facts(records: pa.Table, labels: Sequence[str]) -> dict[str, Any]:
    """Return the share of tokens to mask; raise when no id occurs in two languages."""
    if not pairs(records["id"].to_pylist(), records["lang"].to_pylist()):
        raise CairnError("no text has its id in two languages, so there is nothing to pair. Add a language.")
    return {"masked": SHARE}


def pairs(ids: Sequence[str], langs: Sequence[str]) -> list[tuple[int, int]]:
    """Return which rows stand together; equal ids are neighbours.

    Every other language meets English, in turn before and behind it: one language that all share aligns them faster
    than all pairs would. Where an id has no English row, its first language takes that place.

    >>> pairs(["a", "a", "b", "c", "c", "c"], ["de", "en", "en", "es", "fr", "ru"])
    [(0, 1), (3, 4), (5, 3)]
    """
    found: list[tuple[int, int]] = []
    for _, group in groupby(range(len(ids)), key=lambda row: ids[row]):
        rows = list(group)
        middle = next((row for row in rows if langs[row] == "en"), rows[0])
        for row in rows:
            if row != middle:
                found.append((middle, row) if len(found) % 2 else (row, middle))
    return found


def features(records: pa.Table, tokenizer: Any, max_length: int, facts: dict[str, Any]) -> Features:
    """Return one item per pair ``[sentence, translation]``."""
    shape = sequences.template(tokenizer, pair=True)
    pieces = sequences.encode(tokenizer, records["text"].to_pylist())
    first, second = (
        np.array(pairs(records["id"].to_pylist(), records["lang"].to_pylist()), dtype=np.int64).reshape(-1, 2).T
    )
    a, b = pieces.take(first), pieces.take(second)
    keep_a, keep_b = sequences.share(a.lengths(), b.lengths(), max_length - shape.specials)
    cut = int(((keep_a < a.lengths()) | (keep_b < b.lengths())).sum())
    return maskable(sequences.assemble(shape, a.cut_end(keep_a), b.cut_end(keep_b)), first, cut, facts)
