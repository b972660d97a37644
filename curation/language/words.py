r"""The words of a text, for every stage: with their places (spans), in lower case (translations), or made comparable.

One pattern finds words in every script; :func:`split`, :func:`plain` and :func:`folded` differ in what they look at
beside words (all signs, none, signs that mean something) and in what is done to the text before.

A word is a run of letters, digits and the marks on them (``\w`` knows no marks, and would tear Hindi at every vowel).
It may hold format characters (a joiner in Persian), a separator between digits (``1,234.5``), a point between letters
(Catalan ``col·legi``), and an apostrophe between letters of another script than Latin (Ukrainian ``м'ята``): in Latin
script it parts words as often as not (``l'homme``, ``it's``). In scripts without spaces
(:data:`curation.language.scripts.UNSPACED`) every letter with its marks and subscripts is a word. Emoji sequences are
one sign.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

import regex

from curation.language.scripts import UNSPACED

if TYPE_CHECKING:
    from collections.abc import Sequence

_APOSTROPHES = "'’ʼ＇"
_ALONE = r"[[\p{L}\p{Nl}]&&[" + "".join(map(r"\p{{scx={}}}".format, UNSPACED)) + "]]"
_MARKS = r"[\p{M}\p{Grapheme_Extend}\p{Join_Control}]*+"
_STACKED = r"\p{InSC=Invisible_Stacker}"  # the next consonant is written below
_UNSPACED = rf"{_ALONE}{_MARKS}(?:(?<={_STACKED}){_ALONE}{_MARKS})*+"
_USUAL = "a-zA-Z0-9À-ÖØ-öø-ʯΆ-ώА-ӿ"  # part of what follows, named for speed
_RUN = rf"[{_USUAL}[[\p{{L}}\p{{M}}\p{{N}}]--{_ALONE}]]++"
_OTHER = r"[[\p{L}\p{M}]--\p{Latin}]"
_INSIDE = "|".join(
    (
        rf"(?<=\p{{Nd}})[.,٫٬{_APOSTROPHES}](?=\p{{Nd}})",
        rf"(?<={_OTHER})[{_APOSTROPHES}](?=[\p{{L}}--\p{{Latin}}])",
        r"""(?<=\p{Hebrew})["״׳](?=\p{Hebrew})""",
        r"(?<=\p{L})[·‧](?=\p{L})",
        r"[\p{Cf}--\u200b]++",  # U+200B parts words
    )
)
_WORD = rf"{_RUN}(?:(?=\S)(?:{_INSIDE}){_RUN})*+|{_UNSPACED}"
_PICTURE = r"\p{Extended_Pictographic}[\p{M}\p{EMod}\U000e0020-\U000e007f]*+"
_EMOJI = rf"\p{{RI}}{{2}}|{_PICTURE}(?:\u200d{_PICTURE})*+"
_SIGN = r"[\p{Sm}\p{Sc}\p{So}#%&@+]\p{M}*+"

_LETTERS = regex.compile(r"[\p{L}\p{M}]+", regex.V1)
_UNSPACED_WORD = regex.compile(_UNSPACED, regex.V1)
_PLAIN = regex.compile(rf"(?=\S)(?:{_WORD})", regex.V1)
_MEANING = regex.compile(rf"(?=\S)(?:{_WORD}|{_EMOJI}|{_SIGN})", regex.V1)
_ALL = regex.compile(rf"(?=\S)(?:{_WORD}|{_EMOJI}|[^\s\p{{Cf}}]\p{{M}}*+)", regex.V1)

_CONTRACTED = regex.compile(rf"\b([a-z]+) ?n[{_APOSTROPHES}]t\b")
_WHOLE = {"ca": "can", "wo": "will", "sha": "shall"}
_NO_APOSTROPHES = {ord(char): None for char in _APOSTROPHES}
_FORMAT = regex.compile(r"(?<=[\p{L}\p{M}\p{N}])[\p{Cf}--\u200b]++(?=[\p{L}\p{M}\p{N}])", regex.V1)


