"""QQP: do two questions asked on Quora have the same answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = ("not_duplicate", "duplicate")

TASK = Task(
    kind="pair",
    metric="f1",
    train=Source("nyu-mll/glue", "qqp", "train", expected_rows=363_846),
    dev=Source("nyu-mll/glue", "qqp", "validation", expected_rows=40_430),
    labels=LABELS,
    symmetric=True,
    licence="Quora's terms, non-commercial",
    citation="Iyer et al. 2017, First Quora dataset release: Question pairs; Wang et al. 2019, GLUE",
    note="GLUE's number is accuracy_f1, the mean of accuracy and F1 of the duplicates; accuracy chooses the "
    "checkpoint. Its test labels are not public, so there is no test split.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one pair of questions; the first question, which may be in many pairs, is the group."""
    first = columns.text(row, "question1")
    return Example(
        text_a=first,
        text_b=columns.text(row, "question2"),
        label=columns.label(row, "label", LABELS),
        group=first,
    )
