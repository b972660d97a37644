"""PAWS-X (Yang et al. 2019): do two sentences that share nearly all words mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

LABELS = ("different", "paraphrase")
_LANGUAGES = ("de", "en", "es", "fr", "ja", "ko", "zh")
_REPO = "google-research-datasets/paws-x"

TASK = Task(
    kind="pair",
    metric="f1",
    train=Source(_REPO, "{lang}", "train", expected_rows=49_401),
    dev=Source(_REPO, "{lang}", "validation", expected_rows=2_000),
    test=Source(_REPO, "{lang}", "test", languages=_LANGUAGES, expected_rows=2_000),
    labels=LABELS,
    symmetric=True,
    parallel=True,
    translations=Source(_REPO, "{lang}", "train", languages=("de", "es", "fr", "ja", "ko", "zh"), expected_rows=49_401),
    licence="free for any purpose, attribution to Google LLC appreciated",
    citation="Yang et al. 2019, PAWS-X: A cross-lingual adversarial dataset for paraphrase identification",
    note="Labels were checked by the translators, so a few differ between languages. Train in other languages than "
    "English is machine translated. Rows with the placeholder NS are dropped.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one pair of sentences; the first sentence is the group."""
    first, second = columns.text(row, "sentence1"), columns.text(row, "sentence2")
    if "NS" in (first.strip(), second.strip()):
        raise Reject("placeholder NS instead of a sentence")
    return Example(
        text_a=first, text_b=second, label=columns.label(row, "label", LABELS), group=first, key=str(row["id"])
    )
