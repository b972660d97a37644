"""Miniworld topics: what kind of thing a short text is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = ("animal", "fruit", "instrument", "toy", "flower", "vehicle", "clothes")
_LANGUAGES = ("de", "es", "fr", "it", "ru")
_REPO = "bundled:miniworld"

TASK = Task(
    kind="classify",
    metric="accuracy",
    train=Source(_REPO, "topic", "train"),
    dev=Source(_REPO, "topic", "dev"),
    test=Source(_REPO, "topic", "test", languages=("en", *_LANGUAGES)),
    zero_shot=Source(_REPO, "topic", "dev", languages=("en", *_LANGUAGES)),
    labels=LABELS,
    parallel=True,
    translations=Source(_REPO, "topic", "train", languages=_LANGUAGES),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar, the same content in six languages. As an intermediate task, defects are planted in"
    " the train rows (params.yaml: miniworld.plant).",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one text and its topic."""
    return Example(text=columns.text(row, "text"), label=columns.label(row, "label", LABELS), key=row["key"])
