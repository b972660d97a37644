"""XNLI (Conneau et al. 2018): MultiNLI's question in fifteen languages, translated by people row by row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = ("entailment", "neutral", "contradiction")
_LANGUAGES = ("ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh")

TASK = Task(
    kind="pair",
    metric="accuracy",
    train=Source("nyu-mll/glue", "mnli", "train", expected_rows=392_702),
    dev=Source("nyu-mll/glue", "mnli", "validation_matched", expected_rows=9_815),
    test=Source("facebook/xnli", "{lang}", "test", languages=_LANGUAGES, expected_rows=5_010),
    zero_shot=Source("facebook/xnli", "{lang}", "validation", languages=_LANGUAGES, expected_rows=2_490),
    labels=LABELS,
    parallel=True,
    licence="CC BY-NC 4.0",
    citation="Conneau et al. 2018, XNLI: Evaluating cross-lingual sentence representations",
    note="Trains on MultiNLI, and develops on its matched development set, as in the zero-shot protocol.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one premise-hypothesis pair; its key is the row number, which is the same in all languages."""
    return columns.inference(row, LABELS)
