"""Retrieve: sentence retrieval on the encoder itself, before and after the intermediate step.

Reads ``data/retrieval/<task>/test.parquet`` (mining: ``dev.parquet`` too) and ``models/<start>/seed-N``. Writes
``reports/retrieve/<start>/<task>/seed-N.json`` with every setting that shapes the number, and the predictions.

A task with metric ``retrieval`` (Tatoeba) is scored by accuracy at 1. One with metric ``mining`` (BUCC) is mined both
ways, and the pairs at or above a threshold tuned per language on dev are scored by F1.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pydantic

from curation import files, metrics, params, paths, progress, records, registry, seeds
from curation.errors import CairnError
from curation.params import Section
from curation.stage import main
from training import encoder as encoders
from training import pools, predict, retrieval, scoring
from training.scoring import Scored, rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from curation.tasks import Task
    from training.pools import Pool, Side
    from training.retrieval import Floats, Mined

METRICS = ("retrieval", "mining")
Facts = dict[str, Any]


class Params(Section):
    """Section ``retrieve``."""

    layer: int
    """The hidden state that is pooled: 0 = embeddings, -1 = last."""
    pooling: retrieval.Pooling
    """``mean`` over all tokens but padding, or ``cls``: the first token."""
    similarity: retrieval.Similarity
    """``cosine``, or ``dot`` (vectors as they are)."""
    margin: retrieval.Margin
    """``none``, or ``ratio``: similarity over the mean similarity of both sides' ``k`` neighbours."""
    direction: pools.Direction
    """``to_foreign``: queries are English; ``from_foreign``: queries are foreign."""
    k: int = pydantic.Field(ge=1)
    """Neighbours for the margin and for mining."""
    batch_tokens: int = pydantic.Field(gt=0)
    """Tokens per batch, padding included."""
    max_length: int = pydantic.Field(gt=2)
    """Tokens per sentence at most; longer ones are cut."""
    bootstrap: int = pydantic.Field(ge=100)
    """Resamples for the 95% intervals."""


def run(start: str, task: str, seed: int) -> None:
    """Score the encoder of START (pretrained, intermediate) and SEED on retrieval TASK."""
    name = scoring.start_name(start)
    experiment, section = params.experiment(), params.read(Params, "retrieve")
    facts: Task = registry.load("tasks", task, "retrieve --task").TASK
    if facts.metric not in METRICS:
        raise CairnError(
            f"task {task} has metric {facts.metric!r}; `retrieval:` takes tasks with {' or '.join(METRICS)}."
        )
    splits = read(task, experiment.seed, section, dev=facts.metric == "mining")
    encoder = encoders.load(paths.start(name, seed))
    depth = int(encoder.model.config.num_hidden_layers)
    layer = retrieval.check_layer(section.layer, depth)
    encoders.check_length(encoder, section.max_length, "params.yaml: retrieve.max_length")
    texts = [t for found in splits.values() for p in found for side in (p.queries, p.candidates) for t in side.texts]
    vectors = Vectors(encoder, texts, layer, section)
    if facts.metric == "mining":
        scored, more = mining(splits["dev"], splits["test"], vectors, section)
    else:
        scored, more = accuracy(splits["test"], vectors, section)
    draws = seeds.derive(experiment.seed, "retrieve", task)  # the same for every arm and seed, so that arms pair up
    languages, mean = scoring.summary(scored, metrics.load(facts.metric), (), section.bootstrap, draws)
    files.write_parquet(paths.predictions(name, task, seed), scoring.table(scored))
    report = {
        "start": start,
        "task": task,
        "seed": seed,
        "metric": facts.metric,
        "primary": metrics.load(facts.metric).PRIMARY,
        **section.model_dump(),
        "layer": layer,
        "layers": depth,
        "index": retrieval.engine(),
        "precision": "fp32",  # always: see predict.hidden_states
        "encoder": dict(encoder.origin),
        "candidate_order": {"shuffled": True, "seed": experiment.seed},
        "languages": {lang: {**found, **more[lang]} for lang, found in languages.items()},
        "mean": mean,
    }
    files.write_json(paths.report("retrieve", start, task, f"seed-{seed}"), report)


def read(task: str, seed: int, section: Params, *, dev: bool) -> dict[str, list[Pool]]:
    """Return the pools of the test split, and of dev where it is needed.

    Raises :class:`CairnError` when a threshold has to be tuned and a language has no dev pool.
    """
    folder = paths.fetched("retrieval", task)
    found = {}
    for split in ("dev", "test") if dev else ("test",):
        file = folder / f"{split}.parquet"
        if not file.exists() and split == "dev":
            raise CairnError(f"{file} is missing: mining tunes its threshold on dev. Give task {task} a dev split.")
        found[split] = pools.pools(records.read(file), section.direction, seed, str(file))
    if dev:
        lacking = {pool.name for pool in found["test"]} - {pool.name for pool in found["dev"]}
        if lacking:
            raise CairnError(f"task {task}: no dev pool to tune the threshold on for {', '.join(sorted(lacking))}.")
    return found


