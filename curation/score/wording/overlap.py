"""What rows of one table share with rows of others: whole rows by hash and by neighbours, long fields by n-grams.

Used to find training rows that leak a target's dev or test row. Hash look-ups cover all languages and any
number of rows; n-grams are counted in blocks against a sorted array of the target's n-grams, so that memory follows the
target and not the train set.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curation.core import records
from curation.score.wording import duplicates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from curation.score.wording.duplicates import Rows, Words

BLOCK = 20_000
"""Fields whose n-grams are held at a time."""
COMMON = 100
"""An n-gram in more fields than this is boilerplate and says nothing."""


@dataclass(frozen=True)
class Corpus:
    """Rows of several tables under one numbering, in the order in which they were given."""

    where: list[tuple[str, str]]
    """Task and split of each row."""
    ids: list[str]
    raw: list[tuple[str, ...]]
    """The texts of each row's fields."""
    rows: Rows

    @classmethod
    def of(cls, tables: Mapping[tuple[str, str], pa.Table]) -> Corpus:
        """Return the rows of ``tables``, keyed by task and split."""
        corpus = cls([], [], [], duplicates.Rows([], [], []))
        for key, table in tables.items():
            found, kind = duplicates.compared(table), records.kind_of(table)
            corpus.where.extend([key] * table.num_rows)
            corpus.ids.extend(table["id"].to_pylist())
            corpus.raw.extend(tuple(duplicates.field_texts(kind, row)) for row in table.to_pylist())
            corpus.rows.langs.extend(found.langs)
            corpus.rows.words.extend(found.words)
            corpus.rows.heavy.extend(found.heavy)
        return corpus


def digest(fields: Sequence[Words]) -> bytes | None:
    """Return a hash of the fields of a row in any order; ``None`` for a row without words.

    >>> digest([("a", "b"), ("c",)]) == digest([("c",), ("a", "b")]) != digest([("a",), ("b", "c")])
    True
    """
    if not any(fields):
        return None
    text = "\x1f".join(sorted(" ".join(words) for words in fields))
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def by_hash(rows: Sequence[Sequence[Words]], others: Sequence[Sequence[Words]]) -> dict[int, int]:
    """Return row to the first of ``others`` with the same words in the same fields, in whatever order of fields.

    >>> by_hash([[("x",), ("y",)], [("z",)]], [[("y",), ("x",)]])
    {0: 0}
    """
    first: dict[bytes, int] = {}
    for j, fields in enumerate(others):
        if (key := digest(fields)) is not None:
            first.setdefault(key, j)
    found = {i: first.get(key) for i, fields in enumerate(rows) if (key := digest(fields)) is not None}
    return {i: j for i, j in found.items() if j is not None}


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


def by_ngrams(
    rows: Sequence[Sequence[Words]], others: Sequence[Sequence[Words]], n: int, least: float
) -> dict[int, Shared]:
    """Return row to the one of ``others`` it gives away most of, by its fields contained to ``least`` or more.

    A row that holds every field of another goes before one that holds more words, but not every field.

    Args:
        rows: words per field of each row.
        others: words per field of the rows that should not be known.
        n: words per n-gram; fields with fewer words are too short to tell on their own, and count beside a longer one
            when the row has them word for word in another of its fields.
        least: containment (0..1) from which a field counts as shared.
    """
    owner = [(j, f) for j, fields in enumerate(others) for f, words in enumerate(fields) if len(words) >= n]
    vocabulary: dict[str, int] = {}
    for j, f in owner:
        for word in others[j][f]:
            vocabulary.setdefault(word, len(vocabulary) + 1)
    grams, fields = _ngrams([others[j][f] for j, f in owner], vocabulary, n)
    order = np.lexsort((fields, grams))
    grams, fields = grams[order], fields[order]
    size = np.bincount(fields, minlength=len(owner))
    held: dict[tuple[int, int], dict[int, tuple[float, int]]] = {}
    for i, mine, at, contained in _contained(rows, vocabulary, n, grams, fields, size, least):
        j, f = owner[at]
        of = held.setdefault((i, j), {})
        of[f] = max(of.get(f, (0.0, 0)), (contained, mine))
    best: dict[int, Shared] = {}
    for (i, j), of in held.items():
        shared = _shared(rows[i], others[j], j, of)
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


def _contained(
    rows: Sequence[Sequence[Words]], vocabulary: Mapping[str, int], n: int,
    grams: npt.NDArray[np.uint64], fields: npt.NDArray[np.int64], size: npt.NDArray[np.int64], least: float,
) -> Iterator[tuple[int, int, int, float]]:  # fmt: skip
    """Yield row, its field, number of the other field, and containment, for every pair that reaches ``least``."""
    owner = [(i, f) for i, row in enumerate(rows) for f, words in enumerate(row) if len(words) >= n]
    for start in range(0, len(owner), BLOCK):
        block = owner[start : start + BLOCK]
        mine, of = _ngrams([rows[i][f] for i, f in block], vocabulary, n)
        left, right = np.searchsorted(grams, mine, "left"), np.searchsorted(grams, mine, "right")
        hits = right - left
        hits[hits > COMMON] = 0
        total = int(hits.sum())
        if not total:
            continue
        offset = np.arange(total) - np.repeat(np.cumsum(hits) - hits, hits)
        pairs = np.stack([np.repeat(of, hits), fields[np.repeat(left, hits) + offset]], axis=1)
        found, counts = np.unique(pairs, axis=0, return_counts=True)
        contained = counts / size[found[:, 1]]
        for (a, b), value in zip(
            found[contained >= least].tolist(), contained[contained >= least].tolist(), strict=True
        ):
            yield *block[a], b, min(value, 1.0)


def _ngrams(
    texts: Sequence[Words], vocabulary: Mapping[str, int], n: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Return the distinct n-grams of every text as 64-bit hashes, and whose they are; none that hold unknown words."""
    lengths = np.fromiter((len(words) for words in texts), np.int64, len(texts))
    codes = np.fromiter((vocabulary.get(word, 0) for words in texts for word in words), np.uint64, int(lengths.sum()))
    if len(codes) < n:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    mixed = (codes ^ (codes >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    of = np.repeat(np.arange(len(texts)), lengths)
    m = len(codes) - n + 1
    hashes, known = np.zeros(m, np.uint64), of[:m] == of[n - 1 :]
    for i in range(n):
        hashes = hashes * np.uint64(0x100000001B3) + (mixed[i : i + m] ^ (mixed[i : i + m] >> np.uint64(32)))
        known &= codes[i : i + m] > 0
    pairs = np.unique(np.stack([hashes[known], of[:m][known].astype(np.uint64)], axis=1), axis=0)
    return pairs[:, 0].copy(), pairs[:, 1].astype(np.int64)
