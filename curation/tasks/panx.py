"""PAN-X (Pan et al. 2017): people, organisations and places in Wikipedia sentences, as WikiANN was split by Rahimi."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")
_LANGUAGES = (
    "af", "ar", "bg", "bn", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja",
    "jv", "ka", "kk", "ko", "ml", "mr", "ms", "my", "nl", "pt", "ru", "sw", "ta", "te", "th", "tl", "tr", "ur", "vi",
    "yo", "zh",
)  # fmt: skip

TASK = Task(
    kind="tags",
    metric="seqeval",
    train=Source("unimelb-nlp/wikiann", "{lang}", "train", expected_rows=20_000),
    dev=Source("unimelb-nlp/wikiann", "{lang}", "validation", expected_rows=10_000),
    test=Source("unimelb-nlp/wikiann", "{lang}", "test", languages=_LANGUAGES),
    labels=LABELS,
    licence="ODC-BY 1.0 for the annotations, CC BY-SA for the text",
    citation="Pan et al. 2017, Cross-lingual name tagging and linking for 282 languages; Rahimi et al. 2019",
    note="Tags were made by rules from links, not by people.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence, an IOB2 tag a word."""
    return Example(tokens=tuple(row["tokens"]), tags=columns.tags(row, "ner_tags", LABELS))
