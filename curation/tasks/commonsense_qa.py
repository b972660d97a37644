"""CommonsenseQA (Talmor et al. 2019): questions on everyday concepts with five short answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

_LETTERS = ("A", "B", "C", "D", "E")

TASK = Task(
    kind="choice",
    metric="accuracy",
    train=Source("tau/commonsense_qa", "default", "train", expected_rows=9_741),
    dev=Source("tau/commonsense_qa", "default", "validation", expected_rows=1_221),
    licence="MIT",
    citation="Talmor et al. 2019, CommonsenseQA: A question answering challenge targeting commonsense knowledge",
    note="The answers of test (1,140 rows) are not public, so there is no test split.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its five answers in the order of their letters."""
    choices = row["choices"]
    if tuple(choices["label"]) != _LETTERS or len(choices["text"]) != len(_LETTERS):
        raise Reject("choices are not A to E")
    return Example(
        prompt=columns.text(row, "question"),
        choices=tuple(choices["text"]),
        label=columns.label(row, "answerKey", _LETTERS),
        key=row["id"],
    )
