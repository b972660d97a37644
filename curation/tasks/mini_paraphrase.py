"""Miniworld paraphrases: do two texts say the same, where words and word order mislead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = ("different", "paraphrase")
_LANGUAGES = ("de", "es", "fr", "it", "ru")
_REPO = "bundled:miniworld"

TASK = Task(
    kind="pair",
    metric="f1",
    train=Source(_REPO, "paraphrase", "train"),
    dev=Source(_REPO, "paraphrase", "dev"),
    test=Source(_REPO, "paraphrase", "test", languages=("en", *_LANGUAGES)),
    zero_shot=Source(_REPO, "paraphrase", "dev", languages=("en", *_LANGUAGES)),
    labels=LABELS,
    symmetric=True,
    parallel=True,
    translations=Source(_REPO, "paraphrase", "train", languages=_LANGUAGES),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar, the same content in six languages. Pairs that differ share their words in other "
    "roles; paraphrases differ in voice, word order and synonyms.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one pair of texts; rows of one first text are a group."""
    first = columns.text(row, "sentence1")
    return Example(
        text_a=first,
        text_b=columns.text(row, "sentence2"),
        label=columns.label(row, "label", LABELS),
        group=first,
        key=row["key"],
    )
