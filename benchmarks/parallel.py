"""Parallel texts of the data mirror (CAIRN_HUB_MIRROR), English beside every other language it has them in.

Every set is cut in two by row: *even* rows calibrate and teach, *odd* rows are measured on. XNLI's test set is
measured on only, and is another domain.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from curation.core import files

NTREX = {
    "de": "deu_Latn", "fr": "fra_Latn", "es": "spa_Latn", "it": "ita_Latn", "pt": "por_Latn", "nl": "nld_Latn",
    "ru": "rus_Cyrl", "uk": "ukr_Cyrl", "bg": "bul_Cyrl", "el": "ell_Grek", "tr": "tur_Latn", "ar": "arb_Arab",
    "he": "heb_Hebr", "fa": "fas_Arab", "hi": "hin_Deva", "bn": "ben_Beng", "ur": "urd_Arab", "mr": "mar_Deva",
    "ta": "tam_Taml", "te": "tel_Telu", "th": "tha_Thai", "vi": "vie_Latn", "id": "ind_Latn", "sw": "swa_Latn",
    "zh": "zho_Hans", "ja": "jpn_Jpan", "ko": "kor_Hang", "fi": "fin_Latn", "et": "est_Latn", "eu": "eus_Latn",
    "hu": "hun_Latn", "ka": "kat_Geor", "kk": "kaz_Cyrl", "af": "afr_Latn", "yo": "yor_Latn", "am": "amh_Ethi",
}  # fmt: skip
TATOEBA = {
    "af": "afr", "ar": "ara", "az": "aze", "be": "bel", "bg": "bul", "bn": "ben", "ca": "cat", "cs": "ces",
    "da": "dan", "de": "deu", "el": "ell", "eo": "epo", "es": "spa", "et": "est", "fa": "pes", "fi": "fin",
    "fr": "fra", "ga": "gle", "gl": "glg", "he": "heb", "hi": "hin", "hr": "hrv", "hu": "hun", "id": "ind",
    "is": "isl", "it": "ita", "lt": "lit", "lv": "lvs", "mk": "mkd", "mr": "mar", "ms": "zsm", "nb": "nob",
    "nl": "nld", "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sk": "slk", "sq": "sqi", "sr": "srp",
    "sv": "swe", "ta": "tam", "te": "tel", "th": "tha", "tl": "tgl", "tr": "tur", "uk": "ukr", "vi": "vie", "zh": "cmn",
}  # fmt: skip
XNLI = ("ar", "bg", "de", "el", "es", "fr", "hi", "ru", "th", "tr", "vi", "zh")
LANGUAGES = tuple(sorted({*NTREX, *TATOEBA}))
Pair = tuple[str, str]


def rows(repo: str, config: str, split: str) -> list[dict[str, Any]]:
    """Return the rows of one file of the mirror."""
    folder = Path(os.environ["CAIRN_HUB_MIRROR"]) / repo / config
    return list(files.read_parquet(next(iter(sorted(folder.glob(f"{split}-*.parquet"))))).to_pylist())


@cache
def _ntrex() -> list[dict[str, Any]]:
    return rows("mteb/NTREX", "default", "test")


def _xnli(lang: str, split: str) -> list[Pair]:
    both = zip(rows("facebook/xnli", "en", split), rows("facebook/xnli", lang, split), strict=True)
    return list(dict.fromkeys((a[name], b[name]) for a, b in both for name in ("premise", "hypothesis")))


def _sets(lang: str) -> dict[str, list[Pair]]:
    found: dict[str, list[Pair]] = {}
    if lang in NTREX:
        found["ntrex"] = [(row["eng_Latn"], row[NTREX[lang]]) for row in _ntrex()]
    if lang in TATOEBA:
        found["tatoeba"] = [
            (row["sentence2"], row["sentence1"])
            for row in rows("mteb/tatoeba-bitext-mining", f"{TATOEBA[lang]}-eng", "test")
        ]
    if lang in XNLI:
        found["xnli"] = _xnli(lang, "validation")
    return found


def calibration(lang: str) -> dict[str, list[Pair]]:
    """Return the pairs ``(English, lang)`` to calibrate and learn on, by data set."""
    return {name: pairs[::2] for name, pairs in _sets(lang).items()}


def held_out(lang: str) -> dict[str, list[Pair]]:
    """Return the pairs that nothing was calibrated or learnt on, by data set; XNLI's are those of its test set."""
    found = {name: pairs[1::2] for name, pairs in _sets(lang).items() if name != "xnli"}
    return found | ({"xnli": _xnli(lang, "test")} if lang in XNLI else {})
