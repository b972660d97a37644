"""Tatoeba (Artetxe and Schwenk 2019): find the translation of a sentence among up to a thousand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_ISO3 = {
    "af": "afr", "ar": "ara", "bg": "bul", "bn": "ben", "de": "deu", "el": "ell", "es": "spa", "et": "est",
    "eu": "eus", "fa": "pes", "fi": "fin", "fr": "fra", "he": "heb", "hi": "hin", "hu": "hun", "id": "ind",
    "it": "ita", "ja": "jpn", "jv": "jav", "ka": "kat", "kk": "kaz", "ko": "kor", "ml": "mal", "mr": "mar",
    "nl": "nld", "pt": "por", "ru": "rus", "sw": "swh", "ta": "tam", "te": "tel", "th": "tha", "tl": "tgl",
    "tr": "tur", "ur": "urd", "vi": "vie", "zh": "cmn",
}  # fmt: skip
_FEWER = {"jv": 205, "kk": 575, "ml": 687, "ta": 307, "te": 234, "th": 548}
_NOT_COUNTED = ("eu", "ja", "ka", "ko", "sw", "ur")
_SENTENCES = {lang: 2 * _FEWER.get(lang, 1_000) for lang in _ISO3 if lang not in _NOT_COUNTED}

TASK = Task(
    kind="bitext",
    metric="retrieval",
    test=Source(
        "google/xtreme",
        "tatoeba.{lang}",
        "validation",
        languages=tuple(_ISO3),
        unfold=columns.both_sides,
        expected_rows=_SENTENCES,
    ),
    config_names=_ISO3,
    licence="CC BY 2.0 FR",
    citation="Artetxe and Schwenk 2019, Massively multilingual sentence embeddings for zero-shot cross-lingual "
    "transfer and beyond",
    note="One pool per language, at most 1,000 pairs; English sides differ, so pools cannot be compared with each "
    "other. Records are in the order of their content hashes, so the two sides of a pair do not share a position.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence of one side of a pool."""
    return columns.sentence(row)
