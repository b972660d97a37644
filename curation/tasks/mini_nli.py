"""Miniworld NLI: does the hypothesis follow from the premise, go with it, or contradict it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = ("entailment", "neutral", "contradiction")
_LANGUAGES = ("de", "es", "fr", "it", "ru")
_REPO = "bundled:miniworld"

TASK = Task(
    kind="pair",
    metric="accuracy",
    train=Source(_REPO, "nli", "train"),
    dev=Source(_REPO, "nli", "dev"),
    test=Source(_REPO, "nli", "test", languages=("en", *_LANGUAGES)),
    labels=LABELS,
    parallel=True,
    translations=Source(_REPO, "nli", "train", languages=_LANGUAGES),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar, the same content in six languages. As an intermediate task, defects are planted in"
    " the train rows (params.yaml: miniworld.plant).",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one premise-hypothesis pair; rows of one premise are a group."""
    return columns.inference(row, LABELS)
