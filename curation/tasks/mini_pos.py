"""Miniworld parts of speech: the universal tag of every word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ",
    "SYM", "VERB", "X",
)  # fmt: skip
_LANGUAGES = ("de", "es", "fr", "it", "ru")
_REPO = "bundled:miniworld"

TASK = Task(
    kind="tags",
    metric="seqeval",
    train=Source(_REPO, "pos", "train"),
    dev=Source(_REPO, "pos", "dev"),
    test=Source(_REPO, "pos", "test", languages=("en", *_LANGUAGES)),
    zero_shot=Source(_REPO, "pos", "dev", languages=("en", *_LANGUAGES)),
    labels=LABELS,
    parallel=True,
    translations=Source(_REPO, "pos", "train", languages=_LANGUAGES),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar, the same content in six languages; some of the universal tags do not occur. Scored"
    " as UDPOS is: F1 over runs of equal tags.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence, a tag a word."""
    return Example(tokens=tuple(row["tokens"]), tags=columns.tags(row, "upos", LABELS), key=row["key"])
