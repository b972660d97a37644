"""Miniworld names: people, organisations and places in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
_LANGUAGES = ("de", "es", "fr", "it", "ru")
_REPO = "bundled:miniworld"

TASK = Task(
    kind="tags",
    metric="seqeval",
    train=Source(_REPO, "ner", "train"),
    dev=Source(_REPO, "ner", "dev"),
    test=Source(_REPO, "ner", "test", languages=("en", *_LANGUAGES)),
    zero_shot=Source(_REPO, "ner", "dev", languages=("en", *_LANGUAGES)),
    labels=LABELS,
    parallel=True,
    translations=Source(_REPO, "ner", "train", languages=_LANGUAGES),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar, the same content in six languages. Some names are those of people, companies or "
    "cities by turns, so that the sentence decides.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence, an IOB2 tag a word."""
    return Example(tokens=tuple(row["tokens"]), tags=columns.tags(row, "ner_tags", LABELS), key=row["key"])
