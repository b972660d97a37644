"""Miniworld text: short texts without labels, parallel in six languages, for language modelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_LANGUAGES = ("de", "es", "fr", "it", "ru")
_REPO = "bundled:miniworld"

TASK = Task(
    kind="text",
    metric="accuracy",
    train=Source(_REPO, "text", "train"),
    dev=Source(_REPO, "text", "dev"),
    test=Source(_REPO, "text", "test", languages=("en", *_LANGUAGES)),
    parallel=True,
    translations=Source(_REPO, "text", "train", languages=_LANGUAGES),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar. The metric is the share of masked tokens that are guessed right.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one short text."""
    return Example(text=columns.text(row, "text"), key=row["key"])
