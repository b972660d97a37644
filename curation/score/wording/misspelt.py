"""Texts that are the same but for one word, which is a misspelling: found by hashes, whatever their vectors say.

Of a short text one misspelt word may change the vector as much as another word does: neighbours alone would not show
that the two say the same.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from curation.score.wording.texts import RARE
from curation.search.components import components

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from curation.score.wording.interned import Hashes, Ints, Rows
    from curation.score.wording.texts import Vocabulary


def hashes(rows: Rows, known: Vocabulary) -> Hashes:
    """Return a hash per distinct text, ``(texts,)``: equal for equal words, and for texts a misspelt word apart.

    One word of one text has to be a misspelling (:meth:`curation.score.wording.texts.Vocabulary.misspelt`) of the word
    at the same place in the other. Time and memory grow with the words of the texts, not with pairs of them.
    """
    said, number = np.unique(rows.texts.hashes, return_inverse=True)  # texts that differ in a mark have the same words
    edges = number[np.array(list(_edges(rows, known)), np.int64).reshape(-1, 2)]
    return said[components(len(said), edges[:, 0], edges[:, 1])[number]]


def _edges(rows: Rows, known: Vocabulary) -> Iterator[tuple[int, int]]:
    """Yield pairs of texts that are a misspelt word apart."""
    names = rows.numbers.words()
    rare = np.array([known.counts.get(name, 0) <= RARE for name in names], np.bool_)
    lang = np.zeros(len(rows.texts), np.int64)
    lang[rows.field] = rows.lang[rows.owner()]
    for text, word in _groups(rows, rare):
        here: dict[int, int] = dict(zip(word.tolist(), text.tolist(), strict=True))  # a text for each word at the gap
        number = {names[one]: one for one in here}
        for a, b in _a_letter_apart(number):
            one, other = number[a], number[b]
            if (rare[one] or rare[other]) and known.misspelt(a, b, rows.langs[lang[here[one]]]):
                yield here[one], here[other]


def _groups(rows: Rows, rare: npt.NDArray[np.bool_]) -> Iterator[tuple[Ints, Ints]]:
    """Yield texts that are the same but for one word, and these words, where they differ and one of them is rare."""
    parts = [rest[rare[said]] for _, said, _, rest in rows.texts.rests()]
    wanted = np.unique(np.concatenate([np.zeros(0, np.uint64), *parts]))
    if not len(wanted):
        return
    keys: list[Hashes] = []
    texts: list[Ints] = []
    words: list[Ints] = []
    for some, said, of, rest in rows.texts.rests():
        at = np.minimum(np.searchsorted(wanted, rest), len(wanted) - 1)
        hit = np.flatnonzero(wanted[at] == rest)
        keys.append(rest[hit])
        texts.append(of[hit] + some.start)
        words.append(said[hit])
    key, text, word = np.concatenate(keys), np.concatenate(texts), np.concatenate(words)
    order = np.lexsort((word, key))
    key, text, word = key[order], text[order], word[order]
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    for start, stop in zip(starts.tolist(), np.append(starts[1:], len(key)).tolist(), strict=True):
        if word[start] != word[stop - 1]:
            yield text[start:stop], word[start:stop]


def _a_letter_apart(found: Iterable[str]) -> set[tuple[str, str]]:
    """Return pairs of words, all that a :func:`curation.score.wording.texts.typo` may lie between among them.

    Words that are the same once a letter is taken from both, or one from the shorter and two from the longer: found by
    what is left (Garbe 2012, SymSpell), not pair by pair. A word of several digits is a number or a name, and no slip
    of another.

    >>> sorted(_a_letter_apart(["dog", "dgo", "fog", "cat", "summer", "sumrner", "b2021", "b2022"]))
    [('dgo', 'dog'), ('dog', 'fog'), ('summer', 'sumrner')]
    """
    by_rest: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for word in found:
        if sum(char.isdigit() for char in word) < 2:
            for i in range(len(word)):
                by_rest[word[:i] + word[i + 1 :]][0].add(word)
                if i + 2 <= len(word):
                    by_rest[word[:i] + word[i + 2 :]][1].add(word)
    return {
        (min(pair), max(pair))
        for less, two_less in by_rest.values()
        for pair in (*combinations(less, 2), *product(less, two_less))
    }
