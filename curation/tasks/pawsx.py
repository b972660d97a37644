"""PAWS-X (Yang et al. 2019): do two sentences that share nearly all words mean the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

LABELS = ("different", "paraphrase")
_LANGUAGES = ("de", "en", "es", "fr", "ja", "ko", "zh")
_REPO = "google-research-datasets/paws-x"


def whole(row: Mapping[str, Any]) -> Example:
    """Return one pair of sentences as it is, NS too; the first sentence is the group."""
    first, second = columns.text(row, "sentence1"), columns.text(row, "sentence2")
    return Example(
        text_a=first, text_b=second, label=columns.label(row, "label", LABELS), group=first, key=str(row["id"])
    )


TASK = Task(
    kind="pair",
    metric="f1",
    train=Source(_REPO, "{lang}", "train", expected_rows=49_401),
    dev=Source(_REPO, "{lang}", "validation", expected_rows=2_000, to_example=whole),
    test=Source(_REPO, "{lang}", "test", languages=_LANGUAGES, expected_rows=2_000, to_example=whole),
    zero_shot=Source(_REPO, "{lang}", "validation", languages=_LANGUAGES, expected_rows=2_000, to_example=whole),
    labels=LABELS,
    symmetric=True,
    parallel=True,
    translations=Source(_REPO, "{lang}", "train", languages=("de", "es", "fr", "ja", "ko", "zh"), expected_rows=49_401),
    licence="free for any purpose, attribution to Google LLC appreciated",
    citation="Yang et al. 2019, PAWS-X: A cross-lingual adversarial dataset for paraphrase identification",
    note="Labels were checked by the translators, so a few differ between languages. Train in other languages than "
    "English is machine translated. Rows with the placeholder NS for a sentence stay in dev and test, as XTREME scores "
    "them, and are dropped from train.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one pair of sentences to train on; raise :class:`Reject` for the placeholder NS in place of a sentence."""
    found = whole(row)
    if "NS" in (str(found.text_a).strip(), str(found.text_b).strip()):
        raise Reject("placeholder NS instead of a sentence")
    return found
