"""SNLI (Bowman et al. 2015): does a picture's caption entail, contradict, or leave open another sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

LABELS = ("entailment", "neutral", "contradiction")

TASK = Task(
    kind="pair",
    metric="accuracy",
    train=Source("stanfordnlp/snli", "plain_text", "train", expected_rows=550_152),
    dev=Source("stanfordnlp/snli", "plain_text", "validation", expected_rows=10_000),
    test=Source("stanfordnlp/snli", "plain_text", "test", expected_rows=10_000),
    labels=LABELS,
    licence="CC BY-SA 4.0",
    citation="Bowman et al. 2015, A large annotated corpus for learning natural language inference",
    note="Rows on which the annotators did not agree (label -1) are dropped; one premise has about three hypotheses.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one premise-hypothesis pair; the premise is the group."""
    found = columns.inference(row, LABELS)
    if found.label is None:
        raise Reject("no gold label")
    return found
