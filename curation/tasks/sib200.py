"""SIB-200: the topic of a sentence of FLORES in 205 languages and scripts, parallel (Adelani et al. 2024)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

LABELS = (
    "science/technology", "travel", "politics", "sports", "health", "entertainment", "geography",
)  # fmt: skip
CONFIGS = {
    "ar": "arb_Arab", "bg": "bul_Cyrl", "bn": "ben_Beng", "de": "deu_Latn", "el": "ell_Grek", "en": "eng_Latn",
    "es": "spa_Latn", "et": "est_Latn", "eu": "eus_Latn", "fa": "pes_Arab", "fi": "fin_Latn", "fr": "fra_Latn",
    "he": "heb_Hebr", "hi": "hin_Deva", "ht": "hat_Latn", "hu": "hun_Latn", "id": "ind_Latn", "it": "ita_Latn",
    "ja": "jpn_Jpan", "jv": "jav_Latn", "ka": "kat_Geor", "kk": "kaz_Cyrl", "ko": "kor_Hang", "ml": "mal_Mlym",
    "mr": "mar_Deva", "my": "mya_Mymr", "nl": "nld_Latn", "pt": "por_Latn", "qu": "quy_Latn", "ru": "rus_Cyrl",
    "sw": "swh_Latn", "ta": "tam_Taml", "te": "tel_Telu", "th": "tha_Thai", "tl": "tgl_Latn", "tr": "tur_Latn",
    "ur": "urd_Arab", "vi": "vie_Latn", "yo": "yor_Latn", "zh": "zho_Hans",
}  # fmt: skip
"""The languages of XTREME and XTREME-R that SIB-200 has, and a few more, to its configs (language and script)."""
_REPO = "Davlan/sib200"
_ENGLISH = {"train": 701, "validation": 99, "test": 204}

TASK = Task(
    kind="classify",
    metric="accuracy",
    train=Source(_REPO, "{lang}", "train", expected_rows=_ENGLISH["train"]),
    dev=Source(_REPO, "{lang}", "validation", expected_rows=_ENGLISH["validation"]),
    test=Source(_REPO, "{lang}", "test", languages=tuple(CONFIGS), expected_rows=_ENGLISH["test"]),
    labels=LABELS,
    parallel=True,
    config_names=CONFIGS,
    licence="CC BY-SA 4.0",
    citation="https://aclanthology.org/2024.eacl-long.14",
    note="A task of few rows: 701 to train on.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence and its topic; the index in FLORES names it in every language."""
    return Example(
        text=columns.text(row, "text"), label=columns.label(row, "category", LABELS), key=str(row["index_id"])
    )
