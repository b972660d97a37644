"""UDPOS: the part of speech of every word, from Universal Dependencies 2.5 as XTREME cut it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ",
    "SYM", "VERB", "X",
)  # fmt: skip
_NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "bg": "Bulgarian", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "kk": "Kazakh", "ko": "Korean", "mr": "Marathi", "nl": "Dutch", "pt": "Portuguese", "ru": "Russian",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "ur": "Urdu",
    "vi": "Vietnamese", "yo": "Yoruba", "zh": "Chinese",
}  # fmt: skip

TASK = Task(
    kind="tags",
    metric="seqeval",
    train=Source("google/xtreme", "udpos.{lang}", "train", expected_rows=21_253),
    dev=Source("google/xtreme", "udpos.{lang}", "validation", expected_rows=3_974),
    test=Source("google/xtreme", "udpos.{lang}", "test", languages=tuple(_NAMES)),
    labels=LABELS,
    config_names=_NAMES,
    licence="the licence of each UD treebank (CC BY-SA 3.0 or 4.0, some CC BY-NC-SA)",
    citation="Nivre et al. 2018, Universal Dependencies; Hu et al. 2020, XTREME",
    note="Published scores are seqeval F1 over runs of equal tags, not token accuracy.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence, a tag a word."""
    return Example(tokens=tuple(row["tokens"]), tags=columns.tags(row, "pos_tags", LABELS))
