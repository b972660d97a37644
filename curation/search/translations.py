"""Which row is the translation of which: the margin of the vectors, the words one by one, and the lengths.

What each adds is measured in docs/results.md. The weights were set on XNLI's validation set in German, Spanish,
French and Russian among rows of MNLI and of SNLI, with one encoder; half and twice their values find hardly less there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.core import records
from curation.language import lengths, words
from curation.search import margin
from curation.search.exact import F32, Floats, unit

Ints = npt.NDArray[np.int64]
Encode = Callable[[Sequence[str]], npt.NDArray[Any]]
"""Returns a vector per text, by the encoder that made the rows' vectors."""

WORDS = 3.0
"""Margin that a whole text of words adds which have all their like in this candidate, and in no other."""
LENGTH = 0.15
"""Margin that :func:`curation.language.lengths.misfit` of 1 takes: a length off by two standard deviations."""


@dataclass(frozen=True)
class Side:
    """Rows of one of two sides."""

    rows: pa.Table
    """Records, n of them."""
    fields: Sequence[str]
    """Fields that are compared one by one; none = rows are compared as one text each."""
    vectors: Sequence[Floats]
    """One array (n, d) per field."""

    def texts(self, at: Ints) -> list[list[str]]:
        """Return the texts of the rows at places ``at``: one list per field."""
        some = self.rows.take(pa.array(at))
        if self.fields:
            return [some[name].to_pylist() for name in self.fields]
        return [[records.text_of(records.kind_of(self.rows), row) for row in some.to_pylist()]]

    def langs(self, at: Ints) -> list[str]:
        """Return the code of the language of each of the rows at places ``at``."""
        langs: list[str] = self.rows["lang"].take(pa.array(at)).to_pylist()
        return langs


@dataclass(frozen=True)
class Likeliest:
    """For every asked row the row that is likeliest its translation."""

    index: npt.NDArray[np.int64]
    """(m,) positions in the corpus."""
    margin: npt.NDArray[np.float64]
    """(m,) the margin of the vectors (1 = no nearer than its neighbours are), and what words and lengths add to it."""
    cosine: npt.NDArray[np.float64]
    """(m,) mean over the fields of the cosine, -1..1."""


def likeliest(asked: Side, corpus: Side, encode: Encode, what: str = "translations") -> Likeliest:
    """Return the likeliest translation of every row of ``asked`` among the rows of ``corpus``.

    Candidates come by the vectors of whole fields; which of them, and how likely, words and lengths say as well. Memory
    grows with the rows asked for and the words of their candidates, not with the corpus.
    """
    found = margin.candidates(asked.vectors, corpus.vectors, what)
    named, place = np.unique(found.index, return_inverse=True)
    place = place.reshape(found.index.shape)
    every = np.arange(len(place))
    ours, theirs = asked.texts(every), corpus.texts(named)
    total = found.margin + WORDS * shared_words(ours, theirs, place, encode)
    here, there = lengths.expected(asked.langs(every))[:, None], lengths.expected(corpus.langs(named))[place]
    for own, other in zip(ours, theirs, strict=True):
        a, b = (np.array([len(text) for text in texts], np.int64) for texts in (own, other))
        total -= LENGTH * lengths.misfit(a[:, None], b[place], here, there) / len(ours)
    best = total.argmax(axis=1)
    return Likeliest(found.index[every, best], total[every, best], found.cosine[every, best])


def shared_words(
    ours: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]], place: Ints, encode: Encode
) -> npt.NDArray[np.float64]:
    """Return how much more of a row's words have their like in one candidate than in the others, (m, k), mean 0.

    Each word of a row counts by the cosine of its vector to the nearest among the candidate's (never below 0), rare
    words more (by the logarithm of their inverse document frequency); the mean over words, then over fields. A word's
    vector is that of the word as a text of its own, less the mean of its side, which takes what a language's vectors
    have in common.

    Args:
        ours: m texts per field.
        theirs: texts per field, of all that are a candidate of some row.
        place: (m, k) candidates of each row, as places in ``theirs``.
        encode: a vector per text.
    """
    one, other = _Words(ours, encode), _Words(theirs, encode)
    found = np.zeros(place.shape)
    for own, its in zip(one.fields, other.fields, strict=True):
        for row, candidates in enumerate(place):
            mine, parts = own[row], [its[at] for at in candidates]
            starts = np.cumsum([0, *(len(part) for part in parts[:-1])])
            nearest = np.maximum.reduceat(one.vectors[mine] @ other.vectors[np.concatenate(parts)].T, starts, axis=1)
            found[row] += one.weights[mine] @ np.maximum(nearest, 0) / one.weights[mine].sum()
    more: npt.NDArray[np.float64] = (found - found.mean(axis=1, keepdims=True)) / len(ours)
    return more


class _Words:
    """The words of texts as numbers, with a vector and a weight each; a text without words has one of no meaning."""

    fields: list[list[Ints]]
    """For each field, the different words of each text."""
    vectors: F32
    weights: npt.NDArray[np.float64]

    def __init__(self, fields: Sequence[Sequence[str]], encode: Encode):
        found = [[list(dict.fromkeys(words.plain(text))) for text in texts] for texts in fields]
        counts = Counter(word for texts in found for text in texts for word in text)
        number = {word: at for at, word in enumerate(sorted(counts), start=1)}
        self.fields = [
            [np.array([number[word] for word in text] or [0], np.int64) for text in texts] for texts in found
        ]
        n = sum(map(len, fields))
        self.weights = np.array([1.0, *(np.log((n + 1) / (counts[word] + 0.5)) for word in number)])
        vectors = unit(encode([*number])) if number else np.zeros((0, 1), np.float32)
        vectors = unit(vectors - vectors.mean(axis=0)) if number else vectors
        self.vectors = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), vectors])
