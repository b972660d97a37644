"""XCOPA (Ponti et al. 2020): which of two sentences is the cause or the effect of a third, in eleven languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

_LANGUAGES = ("et", "ht", "id", "it", "qu", "sw", "ta", "th", "tr", "vi", "zh")
_ASKED = {"cause": "What was the cause?", "effect": "What was the effect?"}

TASK = Task(
    kind="choice",
    metric="accuracy",
    train=Source("aps/super_glue", "copa", "train", expected_rows=400),
    dev=Source("aps/super_glue", "copa", "validation", expected_rows=100),
    test=Source("cambridgeltl/xcopa", "{lang}", "test", languages=_LANGUAGES, expected_rows=500),
    parallel=True,
    licence="CC BY 4.0; COPA, the English rows: BSD 2-Clause",
    citation="Ponti et al. 2020, XCOPA: A multilingual dataset for causal commonsense reasoning",
    note="Trains and develops on English COPA. The prompt is the premise and, in English in every language, What was "
    "the cause? or What was the effect? XTREME-R trains on Social IQa first: intermediate: [social_iqa]. There is no "
    "English test; 400 rows to train on make seeds differ by several points.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one premise with its two candidates; the row number is the same in all languages."""
    if row["question"] not in _ASKED:
        raise Reject("question is neither cause nor effect")
    premise = columns.text(row, "premise")
    return Example(
        prompt=f"{premise} {_ASKED[row['question']]}",
        choices=(columns.text(row, "choice1"), columns.text(row, "choice2")),
        label=columns.label(row, "label", ("choice1", "choice2")),
        group=premise,
        key=str(row["idx"]),
    )
