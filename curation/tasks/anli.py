"""ANLI (Nie et al. 2020): inference over Wikipedia and other texts, written to mislead models; all three rounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = ("entailment", "neutral", "contradiction")


def _rounds(split: str) -> str:
    return "+".join(f"{split}_r{number}" for number in (1, 2, 3))


TASK = Task(
    kind="pair",
    metric="accuracy",
    train=Source("facebook/anli", "plain_text", _rounds("train"), expected_rows=162_865),
    dev=Source("facebook/anli", "plain_text", _rounds("dev"), expected_rows=3_200),
    test=Source("facebook/anli", "plain_text", _rounds("test"), expected_rows=3_200),
    labels=LABELS,
    licence="CC BY-NC 4.0",
    citation="Nie et al. 2020, Adversarial NLI: A new benchmark for natural language understanding",
    note="Rounds 1 to 3 pooled; the round stands in a row's key. With MNLI and SNLI under one head: anli_plus.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one premise-hypothesis pair; the premise, which has several hypotheses, is the group."""
    return columns.inference(row, LABELS)
