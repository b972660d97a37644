"""Miniworld XNLI: inference of another make than mini_nli, as XNLI is to SNLI; a target of few English rows."""

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
    train=Source(_REPO, "xnli", "train"),
    dev=Source(_REPO, "xnli", "dev"),
    test=Source(_REPO, "xnli", "test", languages=("en", *_LANGUAGES)),
    zero_shot=Source(_REPO, "xnli", "dev", languages=("en", *_LANGUAGES)),
    labels=LABELS,
    parallel=True,
    translations=Source(_REPO, "xnli", "train", languages=_LANGUAGES),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar, the same content in six languages. Premises of two statements, quantities and "
    "pronouns are more frequent than in mini_nli.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one premise-hypothesis pair; rows of one premise are a group."""
    return columns.inference(row, LABELS)
