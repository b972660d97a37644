"""Whether the two texts of a new task's pairs may change places: paraphrases and duplicates, not inference."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from curation.cli.drafting import cell_shapes
from curation.cli.drafting.field_columns import Fields
from curation.language import words
from curation.search.components import components

_SAME = re.compile(r"duplicate|paraphras|equivalent|similar|synonym|same")


def symmetric(kind: str, fields: Fields, labels: Sequence[str]) -> tuple[bool, list[str]]:
    """Return the guess, and what to tell of it: columns that differ in a number, and a label such as *duplicate*.

    >>> symmetric("pair", {"text_a": ("question1",), "text_b": ("question2",)}, ["no", "duplicate"])[0]
    True
    >>> symmetric("pair", {"text_a": ("premise",), "text_b": ("hypothesis",)}, ["no", "similar"])[0]
    False
    """
    if kind != "pair":
        return False, []
    first, second = (
        [re.sub(r"\d+|_[ab]$", "", name.lower()) for name in fields[side]] for side in ("text_a", "text_b")
    )
    meant = [label for label in labels if _SAME.search(label.lower())]
    if first != second or not meant:
        return False, []
    return True, [
        f"assumed to be symmetric, by the columns and the label {meant[0]!r}: a pair and the same pair with its sides "
        "exchanged are one row twice, and are held out together. If the sides differ, take out symmetric=True."
    ]


def together(rows: Sequence[Any], fields: Fields, group: Sequence[Any]) -> list[Any]:
    """Return ``group`` with the groups merged that hold the same pair, in one order or the other."""
    pairs = [
        frozenset(
            words.normal(" ".join(str(cell_shapes.at(row or {}, name)) for name in fields[side]))
            for side in ("text_a", "text_b")
        )
        for row in rows
    ]
    ends: list[int] = []
    for values in ([str(one) for one in group], pairs):
        first: dict[Any, int] = {}
        ends += [first.setdefault(value, i) for i, value in enumerate(values)]
    merged = components(len(rows), np.array(ends, np.int64), np.tile(np.arange(len(rows)), 2))
    return [group[i] for i in merged.tolist()]
