"""What an encoder finds in candidate pools, scored per language: ranked candidates, or mined pairs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from curation import metrics
from curation.metrics import ranking
from training.evaluate.scoring import Scored, rounded
from training.retrieve import pools
from training.retrieve import search as retrieval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.retrieve import Params
    from training.retrieve.pools import Pool, Side
    from training.retrieve.search import Corpus, Floats

Facts = dict[str, Any]
DEPTH = {"retrieval": 1, "ranking": ranking.DEPTH}
"""Metric to how many candidates of a query it judges."""
_NONE: frozenset[str] = frozenset()


class Finder(Protocol):
    """Gives vectors."""

    def of(self, side: Side) -> Floats:
        """Return the vectors of a side, ``(sentences, width)``."""


@dataclass(frozen=True)
class Threshold:
    """A mining threshold, and the F1 it has on the pool that it was tuned on."""

    score: float
    f1: float


def rank(
    found: Sequence[Pool], vectors: Finder, section: Params, metric: str
) -> tuple[dict[str, Scored], dict[str, Facts]]:
    """Return the best candidates of every query that has a gold one, scored per language by ``metric``.

    Metric ``retrieval`` judges the first candidate, ``ranking`` the first twenty. Facts: queries scored, candidates,
    queries without gold, chance (the value to expect of a random order), what the searches found of the exact ones, and
    where candidates are in several languages, how often the query's own language comes first.
    """
    scored, facts = {}, {}
    for side, sharing in pools.by_candidates(found):
        candidates = _corpus(side, vectors, section)
        for pool in sharing:
            asked = [place for place, key in enumerate(pool.queries.keys) if key in pool.gold]
            queries = _corpus(pool.queries, vectors, section)
            nearest = retrieval.forward(queries, candidates, section.k, section.margin, DEPTH[metric])
            order = retrieval.ranked(nearest, DEPTH[metric])[asked].tolist()
            keys = [[side.keys[place] for place in places] for places in order]
            gold = [pool.gold[pool.queries.keys[place]] for place in asked]
            if metric == "ranking":
                scored[pool.name] = _scored(
                    metric, pool, asked, keys, [json.dumps(k, ensure_ascii=False) for k in keys]
                )
                chance = ranking.chance([len(right) for right in gold], len(side.keys))
            else:
                first = [best for (best,) in keys]
                scored[pool.name] = _scored(metric, pool, asked, first, first)
                chance = float(np.mean([len(right) for right in gold])) / len(side.keys)
            facts[pool.name] = {
                "pairs" if metric == "retrieval" else "rows": len(asked),
                "candidates": len(side.keys),
                "queries_without_gold": len(pool.queries.keys) - len(asked),
                "chance": rounded(chance),
                "search": _searched(queries, candidates),
            }
            if len(set(side.langs)) > 1:
                facts[pool.name]["own_language"] = _own_language(pool, [places[0] for places in order], gold)
    return scored, facts


def _own_language(pool: Pool, first: Sequence[int], gold: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return shares in the query's own language: of the first candidates, of all candidates, of the gold ones.

    An encoder that is blind to language has ``first`` near ``gold``; one that is biased has it near 1.
    """
    lang, side = pool.queries.langs[0], pool.candidates
    own = {key for key, other in zip(side.keys, side.langs, strict=True) if other == lang}
    right = [key for keys in gold for key in keys]
    return {
        "first": rounded(np.mean([side.langs[place] == lang for place in first])),
        "candidates": rounded(len(own) / len(side.keys)),
        "gold": rounded(np.mean([key in own for key in right])),
    }


def tune(pool: Pool, vectors: Finder, section: Params) -> Threshold:
    """Return the threshold with the best F1 on a dev pool whose strings are unique, and that F1."""
    mined, _ = _mined(pool, vectors, section)
    pairs = zip(mined.x.tolist(), mined.y.tolist(), strict=True)
    correct = [pool.candidates.keys[y] in pool.gold.get(pool.queries.keys[x], _NONE) for x, y in pairs]
    return Threshold(*retrieval.threshold(mined.score, correct, sum(len(keys) for keys in pool.gold.values())))


def mine(
    found: Sequence[Pool], vectors: Finder, section: Params, thresholds: Mapping[str, Threshold]
) -> tuple[dict[str, Scored], dict[str, Facts]]:
    """Return the pairs mined from the pools at the thresholds tuned on dev, scored per query sentence.

    Sentence strings are taken once; rows of the same string are merged and counted.
    """
    scored, facts = {}, {}
    for whole in found:
        pool, threshold = pools.unique(whole), thresholds[whole.name]
        mined, searched = _mined(pool, vectors, section)
        kept = mined.score >= threshold.score
        partner = dict(zip(mined.x[kept].tolist(), mined.y[kept].tolist(), strict=True))
        everyone = range(len(pool.queries.keys))
        predicted = [pool.candidates.keys[partner[place]] if place in partner else "" for place in everyone]
        scored[pool.name] = _scored("mining", pool, everyone, predicted, predicted)
        facts[pool.name] = {
            "pairs": sum(len(keys) for keys in pool.gold.values()),
            "mined": len(partner),
            "queries": len(pool.queries.keys),
            "candidates": len(pool.candidates.keys),
            "merged": len(whole.queries.keys)
            + len(whole.candidates.keys)
            - len(pool.queries.keys)
            - len(pool.candidates.keys),
            "threshold": rounded(threshold.score),
            "dev_f1": rounded(threshold.f1),
            "search": searched,
        }
    return scored, facts


def _mined(pool: Pool, vectors: Finder, section: Params) -> tuple[retrieval.Mined, Facts]:
    queries, candidates = (_corpus(side, vectors, section) for side in (pool.queries, pool.candidates))
    return retrieval.mine(queries, candidates, section.k, section.margin), _searched(queries, candidates)


def _corpus(side: Side, vectors: Finder, section: Params) -> Corpus:
    how = retrieval.Indexing(section.index, section.flat_limit, section.recall, section.megabytes)
    return retrieval.Corpus(vectors.of(side), how)


def _searched(queries: Corpus, candidates: Corpus) -> Facts:
    """Return what is known of the searches among the candidates, and where there was one, among the queries."""
    sides = {"candidates": candidates.facts, "queries": queries.facts}
    return {side: known for side, known in sides.items() if known}


def _scored(metric: str, pool: Pool, asked: Sequence[int], predicted: Sequence[Any], shown: Sequence[str]) -> Scored:
    gold = [sorted(pool.gold.get(pool.queries.keys[place], _NONE)) for place in asked]
    found = metrics.load(metric).statistics(gold, predicted, lang=pool.name, labels=())
    ids, units = ([column[place] for place in asked] for column in (pool.queries.ids, pool.queries.units))
    return Scored(ids, units, shown, [json.dumps(keys, ensure_ascii=False) for keys in gold], found)
