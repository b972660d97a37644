"""Words with their tags, and how they are set: spaces, elision, punctuation, capitals, character offsets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Word(NamedTuple):
    """One token of the surface: its universal part of speech, its role in the clause and the entity it belongs to."""

    text: str
    pos: str
    role: str = ""
    entity: str = ""


Words = list[Word]
CLOSING = frozenset({".", ",", "?", "!", ":", ";", "'s", "'"})
"""Tokens set without a space before them."""
OPENING = ("'", "¿")
"""Endings of tokens set without a space after them: *l'*, *¿*."""


def words(text: str, tags: str, role: str = "") -> Words:
    """Return the words of ``text`` with the space-separated ``tags``.

    >>> words("im Garten", "ADP NOUN")[1].pos
    'NOUN'
    """
    return [Word(t, p, role) for t, p in zip(text.split(), tags.split(), strict=True)]


def in_role(phrase: Iterable[Word], role: str) -> Words:
    """Return ``phrase`` with every word that has no role yet in ``role``."""
    return [word._replace(role=role) if not word.role else word for word in phrase]


def without_roles(phrase: Iterable[Word]) -> Words:
    """Return ``phrase`` with no roles: a clause inside another one is not asked about."""
    return [word._replace(role="") for word in phrase]


def offsets(sentence: Sequence[Word]) -> tuple[str, list[tuple[int, int]]]:
    """Return the text as it is set, and each word's ``(start, end)`` in characters.

    >>> offsets([Word("l'", "DET"), Word("âne", "NOUN"), Word(".", "PUNCT")])
    ("l'âne.", [(0, 2), (2, 5), (5, 6)])
    """
    text, spans, glue = "", [], True
    for word in sentence:
        if not glue and word.text not in CLOSING:
            text += " "
        spans.append((len(text), len(text) + len(word.text)))
        text += word.text
        glue = word.text.endswith(OPENING) and word.text not in CLOSING
    return text, spans


def text_of(sentence: Sequence[Word]) -> str:
    """Return the text as it is set."""
    return offsets(sentence)[0]


def capital(phrase: Sequence[Word]) -> Words:
    """Return ``phrase`` with a capital at its first letter."""
    for i, word in enumerate(phrase):
        if word.text[0].isalpha():
            return [*phrase[:i], word._replace(text=word.text[0].upper() + word.text[1:]), *phrase[i + 1 :]]
    return list(phrase)


def sentence(phrase: Sequence[Word], end: str = ".") -> Words:
    """Return ``phrase`` as a sentence: a capital first, one mark at the end, no comma before it or twice."""
    tidy: Words = []
    for word in phrase:
        if not (word.text == "," and (not tidy or tidy[-1].text == ",")):
            tidy.append(word)
    while tidy and tidy[-1].text == ",":
        tidy.pop()
    return [*capital(tidy), Word(end, "PUNCT")]
