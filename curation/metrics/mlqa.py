"""MLQA exact match and token F1: SQuAD's, with normalisation by the language of the answer.

Source: Lewis et al. 2020, the published evaluation: lower-case; delete every character of a Unicode category P and
ASCII punctuation; replace the language's articles; tokens by white space, but in Chinese each character of
U+4E00..U+9FA5 is a token of its own. Languages: ar, de, en, es, hi, vi, zh; another one is an error, as upstream.
"""

from __future__ import annotations

import re
import string
import unicodedata
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from curation.core.errors import CairnError, unknown
from curation.language import codes
from curation.metrics import Floats, check_lengths, squad

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("span",)
PRIMARY = squad.PRIMARY
values = squad.values

_ARTICLES = {
    "en": re.compile(r"\b(?:a|an|the)\b"),
    "es": re.compile(r"\b(?:una?|un[ao]s|el|la|l[ao]s)\b"),
    "de": re.compile(r"\b(?:ein(?:e[nmsr]?)?|de[rnms]|die|das)\b"),
    "vi": re.compile(r"\b(?:của|là|cái|chiếc|những)\b"),
    "ar": re.compile("ال"),  # upstream writes r"\sال^|ال": its first half never matches
    "hi": None,
    "zh": None,
}
LANGUAGES = frozenset(_ARTICLES)
"""The languages whose answers it can compare."""
_HAN = re.compile("([\u4e00-\u9fa5])")


def normalise(text: str, lang: str) -> str:
    """Return ``text`` as MLQA compares it: tokens joined by single spaces.

    >>> normalise("Der „große“ Hund", "de"), normalise("1999年 春", "zh"), normalise("¿El rey?", "es")
    ('große hund', '1999 年 春', 'rey')
    """
    kept = "".join(c for c in text.lower() if c not in string.punctuation and unicodedata.category(c)[0] != "P")
    articles = _ARTICLES[lang]
    if articles is not None:
        kept = articles.sub(" ", kept)
    if lang == "zh":
        kept = _HAN.sub(r" \1 ", kept)
    return " ".join(kept.split())


def statistics(gold: Sequence[Sequence[str]], predicted: Sequence[str], *, lang: str, labels: Sequence[str]) -> Floats:
    """Return ``(n, 3)``: exact match, token F1, and 1; raise :class:`CairnError` for a language MLQA does not have.

    >>> statistics([["北京市"]], ["北京"], lang="zh", labels=()).tolist()
    [[0.0, 0.8, 1.0]]
    """
    check_lengths(gold, predicted, "mlqa")
    known = codes.language(lang)
    if known not in _ARTICLES:
        raise CairnError(f"{unknown('language', lang, _ARTICLES, 'metric mlqa')} Use metric squad for other languages.")
    compare = partial(squad.compare, normalise=partial(normalise, lang=known))
    rows = [(*compare(guess, answers), 1.0) for guess, answers in zip(predicted, gold, strict=True)]
    return np.asarray(rows, dtype=np.float64).reshape(-1, 3)