def split(text: str) -> list[str]:
    """Return the words and punctuation marks of ``text``, in order.

    >>> split("It's 3.5 m.")
    ['It', "'", 's', '3.5', 'm', '.']
    >>> split("हिन्दी भाषा"), split("狗在跑")
    (['हिन्दी', 'भाषा'], ['狗', '在', '跑'])
    """
    found: list[str] = _ALL.findall(text)
    return found


def places(text: str) -> list[tuple[int, int]]:
    """Return where each word of :func:`split` begins and ends, in characters.

    >>> places("A dog.")
    [(0, 1), (2, 5), (5, 6)]
    """
    return [match.span() for match in _ALL.finditer(text)]


def covered(places: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """Return the first and last word that overlap characters ``start`` to ``end`` (exclusive), or ``None``.

    >>> covered([(0, 1), (2, 5), (5, 6)], 2, 5)
    (1, 1)
    """
    inside = [i for i, (begin, stop) in enumerate(places) if begin < end and stop > start]
    return (inside[0], inside[-1]) if inside else None


def plain(text: str) -> list[str]:
    """Return the words of ``text`` in lower case, without punctuation and signs.

    >>> plain("The dog's 犬です")
    ['the', 'dog', 's', '犬', 'で', 'す']
    """
    found: list[str] = _PLAIN.findall(text.casefold())
    return found


def one_word(text: str, at: int) -> bool:
    """Return whether the characters before and after position ``at`` belong to one word.

    >>> one_word("a house", 3), one_word("a house", 2), one_word("犬です", 1)
    (True, False, False)
    """
    if not 0 < at < len(text) or text[at - 1].isspace() or text[at].isspace():
        return False
    head, tail = text[:at].rsplit(maxsplit=1)[-1], text[at:].split(maxsplit=1)[0]  # no word holds a blank
    return any(found.start() < len(head) < found.end() for found in _PLAIN.finditer(head + tail))


@lru_cache(maxsize=1 << 16)
def lettered(word: str) -> bool:
    """Return whether ``word`` is made of letters and the marks on them.

    >>> lettered("हिन्दी"), lettered("3rd")
    (True, False)
    """
    return _LETTERS.fullmatch(word) is not None


def alone(word: str) -> bool:
    """Return whether ``word`` is one letter, with its marks, of a script without spaces between words.

    >>> alone("น้"), alone("dog")
    (True, False)
    """
    return _UNSPACED_WORD.fullmatch(word) is not None


def folded(text: str) -> list[str]:
    r"""Return the words of ``text`` as two texts are compared by: NFKC, case-folded, without punctuation.

    Signs that mean something (``+``, ``€``, an emoji) are words; apostrophes and format characters go; English *n't*
    is *not*, also where a tokeniser has cut it off.

    >>> folded("John's 5€ T-shirt!")
    ['johns', '5', '€', 't', 'shirt']
    >>> folded("They can't, she won't, it did n’t")
    ['they', 'can', 'not', 'she', 'will', 'not', 'it', 'did', 'not']
    >>> folded("cafe\u0301") == folded("CAFÉ")
    True
    """
    return list(_compared(text))


def normal(text: str) -> str:
    """Return ``text`` as its :func:`folded` words with single spaces: what texts are compared by.

    >>> normal("A dog, running.") == normal("a  dog running")
    True
    """
    return " ".join(_compared(text))


@lru_cache(maxsize=1024)
def _compared(text: str) -> tuple[str, ...]:
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKC", _FORMAT.sub("", folded))  # folding may take letters apart
    if any(mark in folded for mark in _APOSTROPHES):
        folded = _CONTRACTED.sub(lambda found: f"{_WHOLE.get(found[1], found[1])} not", folded)
        folded = folded.translate(_NO_APOSTROPHES)
    return tuple(_MEANING.findall(folded))
