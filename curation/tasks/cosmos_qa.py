"""Cosmos QA (Huang et al. 2019): what is likely, given a personal story; four answers to a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_CHOICES = ("answer0", "answer1", "answer2", "answer3")

TASK = Task(
    kind="choice",
    metric="accuracy",
    train=Source("allenai/cosmos_qa", "default", "train", expected_rows=25_262),
    dev=Source("allenai/cosmos_qa", "default", "validation", expected_rows=2_985),
    licence="CC BY 4.0",
    citation="Huang et al. 2019, Cosmos QA: Machine reading comprehension with contextual commonsense reasoning",
    note="The prompt is the story and the question. The labels of test are not public, so there is no test split. The "
    "paper counts 25,588 and 3,000 rows.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its story, which is the group, and four answers."""
    context = columns.text(row, "context")
    return Example(
        prompt=f"{context} {columns.text(row, 'question')}",
        choices=tuple(columns.text(row, name) for name in _CHOICES),
        label=columns.label(row, "label", ("0", "1", "2", "3")),
        group=context,
        key=row["id"],
    )
