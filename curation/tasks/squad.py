"""SQuAD 1.1 (Rajpurkar et al. 2016): the answer to a question is a span of a Wikipedia paragraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

_MLQA = ("ar", "de", "es", "hi", "vi", "zh")

TASK = Task(
    kind="span",
    metric="squad",
    train=Source("rajpurkar/squad", "plain_text", "train", expected_rows=87_599),
    dev=Source("rajpurkar/squad", "plain_text", "validation", expected_rows=10_570),
    translations=Source("facebook/mlqa", "mlqa-translate-train.{lang}", "train", languages=_MLQA),
    licence="CC BY-SA 4.0",
    citation="Rajpurkar et al. 2016, SQuAD: 100,000+ questions for machine comprehension of text",
    note="XQuAD's paragraphs are from the development set: never train on it when XQuAD is a target.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its paragraph, which is the group; a row without an answer is rejected."""
    found = columns.question(row)
    if not found.answers:
        raise Reject("no answer")
    return found
