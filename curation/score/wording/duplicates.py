"""Groups of rows that say the same: equal words and misspelt ones by hashing, others by neighbours that pass a check.

Rows are compared field by field: NLI rows share premises, questions share paragraphs, and a row is a duplicate only
when every one of its fields is near-identical. Hashing finds groups of any size; neighbours add rows with slips of
the pen. In a symmetric task (:attr:`curation.core.task.Task.symmetric`) the two fields may be exchanged.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.core import records
from curation.language import words
from curation.score.wording import interned, misspelt, texts
from curation.search.components import components

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from curation.core.task import Kind
    from curation.score.wording.interned import Ints, Rows
    from curation.search.knn import Neighbours

Words = tuple[str, ...]

BLOCK = 4_000
"""Rows whose neighbours are looked at at a time."""


@dataclass(frozen=True)
class Groups:
    """Near-duplicate groups of ``n`` rows; members are positions in record order."""

    members: list[list[int]]
    """Groups of two rows or more; in each, the first is the representative: the earliest row of the source."""
    twin: dict[int, tuple[int, float]]
    """Member to the row of its group that it is nearest to, and their similarity (1 = same words)."""

    def of(self) -> dict[int, int]:
        """Return member to the number of its group."""
        return {row: number for number, group in enumerate(self.members) for row in group}


@dataclass(frozen=True)
class Edges:
    """Pairs of rows that are near-duplicates, as arrays ``(pairs,)``, sorted; ``a`` comes earlier in the source."""

    a: Ints
    b: Ints
    similarity: npt.NDArray[np.float64]
    """0..1; 1 = the same words, 0.99 = the same but for light words, else the cosine, at most 0.99, or the least that
    counts where that is not known or lower."""


def field_texts(kind: Kind, row: Mapping[str, Any]) -> list[str]:
    """Return the texts of a row that are compared, one per field; the choices of a question in sorted order.

    >>> field_texts("choice", {"prompt": "Why?", "choices": ["no", "because"]})
    ['Why?', 'because', 'no']
    """
    found: list[str] = []
    for name in records.content_fields(kind):
        value = row[name]
        if name == "tokens":
            found.append(" ".join(value or ()))
        elif isinstance(value, list):
            found.extend(sorted(value, key=words.normal))
        elif name not in ("pool", "side"):
            found.append(value or "")
    return found


def same_rows(
    one: Sequence[Words], other: Sequence[Words], lang: str, known: texts.Vocabulary, edits: float, *, turned: bool
) -> bool:
    """Return whether two rows, given as words per field, are near-identical in every field.

    ``turned``: two fields may also be exchanged.
    """
    ways = [one, one[::-1]] if turned and len(one) == 2 else [one]
    return any(
        len(way) == len(other) and all(texts.same(a, b, lang, known, edits) for a, b in zip(way, other, strict=True))
        for way in ways
    )


def exchanged(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether the first text of a pair is rather the second of another pair, and the other way about.

    >>> exchanged({"text_a": "A dog runs", "text_b": "It moves"}, {"text_a": "It moves", "text_b": "A dog ran"})
    True
    """
    sides = [[Counter(words.plain(pair[name])) for name in ("text_a", "text_b")] for pair in (one, other)]
    (a, b), (c, d) = sides
    return ((a & d) + (b & c)).total() > ((a & c) + (b & d)).total()


def with_records(table: pa.Table, groups: Groups) -> Iterator[tuple[list[int], dict[int, dict[str, Any]]]]:
    """Yield the rows of each group, and their records by row.

    They are taken from ``table`` in one go: from a column of many chunks two rows cost as much as all of them.
    """
    every = table.take(pa.array([row for members in groups.members for row in members], pa.int64())).combine_chunks()
    at = 0
    for members in groups.members:
        part = every.slice(at, len(members)).to_pylist()
        yield list(members), dict(zip(members, part, strict=True))
        at += len(members)


