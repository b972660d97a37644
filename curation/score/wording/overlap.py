"""What rows of one table share with rows of others: whole rows by hash and by neighbours, long fields by n-grams.

Used to find training rows that leak a target's dev or test row. Hash look-ups cover all languages and any
number of rows; n-grams are counted in blocks against a sorted array of the target's n-grams, so that memory follows the
target and not the train set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curation.score.wording import interned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from curation.score.wording.interned import Hashes, Ints, Rows, Texts

Words = tuple[str, ...]

BLOCK = 4_000
"""Texts whose n-grams are held at a time."""
COMMON = 100
"""An n-gram in more fields than this is boilerplate and says nothing."""


def by_hash(rows: Rows, hashes: Hashes, others: Rows, other_hashes: Hashes) -> tuple[Ints, Ints]:
    """Return the rows that have the same fields, in whatever order, as one of ``others``, and the first such one.

    ``hashes``: one for every field of each table, equal where fields are to count as the same.
    """
    keys, known = others.keys(other_hashes, ordered=False), np.flatnonzero(others.said(other_hashes))
    keys, first = np.unique(keys[known], return_index=True)
    mine = rows.keys(hashes, ordered=False)
    at = np.minimum(np.searchsorted(keys, mine), max(len(keys) - 1, 0))
    hit = np.flatnonzero((keys[at] == mine) & rows.said(hashes)) if len(keys) else np.zeros(0, np.int64)
    return hit, known[first[at[hit]]] if len(keys) else hit


@dataclass(frozen=True)
class Shared:
    """What a row holds of the fields of another row."""

    other: int
    """The other row."""
    field: int
    """Which field of it, the one that most words of are held."""
    containment: float
    """Share (0..1) of that field's n-grams that one field of the row holds."""
    share: float
    """Share (0..1) of the other row's words that were found, over all its shared fields: containment times the
    field's part of the row, summed."""
    whole: bool
    """Whether every field of the other row is held, so that the row as such is known: not its context alone, say."""


def by_ngrams(rows: Rows, others: Rows, n: int, least: float) -> dict[int, Shared]:
    """Return row to the one of ``others`` it gives away most of, by its fields contained to ``least`` or more.

    A row that holds every field of another goes before one that holds more words, but not every field.

    Args:
        rows: rows whose words are numbered as those of ``others``.
        others: the rows that should not be known.
        n: words per n-gram; fields with fewer words are too short to tell on their own, and count beside a longer one
            when the row has them word for word in another of its fields.
        least: containment (0..1) from which a field counts as shared.
    """
    held: dict[tuple[int, int], dict[int, tuple[float, int]]] = {}
    for i, mine, j, f, contained in _fields_held(rows, others, n, least):
        of = held.setdefault((i, j), {})
        of[f] = max(of.get(f, (0.0, 0)), (contained, mine))
    best: dict[int, Shared] = {}
    for (i, j), of in held.items():
        shared = _shared(rows.words(i), others.words(j), j, of)
        if i not in best or (shared.whole, shared.share) > (best[i].whole, best[i].share):
            best[i] = shared
    return best


def _shared(row: Sequence[Words], other: Sequence[Words], j: int, of: Mapping[int, tuple[float, int]]) -> Shared:
    """Return what ``row`` holds of ``other``; ``of``: field to its containment and the field of ``row`` with it."""
    taken = {mine for _, mine in of.values()} if len(row) > 1 else set()
    rest = [f" {' '.join(words)} " for g, words in enumerate(row) if g not in taken]
    found = {f: contained for f, (contained, _) in of.items()}
    found |= {
        f: 1.0
        for f, words in enumerate(other)
        if words and f not in found and any(f" {' '.join(words)} " in text for text in rest)
    }
    parts = {f: contained * len(other[f]) / sum(map(len, other)) for f, contained in found.items()}
    field = max(of, key=lambda f: (parts[f], -f))
    whole = all(f in found for f, words in enumerate(other) if words)
    return Shared(j, field, of[field][0], min(1.0, sum(parts.values())), whole)


