"""Social IQa (Sap et al. 2019): why people act, and how others feel about it; three answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_CHOICES = ("answerA", "answerB", "answerC")

TASK = Task(
    kind="choice",
    metric="accuracy",
    train=Source("allenai/social_i_qa", "default", "train", expected_rows=33_410),
    dev=Source("allenai/social_i_qa", "default", "validation", expected_rows=1_954),
    licence="none stated on the hub",
    citation="Sap et al. 2019, Social IQa: Commonsense reasoning about social interactions",
    note="XTREME-R trains on it before COPA for its XCOPA numbers: an intermediate task, which has to be said when "
    "they are compared. Labels are published as 1, 2, 3, with a line break in older copies.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its situation, which is the group, and three answers."""
    context = columns.text(row, "context")
    return Example(
        prompt=f"{context} {columns.text(row, 'question')}",
        choices=tuple(columns.text(row, name) for name in _CHOICES),
        label=columns.index((row["label"] or "").strip(), ("1", "2", "3"), "label"),
        group=context,
    )
