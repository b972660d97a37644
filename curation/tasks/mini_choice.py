"""Miniworld choices: which of two to four sentences is true of a short story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_LANGUAGES = ("de", "es", "fr", "it", "ru")
_REPO = "bundled:miniworld"

TASK = Task(
    kind="choice",
    metric="accuracy",
    train=Source(_REPO, "choice", "train"),
    dev=Source(_REPO, "choice", "dev"),
    test=Source(_REPO, "choice", "test", languages=("en", *_LANGUAGES)),
    zero_shot=Source(_REPO, "choice", "dev", languages=("en", *_LANGUAGES)),
    parallel=True,
    translations=Source(_REPO, "choice", "train", languages=_LANGUAGES),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar, the same content in six languages. Wrong choices are as long as the right one and "
    "share as many words with the story.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its choices; the story is the group."""
    context = columns.text(row, "context")
    choices = tuple(row["choices"])
    return Example(
        prompt=f"{context} {columns.text(row, 'question')}",
        choices=choices,
        label=columns.label(row, "label", [str(n) for n in range(len(choices))]),
        group=context,
        key=row["key"],
    )
