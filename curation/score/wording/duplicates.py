"""Groups of rows that say the same: exact matches by hashing, near ones by neighbours that pass the surface check.

Rows are compared field by field: NLI rows share premises, questions share paragraphs, and a row is a duplicate only
when every one of its fields is near-identical. Hashing finds groups of any size; neighbours add rows with slips of
the pen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core import records
from curation.language import words
from curation.score.wording import texts
from curation.search.components import components

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa

    from curation.core.task import Kind
    from curation.search.knn import Neighbours

Words = tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """What of each row is compared."""

    langs: list[str]
    """Language of each row."""
    words: list[tuple[Words, ...]]
    """The words of each row's fields."""
    heavy: list[tuple[Words, ...]]
    """The same without light words (:func:`curation.score.wording.texts.heavy`)."""


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


def compared(table: pa.Table) -> Rows:
    """Return the words of every record of ``table``, in its order."""
    kind = records.kind_of(table)
    split = [[tuple(words.folded(text)) for text in field_texts(kind, row)] for row in table.to_pylist()]
    langs = table["lang"].to_pylist()
    light = [tuple(texts.heavy(field, lang) for field in fields) for fields, lang in zip(split, langs, strict=True)]
    return Rows(langs, [tuple(fields) for fields in split], light)


def vocabulary(rows: Rows) -> texts.Vocabulary:
    """Return how often each word occurs in ``rows``."""
    return texts.Vocabulary(field for fields in rows.words for field in fields)


def same_rows(one: Sequence[Words], other: Sequence[Words], lang: str, known: texts.Vocabulary, edits: float) -> bool:
    """Return whether two rows, given as words per field, are near-identical in every field."""
    return len(one) == len(other) and all(texts.same(a, b, lang, known, edits) for a, b in zip(one, other, strict=True))


def edges(
    rows: Rows, graph: Neighbours, order: Sequence[Any], similarity: float, edits: float
) -> dict[tuple[int, int], float]:
    """Return the pairs of rows that are near-duplicates, with their similarity in 0..1.

    A row is linked to the earliest one (by ``order``) with the same words, similarity 1. Of these earliest rows, those
    with the same heavy words are linked to the earliest of them, 0.99; and those whose neighbours, of cosine
    ``similarity`` or more, pass the surface check, with that cosine. So nothing hinges on which of many copies the
    neighbour search came upon.
    """
    by_order = sorted(range(len(order)), key=order.__getitem__)
    first: dict[tuple[Words, ...], int] = {}
    lead = {i: first.setdefault(rows.words[i], i) if any(rows.words[i]) else i for i in by_order}
    found = {(lead[i], i): 1.0 for i in by_order if lead[i] != i}
    light: dict[tuple[Words, ...], int] = {}
    for i in by_order:
        if lead[i] == i and any(rows.heavy[i]) and light.setdefault(rows.heavy[i], i) != i:
            found[light[rows.heavy[i]], i] = 0.99
    known = vocabulary(rows)
    near, columns = np.nonzero(graph.similarity >= similarity)  # NaN (no neighbour) compares false
    others, cosines = graph.indices[near, columns].tolist(), graph.similarity[near, columns].tolist()
    checked: dict[tuple[int, int], bool] = {}
    for i, j, cosine in zip(near.tolist(), others, cosines, strict=True):
        a, b = sorted((lead[i], lead[j]), key=order.__getitem__)
        if a == b:
            continue
        if (a, b) not in checked:
            checked[a, b] = same_rows(rows.words[a], rows.words[b], rows.langs[a], known, edits)
        if checked[a, b]:
            found[a, b] = max(found.get((a, b), 0.0), min(cosine, 0.99))
    return found


def grouped(pairs: Mapping[tuple[int, int], float], order: Sequence[Any]) -> Groups:
    """Return the connected components of ``pairs``; the representative is the member with the smallest ``order``.

    >>> found = grouped({(0, 3): 0.98, (1, 3): 1.0}, order="dcba")
    >>> found.members, found.twin[1]
    ([[3, 1, 0]], (3, 1.0))
    """
    twin: dict[int, tuple[int, float]] = {}
    for (i, j), value in sorted(pairs.items()):
        for row, other in ((i, j), (j, i)):
            if row not in twin or (value, order[twin[row][0]]) > (twin[row][1], order[other]):
                twin[row] = (other, value)
    ends = np.array(list(pairs), np.int64).reshape(-1, 2)
    first = components(len(order), ends[:, 0], ends[:, 1])
    groups = defaultdict(list)
    for row in sorted(twin):
        groups[int(first[row])].append(row)
    members = [sorted(rows, key=lambda row: order[row]) for rows in groups.values()]
    return Groups(sorted(members), twin)


def source_order(table: pa.Table) -> list[tuple[Any, ...]]:
    """Return a sort key per record that puts the rows in the order of their source: ``key`` read naturally, then id.

    >>> _natural("row 9") < _natural("row 10")
    True
    """
    keys, ids = table["key"].to_pylist(), table["id"].to_pylist()
    return [(_natural(key or ""), id_) for key, id_ in zip(keys, ids, strict=True)]


def _natural(key: str) -> tuple[tuple[bool, int, str], ...]:
    parts: Iterable[str] = re.findall(r"\d+|\D+", key)
    return tuple((False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts)


def find(table: pa.Table, graph: Neighbours, similarity: float, edits: float) -> Groups:
    """Return the near-duplicate groups of the records of ``table``, whose kNN graph is ``graph``.

    Args:
        table: records in record order.
        graph: their nearest neighbours.
        similarity: cosine (0..1) from which neighbours are compared by their words.
        edits: see :func:`curation.score.wording.texts.same`.
    """
    order = source_order(table)
    return grouped(edges(compared(table), graph, order, similarity, edits), order)
