"""Words with their place in the text, for kinds whose labels are spans of characters."""

from __future__ import annotations

import re

# Scripts without spaces between words are taken character by character: Thai, Lao, Khmer, Burmese, kana, Han.
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}]+|[^\w\s]")


def split(text: str) -> list[str]:
    """Return the words and punctuation marks of ``text``, in order.

    >>> split("It's 3.5 m.")
    ['It', "'", 's', '3', '.', '5', 'm', '.']
    """
    return _WORD.findall(text)


def places(text: str) -> list[tuple[int, int]]:
    """Return where each word of :func:`split` begins and ends, in characters.

    >>> places("A dog.")
    [(0, 1), (2, 5), (5, 6)]
    """
    return [match.span() for match in _WORD.finditer(text)]


def covered(places: list[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """Return the first and last word that overlap characters ``start`` to ``end`` (exclusive), or ``None``.

    >>> covered([(0, 1), (2, 5), (5, 6)], 2, 5)
    (1, 1)
    """
    inside = [i for i, (begin, stop) in enumerate(places) if begin < end and stop > start]
    return (inside[0], inside[-1]) if inside else None
