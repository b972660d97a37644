"""MultiNLI (Williams et al. 2018): SNLI's question over ten genres, spoken and written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = ("entailment", "neutral", "contradiction")
_XNLI = ("en", "ar", "bg", "de", "el", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")

TASK = Task(
    kind="pair",
    metric="accuracy",
    train=Source("nyu-mll/glue", "mnli", "train", expected_rows=392_702),
    dev=Source("nyu-mll/glue", "mnli", "validation_matched", expected_rows=9_815),
    test=Source("nyu-mll/glue", "mnli", "validation_mismatched", expected_rows=9_832),
    labels=LABELS,
    translations=Source("facebook/xnli", "{lang}", "train", languages=_XNLI, expected_rows=392_702),
    licence="OANC, CC BY 3.0, CC BY-SA 3.0, by source",
    citation="Williams et al. 2018, A broad-coverage challenge corpus for sentence understanding through inference",
    note="Test is the mismatched development set, since the labels of GLUE's test sets are not public.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one premise-hypothesis pair; the premise is the group."""
    return columns.inference(row, LABELS)
