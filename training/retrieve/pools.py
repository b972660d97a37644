"""Candidate pools of a bitext task: which sentences are queries, which are candidates, and which pairs are gold."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from curation.core import seeds
from curation.core.errors import CairnError
from curation.core.task import Side as SideName
from training.retrieve import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa


Row = dict[str, Any]


@dataclass(frozen=True)
class Side:
    """The sentences of one side of a pool."""

    ids: Sequence[str]
    keys: Sequence[str]
    units: Sequence[str]
    """What intervals are computed over: the group, which a translation shares."""
    texts: Sequence[str]
    langs: Sequence[str]


@dataclass(frozen=True)
class Pool:
    """The queries of one language, and the candidates they search, which may be in many."""

    name: str
    """The language that is scored; with the pool's own name where a language has several."""
    queries: Side
    candidates: Side
    """One and the same object in all pools that share it."""
    gold: Mapping[str, frozenset[str]]
    """Key of a query to the keys of its gold candidates; queries without one are left out."""
    direction: Direction | None
    """Which of two translations is the query; ``None`` where the rows say themselves what is a query."""


def pools(records: pa.Table, direction: Direction, seed: int, where: str) -> list[Pool]:
    """Return the pools of bitext records, by name; candidates in an order of their own, drawn from ``seed``.

    Sides ``source`` and ``target`` are translations of each other: the English one is the query or the candidate, as
    ``direction`` says, and the foreign language is scored. Sides ``query`` and ``candidate`` say so themselves: the
    queries of each language make a pool with all candidates, and the language of the query is scored.

    Upstream files hold pairs in order, so that row number is the answer, and an index that returned its own row
    numbers would score 100%. Here position says nothing: candidates are permuted and answers are keys.

    Raises :class:`CairnError` for a pool with an empty side, repeated keys, or no usable gold pairs.
    """
    rows: dict[str, list[Row]] = {}
    for row in records.to_pylist():
        rows.setdefault(row["pool"], []).append(row)
    if not rows:
        raise CairnError(f"{where} has no rows. Run `dvc repro` to fetch it again.")
    found: list[tuple[str, Pool]] = []
    for name in sorted(rows):
        found += [(name, pool) for pool in _made(name, rows[name], direction, seed, f"{where}, pool {name!r}")]
    if len({pool.name for _, pool in found}) == len(found):
        return [pool for _, pool in found]
    together = Counter(name for name, _ in found)
    return [replace(pool, name=name if together[name] == 1 else f"{name}-{pool.name}") for name, pool in found]


def by_candidates(found: Sequence[Pool]) -> Iterator[tuple[Side, list[Pool]]]:
    """Yield each set of candidates once, with the neighbouring pools that share it: it is indexed once."""
    for _, several in itertools.groupby(found, key=lambda pool: id(pool.candidates)):
        sharing = list(several)
        yield sharing[0].candidates, sharing


def _made(name: str, rows: Sequence[Row], direction: Direction, seed: int, where: str) -> list[Pool]:
    """Return the pools that the rows of one pool make."""
    sides = {side: [row for row in rows if row["side"] == side] for side in get_args(SideName)}
    translations = [len(sides[side]) for side in ("source", "target")]
    search = [len(sides[side]) for side in ("query", "candidate")]
    if any(translations) and any(search):
        raise CairnError(
            f"{where}: some rows are source or target, others query or candidate. Translations are the former, "
            "queries with candidates in many languages the latter: check side in to_example of the task file."
        )
    if any(search):
        if not all(search):
            raise CairnError(f"{where}: {search[0]} queries and {search[1]} candidates; both are needed.")
        return _searches(name, sides["query"], sides["candidate"], seed, where)
    if not all(translations):
        raise CairnError(
            f"{where}: {translations[0]} source and {translations[1]} target sentences; both sides are needed."
        )
    source, target = sides["source"], sides["target"]
    # The pivot is the English side; where no side is English, it is the target side.
    foreign, pivot = (target, source) if source[0]["lang"] == "en" else (source, target)
    queries, candidates = (pivot, foreign) if direction == "to_foreign" else (foreign, pivot)
    _keys(queries, where)
    shuffled = _shuffled(name, candidates, seed, where)
    return [_pool(foreign[0]["lang"], queries, candidates, shuffled, direction, where)]


def _searches(name: str, queries: Sequence[Row], candidates: Sequence[Row], seed: int, where: str) -> list[Pool]:
    """Return a pool per language of the queries, all with the same candidates."""
    shared = _shuffled(name, candidates, seed, where)
    found = []
    for lang in sorted({row["lang"] for row in queries}):
        own, at = [row for row in queries if row["lang"] == lang], f"{where}, queries in {lang}"
        _keys(own, at)
        found.append(_pool(lang, own, candidates, shared, None, at))
    return found


def _pool(
    lang: str,
    queries: Sequence[Row],
    candidates: Sequence[Row],
    shuffled: Side,
    direction: Direction | None,
    where: str,
) -> Pool:
    return Pool(lang, _side(queries), shuffled, _gold(queries, candidates, where), direction)


def _shuffled(name: str, candidates: Sequence[Row], seed: int, where: str) -> Side:
    _keys(candidates, where)
    order = np.random.default_rng(seeds.derive(seed, "retrieve", name)).permutation(len(candidates))
    return _side([candidates[place] for place in order.tolist()])


def _keys(rows: Sequence[Row], where: str) -> None:
    """Raise :class:`CairnError` when a key occurs twice among rows of one side."""
    lacking = len(rows) - len({row["key"] for row in rows})
    if lacking:
        raise CairnError(f"{where}: {lacking} sentences of one side share a key.")


def _side(rows: Sequence[Row]) -> Side:
    ids, keys, units, texts, langs = ([row[name] for row in rows] for name in ("id", "key", "group", "text", "lang"))
    return Side(ids, keys, units, texts, langs)


def _gold(queries: Sequence[Row], candidates: Sequence[Row], where: str) -> dict[str, frozenset[str]]:
    """Return the gold pairs that either side names; raise :class:`CairnError` for placeholders."""
    known, others = {row["key"] for row in queries}, {row["key"] for row in candidates}
    pairs = {(row["key"], key) for row in queries for key in row["gold"] or () if key in others}
    pairs |= {(key, row["key"]) for row in candidates for key in row["gold"] or () if key in known}
    if not pairs:
        raise CairnError(
            f"{where}: no sentence has a gold translation in the pool (all null, or keys that are not there), so there "
            "is nothing to score. Use a copy of the data that has its alignment, and check to_example in the task file."
        )
    named = ({query for query, _ in pairs}, known), ({key for _, key in pairs}, others)
    if len(pairs) >= 10 and any(len(some) == 1 < len(side) for some, side in named):  # the only query may have all
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
    return replace(
        pool, queries=queries, candidates=candidates, gold={query: frozenset(keys) for query, keys in gold.items()}
    )


def _first(side: Side) -> tuple[Side, dict[str, str]]:
    """Return the side without repeated strings, and every key's representative."""
    first: dict[str, int] = {}
    for place, text in enumerate(side.texts):
        first.setdefault(text, place)
    speaker = {key: side.keys[first[text]] for key, text in zip(side.keys, side.texts, strict=True)}
    kept = list(first.values())
    columns = (side.ids, side.keys, side.units, side.texts, side.langs)
    return Side(*([column[place] for place in kept] for column in columns)), speaker
