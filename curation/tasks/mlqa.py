"""MLQA (Lewis et al. 2020): questions on Wikipedia paragraphs that say the same in up to seven languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_LANGUAGES = ("ar", "de", "en", "es", "hi", "vi", "zh")

TASK = Task(
    kind="span",
    metric="mlqa",
    train=Source("rajpurkar/squad", "plain_text", "train", expected_rows=87_599),
    dev=Source("rajpurkar/squad", "plain_text", "validation", expected_rows=10_570),
    test=Source("facebook/mlqa", "mlqa.{lang}.{lang}", "test", languages=_LANGUAGES),
    parallel=True,
    licence="CC BY-SA 3.0",
    citation="Lewis et al. 2020, MLQA: Evaluating cross-lingual extractive question answering",
    note="Trains and develops on SQuAD 1.1. Context and question are in one language. Test sizes differ: 4,517 to "
    "11,590.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its paragraph, which is the group; the id is shared by a question's translations."""
    return columns.question(row)