class Vectors:
    """Sentence vectors; a string is encoded once, however many pools it is in."""

    def __init__(self, encoder: encoders.Encoder, texts: Iterable[str], layer: int, section: Params) -> None:
        self.place = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        distinct = list(self.place)
        batches = predict.hidden_states(encoder, distinct, section.batch_tokens, section.max_length, layer)
        with progress.bar(len(distinct), "encode", "sentence") as bar:
            rows = retrieval.pooled(_counted(batches, bar), len(distinct), section.pooling)
        self.rows = retrieval.unit(rows) if section.similarity == "cosine" else rows

    def of(self, side: Side) -> Floats:
        """Return the vectors of a side, ``(sentences, width)``."""
        return self.rows[[self.place[text] for text in side.texts]]


def _counted(batches: Iterable[Any], bar: Any) -> Iterator[Any]:
    for batch in batches:
        yield batch
        bar.update(len(batch[0]))


def accuracy(test: Sequence[Pool], vectors: Any, section: Params) -> tuple[dict[str, Scored], dict[str, Facts]]:
    """Return the best candidate of every query that has a gold translation, scored per language.

    ``vectors.of(side)`` gives a side's vectors. Facts: pairs scored, candidates, queries without gold, and chance:
    the accuracy of drawing a candidate blindly.
    """
    scored, facts = {}, {}
    for pool in test:
        asked = [place for place, key in enumerate(pool.queries.keys) if key in pool.gold]
        found = retrieval.forward(
            vectors.of(pool.queries),
            vectors.of(pool.candidates),
            section.k if section.margin != "none" else 1,
            section.margin,
        )
        best = retrieval.best(found)
        predicted = [pool.candidates.keys[best[place]] for place in asked]
        scored[pool.name] = _scored("retrieval", pool, asked, predicted)
        chance = np.mean([len(pool.gold[pool.queries.keys[place]]) for place in asked]) / len(pool.candidates.keys)
        facts[pool.name] = {
            "pairs": len(asked),
            "candidates": len(pool.candidates.keys),
            "queries_without_gold": len(pool.queries.keys) - len(asked),
            "chance": rounded(chance),
        }
    return scored, facts


def mining(
    dev: Sequence[Pool], test: Sequence[Pool], vectors: Any, section: Params
) -> tuple[dict[str, Scored], dict[str, Facts]]:
    """Return the pairs mined from the test pools at thresholds tuned on the dev pools, scored per query sentence.

    Sentence strings are taken once; rows of the same string are merged and counted.
    """
    tuned = {pool.name: _tune(pools.unique(pool), vectors, section) for pool in dev}
    scored, facts = {}, {}
    for whole in test:
        pool = pools.unique(whole)
        threshold, dev_f1 = tuned[pool.name]
        mined = _mine(pool, vectors, section)
        kept = mined.score >= threshold
        partner = dict(zip(mined.x[kept].tolist(), mined.y[kept].tolist(), strict=True))
        everyone = range(len(pool.queries.keys))
        predicted = [pool.candidates.keys[partner[place]] if place in partner else "" for place in everyone]
        scored[pool.name] = _scored("mining", pool, everyone, predicted)
        facts[pool.name] = {
            "pairs": sum(len(keys) for keys in pool.gold.values()),
            "mined": len(partner),
            "queries": len(pool.queries.keys),
            "candidates": len(pool.candidates.keys),
            "merged": len(whole.queries.keys)
            + len(whole.candidates.keys)
            - len(pool.queries.keys)
            - len(pool.candidates.keys),
            "threshold": rounded(threshold),
            "dev_f1": rounded(dev_f1),
        }
    return scored, facts


def _mine(pool: Pool, vectors: Any, section: Params) -> Mined:
    return retrieval.mine(vectors.of(pool.queries), vectors.of(pool.candidates), section.k, section.margin)


def _tune(pool: Pool, vectors: Any, section: Params) -> tuple[float, float]:
    """Return the threshold with the best F1 on a dev pool, and that F1."""
    mined = _mine(pool, vectors, section)
    pairs = zip(mined.x.tolist(), mined.y.tolist(), strict=True)
    none: frozenset[str] = frozenset()
    correct = [pool.candidates.keys[y] in pool.gold.get(pool.queries.keys[x], none) for x, y in pairs]
    return retrieval.threshold(mined.score, correct, sum(len(keys) for keys in pool.gold.values()))


def _scored(metric: str, pool: Pool, asked: Sequence[int], predicted: Sequence[str]) -> Scored:
    none: frozenset[str] = frozenset()
    gold = [sorted(pool.gold.get(pool.queries.keys[place], none)) for place in asked]
    found = metrics.load(metric).statistics(gold, predicted, lang=pool.name, labels=())
    ids, units = ([column[place] for place in asked] for column in (pool.queries.ids, pool.queries.units))
    return Scored(ids, units, predicted, [json.dumps(keys, ensure_ascii=False) for keys in gold], found)


if __name__ == "__main__":
    main(run)
