"""Miniworld questions: who did what where and when, answered by a span of a short story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_LANGUAGES = ("de", "es", "fr", "it", "ru")
_REPO = "bundled:miniworld"

TASK = Task(
    kind="span",
    metric="squad",
    train=Source(_REPO, "qa", "train"),
    dev=Source(_REPO, "qa", "dev"),
    test=Source(_REPO, "qa", "test", languages=("en", *_LANGUAGES)),
    zero_shot=Source(_REPO, "qa", "dev", languages=("en", *_LANGUAGES)),
    parallel=True,
    translations=Source(_REPO, "qa", "train", languages=_LANGUAGES),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar, the same content in six languages. Every question has an answer, and the other "
    "sentences of the story hold answers to similar questions.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its story, which is the group."""
    return columns.question(row, key="key")