def may_be_same(
    one: Rows, i: Ints, other: Rows, j: Ints, edits: float, *, turned: bool
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Return which pairs of rows ``i`` of one table and ``j`` of another can pass :func:`same_rows`, without a look.

    Fields with more different words than :func:`curation.score.wording.texts.same` lets pass cannot; most cannot. The
    number of bits in which their signatures differ is at most the number of words in which they do.
    """
    few, many = np.diff(one.starts)[i], np.diff(other.starts)[j]
    possible = few == many
    ways = np.zeros(len(i), np.bool_)
    alike = np.array(one.langs)[one.lang[i]] == np.array(other.langs)[other.lang[j]]  # light words depend on it
    first, second = one.starts[i], other.starts[j]
    for way in (False, True) if turned else (False,):
        passed = possible & ((few == 2) if way else True)
        for place in range(int(few[possible].max(initial=0))):
            todo = np.flatnonzero(passed & (place < few))
            mine, its = first[todo] + place, second[todo] + (few[todo] - 1 - place if way else place)
            differ = np.bitwise_count(one.light[1][mine] ^ other.light[1][its]).sum(axis=1, dtype=np.int64)
            longest = np.maximum(one.texts.lengths[one.field[mine]], other.texts.lengths[other.field[its]])
            passed[todo] = (differ <= texts.most_different(longest, edits)) | ~alike[todo]
        ways |= passed
    return ways


def edges(
    rows: Rows, graph: Neighbours, rank: Ints, similarity: float, edits: float, *, symmetric: bool = False
) -> Edges:
    """Return the pairs of rows that are near-duplicates.

    A row is linked to the earliest one (by ``rank``, its place in the source) with the same words, similarity 1. Of
    these earliest rows, those with the same heavy words are linked to the earliest of them, 0.99; and those whose
    neighbours, of cosine ``similarity`` or more, pass the surface check, with that cosine; and likewise, with
    ``similarity``, those that have a misspelt word in a field and else the same words. So nothing hinges on which of
    many copies the neighbour search came upon, nor on what one misspelt word makes of a vector.
    """
    whole = rows.texts.hashes[rows.field]
    lead = _earliest(rows.keys(whole, ordered=not symmetric), rows.said(whole), rank)
    row = np.arange(len(rows))
    copies = np.flatnonzero(lead != row)
    parts: list[tuple[Ints, Ints, npt.NDArray[np.float64]]] = [(lead[copies], copies, np.ones(len(copies)))]
    light = rows.light[0]
    first = _earliest(rows.keys(light, ordered=not symmetric), rows.said(light) & (lead == row), rank)
    alike = np.flatnonzero(first != row)
    parts.append((first[alike], alike, np.full(len(alike), 0.99)))
    parts.append(_near(rows, graph, rank, lead, similarity, edits, symmetric=symmetric))
    a, b, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((-value, b, a))
    a, b, value = a[order], b[order], value[order]
    best = np.ones(len(a), np.bool_)
    best[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    return Edges(a[best], b[best], value[best])


def _earliest(keys: npt.NDArray[np.uint64], counts: npt.NDArray[np.bool_], rank: Ints) -> Ints:
    """Return per row the one of lowest ``rank`` with its key; a row that does not count is on its own."""
    found = np.arange(len(keys))
    some = np.flatnonzero(counts)
    by_rank = some[np.argsort(rank[some], kind="stable")]
    _, first, inverse = np.unique(keys[by_rank], return_index=True, return_inverse=True)
    found[by_rank] = by_rank[first][inverse]
    return found


def _near(
    rows: Rows, graph: Neighbours, rank: Ints, lead: Ints, similarity: float, edits: float, *, symmetric: bool
) -> tuple[Ints, Ints, npt.NDArray[np.float64]]:
    """Return the pairs of leading rows whose neighbours pass the surface check, each with its highest cosine."""
    n = len(rows)
    pairs, cosines = [np.zeros(0, np.int64)], [np.zeros(0, np.float64)]
    for start in range(0, n, BLOCK):
        near, column = np.nonzero(graph.similarity[start : start + BLOCK] >= similarity)  # NaN compares false
        near = near + start
        one, other = lead[near], lead[graph.indices[near, column]]
        cosine = np.asarray(graph.similarity[near, column], np.float64)
        a, b = np.where(rank[one] < rank[other], one, other), np.where(rank[one] < rank[other], other, one)
        some = np.flatnonzero(a != b)
        some = some[may_be_same(rows, a[some], rows, b[some], edits, turned=symmetric)]
        pairs.append(a[some].astype(np.int64) * n + b[some])
        cosines.append(cosine[some])
    known = interned.vocabulary(rows)
    said = misspelt.hashes(rows, known)[rows.field]
    here = (lead == np.arange(n)) & rows.said(said)
    first = _earliest(rows.keys(said, ordered=not symmetric), here, rank)
    slipped = np.flatnonzero(first != np.arange(n))
    pairs.append(first[slipped] * n + slipped)
    cosines.append(np.full(len(slipped), similarity))
    pair, cosine = np.concatenate(pairs), np.concatenate(cosines)
    order = np.lexsort((-cosine, pair))
    pair, first = np.unique(pair[order], return_index=True)
    cosine, a, b = cosine[order][first], pair // max(n, 1), pair % max(n, 1)
    kept = np.fromiter(
        (
            same_rows(rows.words(i), rows.words(j), rows.langs[rows.lang[i]], known, edits, turned=symmetric)
            for i, j in zip(a.tolist(), b.tolist(), strict=True)
        ),
        np.bool_,
        len(a),
    )
    return a[kept], b[kept], np.minimum(cosine[kept], 0.99)


def grouped(found: Edges, rank: Ints) -> Groups:
    """Return the connected components of ``found``; the representative is the member of smallest ``rank``.

    >>> pairs = Edges(np.array([0, 1]), np.array([3, 3]), np.array([0.98, 1.0]))
    >>> groups = grouped(pairs, np.array([3, 2, 1, 0]))
    >>> groups.members, groups.twin[1]
    ([[3, 1, 0]], (3, 1.0))
    """
    row, other = np.concatenate([found.a, found.b]), np.concatenate([found.b, found.a])
    value = np.concatenate([found.similarity, found.similarity])
    order = np.lexsort((rank[other], -value, row))
    member, best = np.unique(row[order], return_index=True)
    nearest = zip(other[order][best].tolist(), value[order][best].tolist(), strict=True)
    first = components(len(rank), found.a, found.b)[member]
    groups = defaultdict(list)
    for of, one in zip(first.tolist(), member.tolist(), strict=True):
        groups[of].append(one)
    members = [sorted(group, key=rank.__getitem__) for group in groups.values()]
    return Groups(sorted(members), dict(zip(member.tolist(), nearest, strict=True)))


def source_rank(table: pa.Table) -> npt.NDArray[np.int64]:
    """Return the place of every record in the order of their source: by ``key``, read naturally, then by id.

    >>> _natural("row 9") < _natural("row 10")
    True
    """
    keys = pa.chunked_array([_natural_keys(chunk) for chunk in table["key"].chunks], pa.string())
    order = pc.sort_indices(pa.table({"key": keys, "id": table["id"]}), [("key", "ascending"), ("id", "ascending")])
    rank = np.empty(table.num_rows, np.int64)
    rank[order.to_numpy()] = np.arange(table.num_rows)
    return rank


def _natural_keys(column: pa.Array) -> pa.Array:
    batches = (column.slice(start, BLOCK).to_pylist() for start in range(0, len(column), BLOCK))
    return pa.concat_arrays([pa.array([], pa.string()), *(pa.array([_natural(key or "") for key in one], pa.string()) for one in batches)])  # fmt: skip  # noqa: E501


def _natural(key: str) -> str:
    """Return a text that sorts as ``key`` does when its numbers count as numbers, before any other text."""
    parts: Iterable[str] = re.findall(r"\d+|\D+", key)
    return "".join(f"\x01{len(n):04}{n}" if (n := _number(part)) else f"\x02{part}" for part in parts)


def _number(part: str) -> str:
    return str(int(part)) if part.isdecimal() else ""


def find(table: pa.Table, graph: Neighbours, similarity: float, edits: float, *, symmetric: bool = False) -> Groups:
    """Return the near-duplicate groups of the records of ``table``, whose kNN graph is ``graph``.

    Args:
        table: records in record order.
        graph: their nearest neighbours.
        similarity: cosine (0..1) from which neighbours are compared by their words.
        edits: see :func:`curation.score.wording.texts.same`.
        symmetric: a pair and the same pair with its sides exchanged say the same.
    """
    rank = source_rank(table)
    return grouped(edges(interned.rows(table), graph, rank, similarity, edits, symmetric=symmetric), rank)
