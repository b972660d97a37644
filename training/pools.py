"""Candidate pools of a bitext task: which sentences are queries, which are candidates, and which pairs are gold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from curation import seeds
from curation.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

Direction = Literal["to_foreign", "from_foreign"]


@dataclass(frozen=True)
class Side:
    """The sentences of one side of a pool."""

    ids: Sequence[str]
    keys: Sequence[str]
    units: Sequence[str]
    """What the bootstrap draws: the group, which a translation shares."""
    texts: Sequence[str]
    lang: str


@dataclass(frozen=True)
class Pool:
    """Queries and candidates of one language."""

    name: str
    """The foreign language; the pool's own name where a language has several."""
    queries: Side
    candidates: Side
    gold: Mapping[str, frozenset[str]]
    """Key of a query to the keys of its translations among the candidates; queries without one are left out."""


def pools(records: pa.Table, direction: Direction, seed: int, where: str) -> list[Pool]:
    """Return the pools of bitext records, by name; candidates in an order of their own, drawn from ``seed``.

    Upstream files hold pairs in order, so that row number is the answer, and an index that returned its own row
    numbers would score 100%. Here position says nothing: candidates are permuted and answers are keys.

    Raises :class:`CairnError` for a pool with an empty side, repeated keys, or no usable gold pairs.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in records.to_pylist():
        rows.setdefault(row["pool"], []).append(row)
    if not rows:
        raise CairnError(f"{where} has no rows. Run `dvc repro` to fetch it again.")
    found = [_pool(name, rows[name], direction, seed, f"{where}, pool {name!r}") for name in sorted(rows)]
    foreign = [(pool.candidates if direction == "to_foreign" else pool.queries).lang for pool in found]
    if len(set(foreign)) < len(foreign):
        return found
    named = [Pool(lang, pool.queries, pool.candidates, pool.gold) for lang, pool in zip(foreign, found, strict=True)]
    return sorted(named, key=lambda pool: pool.name)


def _pool(name: str, rows: Sequence[Mapping[str, Any]], direction: Direction, seed: int, where: str) -> Pool:
    source = [row for row in rows if row["side"] == "source"]
    target = [row for row in rows if row["side"] == "target"]
    if not source or not target:
        raise CairnError(f"{where}: {len(source)} source and {len(target)} target sentences; both sides are needed.")
    # The pivot is the English side; where no side is English, it is the target side.
    foreign, pivot = (target, source) if source[0]["lang"] == "en" else (source, target)
    queries, candidates = (pivot, foreign) if direction == "to_foreign" else (foreign, pivot)
    for side in (queries, candidates):
        keys = [row["key"] for row in side]
        if len(set(keys)) < len(keys):
            raise CairnError(f"{where}: {len(keys) - len(set(keys))} sentences of one side share a key.")
    shuffle = np.random.default_rng(seeds.derive(seed, "retrieve", name)).permutation(len(candidates))
    gold = _gold(queries, candidates, where)
    return Pool(name, _side(queries), _side([candidates[place] for place in shuffle.tolist()]), gold)


def _side(rows: Sequence[Mapping[str, Any]]) -> Side:
    ids, keys, units, texts = ([row[name] for row in rows] for name in ("id", "key", "group", "text"))
    return Side(ids, keys, units, texts, rows[0]["lang"])


def _gold(
    queries: Sequence[Mapping[str, Any]], candidates: Sequence[Mapping[str, Any]], where: str
) -> dict[str, frozenset[str]]:
    """Return the gold pairs that either side names; raise :class:`CairnError` for placeholders."""
    known, others = {row["key"] for row in queries}, {row["key"] for row in candidates}
    pairs = {(row["key"], key) for row in queries for key in row["gold"] or () if key in others}
    pairs |= {(key, row["key"]) for row in candidates for key in row["gold"] or () if key in known}
    if not pairs:
        raise CairnError(
            f"{where}: no sentence has a gold translation in the pool (all null, or keys that are not there), so there "
            "is nothing to score. Use a copy of the data that has its alignment, and check to_example in the task file."
        )
    if len(pairs) >= 10 and 1 in (len({query for query, _ in pairs}), len({key for _, key in pairs})):
        raise CairnError(
            f"{where}: all {len(pairs)} gold pairs share one and the same sentence: a placeholder, not an alignment. "
            "Use a copy of the data that has its alignment."
        )
    gold: dict[str, set[str]] = {}
    for query, candidate in pairs:
        gold.setdefault(query, set()).add(candidate)
    return {query: frozenset(keys) for query, keys in gold.items()}


def unique(pool: Pool) -> Pool:
    """Return the pool with each sentence string once: the first of equal ones speaks for all, gold included.

    Mining works on strings; several rows of one string would otherwise compete for one partner.
    """
    queries, of_query = _first(pool.queries)
    candidates, of_candidate = _first(pool.candidates)
    gold: dict[str, set[str]] = {}
    for query, keys in pool.gold.items():
        gold.setdefault(of_query[query], set()).update(of_candidate[key] for key in keys)
    return Pool(pool.name, queries, candidates, {query: frozenset(keys) for query, keys in gold.items()})


def _first(side: Side) -> tuple[Side, dict[str, str]]:
    """Return the side without repeated strings, and every key's representative."""
    first: dict[str, int] = {}
    for place, text in enumerate(side.texts):
        first.setdefault(text, place)
    speaker = {key: side.keys[first[text]] for key, text in zip(side.keys, side.texts, strict=True)}
    kept = list(first.values())
    columns = (side.ids, side.keys, side.units, side.texts)
    ids, keys, units, texts = ([column[place] for place in kept] for column in columns)
    return Side(ids, keys, units, texts, side.lang), speaker
