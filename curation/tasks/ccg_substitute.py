"""A free substitute for CCG supertagging, and not CCG: the phrase chunks of CoNLL-2000."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_PHRASES = ("ADJP", "ADVP", "CONJP", "INTJ", "LST", "NP", "PP", "PRT", "SBAR", "UCP", "VP")
LABELS = ("O", *(f"{begin}-{phrase}" for phrase in _PHRASES for begin in ("B", "I")))

TASK = Task(
    kind="tags",
    metric="seqeval",
    train=Source("eriktks/conll2000", "default", "train", expected_rows=8_937),
    dev=Source("eriktks/conll2000", "default", "test", expected_rows=2_013),
    labels=LABELS,
    licence="none stated; the text is from the Wall Street Journal",
    citation="Tjong Kim Sang and Buchholz 2000, Introduction to the CoNLL-2000 shared task: Chunking",
    note="A SUBSTITUTE, NOT CCG: 23 chunk tags instead of some 1,300 categories, a quarter of the sentences, from the "
    "same newspaper. Never report it as CCG. There is no development set, so dev is the published test set. The "
    "published files end with an empty row, which is dropped.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence, a chunk tag a word."""
    return Example(tokens=tuple(row["tokens"]), tags=columns.tags(row, "chunk_tags", LABELS))
