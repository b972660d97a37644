"""SQuAD 2.0 (Rajpurkar et al. 2018): SQuAD with questions that the paragraph does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

TASK = Task(
    kind="span",
    metric="squad_v2",
    train=Source("rajpurkar/squad_v2", "squad_v2", "train", expected_rows=130_319),
    dev=Source("rajpurkar/squad_v2", "squad_v2", "validation", expected_rows=11_873),
    licence="CC BY-SA 4.0",
    citation="Rajpurkar et al. 2018, Know what you don't know: Unanswerable questions for SQuAD",
    note="An empty list of answers means that the question cannot be answered from the paragraph.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its paragraph, which is the group."""
    return columns.question(row)
