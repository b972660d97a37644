r"""Scripts: which one a letter belongs to, which ones a language is written in, which put no spaces between words.

The scripts of letters are Unicode's, by ``regex``'s ``\p{Script}``; the names are Unicode's too (``Latin``, ``Han``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import regex

from curation.language import codes

if TYPE_CHECKING:
    from collections.abc import Mapping

UNSPACED = (
    "Han", "Hiragana", "Katakana", "Bopomofo", "Yi", "Thai", "Lao", "Khmer", "Myanmar", "Tai_Le", "New_Tai_Lue",
    "Tai_Tham", "Tai_Viet", "Javanese", "Balinese",
)  # fmt: skip
"""Scripts without spaces between words: there every letter, with the marks on it, is taken for a word. Tibetan is not
among them, since a point stands between its syllables, nor Ethiopic, whose words are parted by points or blanks."""

_OF: Mapping[str, str] = {
    "ar ckb fa ps sd ug ur": "Arabic",
    "be bg kk ky mk mn ru tg tt uk": "Cyrillic",
    "el": "Greek",
    "he yi": "Hebrew",
    "hi mr ne sa": "Devanagari",
    "as bn": "Bengali",
    "ta": "Tamil",
    "te": "Telugu",
    "kn": "Kannada",
    "ml": "Malayalam",
    "gu": "Gujarati",
    "or": "Oriya",
    "pa": "Gurmukhi Arabic",
    "si": "Sinhala",
    "th": "Thai",
    "lo": "Lao",
    "km": "Khmer",
    "my": "Myanmar",
    "bo dz": "Tibetan",
    "ka": "Georgian",
    "hy": "Armenian",
    "am ti": "Ethiopic",
    "zh": "Han",
    "ja": "Han Hiragana Katakana",
    "ko": "Hangul Han",
    "sr": "Cyrillic Latin",
    "af an ast az bs br ca cs cy da de en eo es et eu fi fr ga gl hr ht hu id ilo is it jv lt lv mg ms mt nb nl nn no "
    "oc pl pt qu ro sc sk sl so sq sv sw tl tr uz vi xh yo zu": "Latin",
}
_BY_LANGUAGE = {lang: frozenset(names.split()) for langs, names in _OF.items() for lang in langs.split()}
_KNOWN = sorted({*UNSPACED}.union(*_BY_LANGUAGE.values()))
_SCRIPT = regex.compile(
    "|".join(rf"(?P<{name}>\p{{Script={name}}})" for name in _KNOWN) + r"|(?P<other>[^\p{Common}\p{Inherited}])"
)


def of(lang: str) -> frozenset[str]:
    """Return the scripts that the language ``lang`` (a code, with or without a region) is written in; empty = unknown.

    >>> sorted(of("sr")), sorted(of("pt-BR")), sorted(of("zho_Hans")), sorted(of("tlh"))
    (['Cyrillic', 'Latin'], ['Latin'], ['Han'], [])
    """
    return _BY_LANGUAGE.get(codes.language(lang), frozenset())


@lru_cache(maxsize=65536)
def script(char: str) -> str:
    """Return the script of a letter: one of this table, or ``other``; empty for anything else.

    >>> script("ж"), script("狗"), script("7"), script("ー"), script("Ꮳ")
    ('Cyrillic', 'Han', '', '', 'other')
    """
    found = _SCRIPT.match(char) if char.isalpha() else None
    return str(found.lastgroup) if found else ""


def share(text: str, lang: str) -> float:
    """Return the share of letters of ``text`` in the scripts of ``lang``: 0..1, NaN without letters or script.

    >>> share("Собака спит", "ru"), share("The dog", "ru")
    (1.0, 0.0)
    """
    wanted = of(lang)
    letters = [name for char in text if (name := script(char))]
    return sum(name in wanted for name in letters) / len(letters) if wanted and letters else float("nan")