def _fields_held(rows: Rows, others: Rows, n: int, least: float) -> Iterator[tuple[int, int, int, int, float]]:
    """Yield row, its field, other row, its field and containment, in this order, for all that reach ``least``."""
    users = [Users(table, np.flatnonzero(table.texts.lengths[table.field] >= n)) for table in (rows, others)]
    found = []
    for text, other, contained in _contained(rows.texts, np.unique(rows.field), others.texts, users[1], n, least):
        for i, mine in users[0].of(text):
            found += [(i, mine, j, f, contained) for j, f in users[1].of(other)]
    yield from sorted(found, key=lambda one: (one[0], one[1], one[2], one[3]))


class Users:
    """Which fields of a table have which text."""

    def __init__(self, table: Rows, fields: Ints):
        self._order = fields[np.argsort(table.field[fields], kind="stable")]
        self._texts = table.field[self._order]
        self._rows, self._starts = table.owner(), table.starts
        self.texts = np.unique(self._texts)

    def of(self, text: int) -> list[tuple[int, int]]:
        """Return row and place of every field with the ``text``."""
        a, b = np.searchsorted(self._texts, [text, text + 1])
        fields = self._order[a:b]
        rows = self._rows[fields]
        return list(zip(rows.tolist(), (fields - self._starts[rows]).tolist(), strict=True))

    def count(self, texts: Ints) -> Ints:
        """Return how many fields have each of ``texts``."""
        return np.searchsorted(self._texts, texts, "right") - np.searchsorted(self._texts, texts, "left")


def _contained(
    mine: Texts, used: Ints, its: Texts, users: Users, n: int, least: float
) -> Iterator[tuple[int, int, float]]:
    """Yield text, text of the others, and containment, for every pair that reaches ``least``."""
    grams, of = _ngrams(its, users.texts, n)
    order = np.lexsort((of, grams))
    grams, of = grams[order], of[order]
    size = np.bincount(of, minlength=len(its.starts))
    fields = np.concatenate([[0], np.cumsum(users.count(of))])
    known = np.zeros(int(max(mine.words.max(initial=-1), its.words.max(initial=-1))) + 1, np.bool_)
    known[its.words] = True
    used = used[np.asarray(mine.lengths)[used] >= n]
    for start in range(0, len(used), BLOCK):
        ours, text = _ngrams(mine, used[start : start + BLOCK], n, known)
        left, right = np.searchsorted(grams, ours, "left"), np.searchsorted(grams, ours, "right")
        hits = right - left
        hits[fields[right] - fields[left] > COMMON] = 0
        total = int(hits.sum())
        if not total:
            continue
        offset = np.arange(total) - np.repeat(np.cumsum(hits) - hits, hits)
        pairs = np.stack([np.repeat(text, hits), of[np.repeat(left, hits) + offset]], axis=1)
        found, counts = np.unique(pairs, axis=0, return_counts=True)
        contained = np.minimum(counts / size[found[:, 1]], 1.0)
        enough = contained >= least
        yield from zip(found[enough, 0].tolist(), found[enough, 1].tolist(), contained[enough].tolist(), strict=True)


def _ngrams(texts: Texts, chosen: Ints, n: int, known: npt.NDArray[np.bool_] | None = None) -> tuple[Hashes, Ints]:
    """Return the distinct n-grams of the ``chosen`` texts as 64-bit hashes, and whose they are.

    With ``known``, one flag per word, none that hold a word that is not.
    """
    lengths = texts.lengths[chosen]
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    if total < n:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    codes = texts.words[np.repeat(texts.starts[chosen] - (ends - lengths), lengths) + np.arange(total)]
    mixed = interned.mix(codes.astype(np.uint64) + np.uint64(1))
    of = np.repeat(chosen, lengths)
    m = total - n + 1
    hashes, whole = np.zeros(m, np.uint64), of[:m] == of[n - 1 :]
    for i in range(n):
        hashes = hashes * np.uint64(0x100000001B3) + mixed[i : i + m]
        whole &= True if known is None else known[codes[i : i + m]]
    pairs = np.unique(np.stack([hashes[whole], of[:m][whole].astype(np.uint64)], axis=1), axis=0)
    return pairs[:, 0].copy(), pairs[:, 1].astype(np.int64)
