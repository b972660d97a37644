"""XQuAD (Artetxe et al. 2020): 1,190 questions of SQuAD's development set, translated by people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_LANGUAGES = ("ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh")

TASK = Task(
    kind="span",
    metric="squad",
    train=Source("rajpurkar/squad", "plain_text", "train", expected_rows=87_599),
    dev=Source("rajpurkar/squad", "plain_text", "validation", expected_rows=10_570),
    test=Source("google/xquad", "xquad.{lang}", "validation", languages=_LANGUAGES, expected_rows=1_190),
    parallel=True,
    licence="CC BY-SA 4.0",
    citation="Artetxe et al. 2020, On the cross-lingual transferability of monolingual representations",
    note="Trains on SQuAD 1.1, whose development set holds XQuAD's English questions: read the mean without English. "
    "XTREME has eleven languages; Romanian came later, for XTREME-R.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its paragraph, which is the group; ids are SQuAD's, equal in all languages."""
    return columns.question(row)
