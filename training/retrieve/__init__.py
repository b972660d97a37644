"""Retrieve: sentence retrieval on the encoder itself, before and after the intermediate step.

Reads ``data/retrieval/<task>/test.parquet`` (to tune a threshold or a layer, ``dev.parquet`` too) and
``models/<start>/seed-N``. Writes ``reports/retrieve/<start>/<task>/seed-N.json`` with every setting that shapes the
number, and the predictions.

A task with metric ``retrieval`` (Tatoeba) is scored by accuracy at 1, one with ``ranking`` (LAReQA, Mewsli-X) by mean
average precision at 20. One with ``mining`` (BUCC) is mined both ways, and the pairs at or above a threshold tuned per
language on dev are scored by F1.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Literal

import pydantic
import pydantic_core

from curation import metrics
from curation.core import files, params, paths, records, registry, seeds
from curation.core.errors import CairnError
from curation.core.params import Section
from curation.core.task import RETRIEVAL_METRICS
from curation.search import index as indexes
from curation.search.layers import check_layer
from training.evaluate import scoring
from training.model import encoder as encoders
from training.retrieve import matching, pools, states, sweep
from training.retrieve import search as retrieval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.model.encoder import Encoder
    from training.retrieve.pools import Pool
    from training.retrieve.sweep import Tried


class Params(Section):
    """Section ``retrieve``."""

    layer: int | Literal["auto"]
    """The hidden state that is pooled: 0 = embeddings, -1 = last; ``auto``: the best one on dev."""
    pooling: retrieval.Pooling
    """``mean`` over all tokens but padding, or ``cls``: the first token."""
    similarity: retrieval.Similarity
    """``cosine``, or ``dot`` (vectors as they are)."""
    margin: retrieval.Margin
    """``none``, or ``ratio``: similarity over the mean similarity of both sides' ``k`` neighbours."""
    direction: pools.Direction
    """Of translations: ``to_foreign``: queries are English; ``from_foreign``: queries are foreign."""
    k: int = pydantic.Field(ge=1, le=1000)
    """Neighbours for the margin and for mining."""
    index: indexes.Choice
    """flat (exact), ivf, ivf8 (a quarter of the memory), hnsw, or auto: flat up to flat_limit, then ivf or ivf8."""
    flat_limit: int = pydantic.Field(ge=1)
    """Candidates up to which auto searches exactly."""
    recall: float = pydantic.Field(gt=0, le=1)
    """Share of the true neighbours an approximate index has to find on a sample; it searches harder until it does."""
    memory_mb: int = pydantic.Field(ge=64)
    """Memory that an index may take; vectors of all layers that take more go to a temporary file."""
    batch_tokens: int = pydantic.Field(gt=0)
    """Tokens per batch, padding included."""
    max_length: int = pydantic.Field(gt=2)
    """Tokens per sentence at most; longer ones are cut."""
    bootstrap: int = pydantic.Field(ge=100)
    """Resamples for the 95% intervals."""

    @pydantic.field_validator("layer", mode="plain")
    @classmethod
    def _layer(cls, value: Any) -> Any:
        if value == "auto" or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise pydantic_core.PydanticCustomError("layer", "a whole number or auto is needed")


def run(start: str, task: str, seed: int) -> None:
    """Score the encoder of START (pretrained, intermediate) and SEED on retrieval TASK."""
    name = scoring.start_name(start)
    experiment, section = params.experiment(), params.read(Params, "retrieve")
    metric = registry.load("tasks", task, "retrieve --task").TASK.metric
    if metric not in RETRIEVAL_METRICS:
        raise CairnError(
            f"task {task} has metric {metric!r}; `retrieval:` takes tasks with {', '.join(RETRIEVAL_METRICS)}."
        )
    encoder = encoders.load(paths.start(name, seed))
    encoders.check_length(encoder, section.max_length, "params.yaml: retrieve.max_length")
    depth = int(encoder.model.config.num_hidden_layers)
    layers = range(depth + 1) if section.layer == "auto" else [check_layer(section.layer, depth)]
    test = pools_of(task, "test", section, experiment.seed)
    tuned = section.layer == "auto" or metric == "mining"
    dev = pools_of(task, "dev", section, experiment.seed, depth) if tuned else []
    if metric == "mining" and (lacking := {pool.name for pool in test} - {pool.name for pool in dev}):
        raise CairnError(f"task {task}: no dev pool to tune the threshold on for {', '.join(sorted(lacking))}.")
    tried = tune(dev, encoder, layers, section, metric) if tuned else []
    chosen = sweep.best(tried) if tuned else None
    layer = chosen.layer if chosen else layers[0]
    if section.layer == "auto":
        _say(f"retrieve {task}: layer {layer} of 0 to {depth} is the best on dev")
    vectors = states.encode(encoder, states.texts(test), [layer], section)[layer]
    if metric == "mining" and chosen:
        scored, facts = matching.mine(test, vectors, section, chosen.thresholds)
    else:
        scored, facts = matching.rank(test, vectors, section, metric)
    warn_of_recall(section, facts)
    draws = seeds.derive(experiment.seed, "retrieve", task)  # the same for every arm and seed, so that arms pair up
    languages, mean = scoring.summary(scored, metrics.load(metric), (), section.bootstrap, draws)
    files.write_parquet(paths.predictions(name, task, seed), scoring.table(scored))
    report = {
        "start": start,
        "task": task,
        "seed": seed,
        "metric": metric,
        "primary": metrics.load(metric).PRIMARY,
        **settings(section, test, facts),
        "layer": layer,
        "layers": depth,
        "encoder": dict(encoder.origin),
        "candidate_order": {"shuffled": True, "seed": experiment.seed},
        **(on_dev(dev, test) if tuned else {}),
        **({"layer_sweep": sweep.told(tried, chosen, metric)} if chosen and section.layer == "auto" else {}),
        "languages": {lang: {**found, **facts[lang]} for lang, found in languages.items()},
        "mean": mean,
    }
    files.write_json(paths.report("retrieve", start, task, f"seed-{seed}"), report)


def pools_of(task: str, split: str, section: Params, seed: int, depth: int | None = None) -> list[Pool]:
    """Return the pools of a split; raise :class:`CairnError` when there is no dev split to tune on.

    ``depth``: the layers of the encoder, to say which numbers there are.
    """
    file = paths.fetched("retrieval", task) / f"{split}.parquet"
    if split == "dev" and not file.exists() and section.layer == "auto":
        raise CairnError(
            f"{file} is missing: task {task} has no dev split to choose a layer on, and test must not choose. Instead "
            f"of retrieve.layer: auto name one, from 0 (embeddings) to {depth} (last), for example: "
            f"dvc exp run -S retrieve.layer={depth}"
        )
    if split == "dev" and not file.exists():
        raise CairnError(f"{file} is missing: mining tunes its threshold on dev. Give task {task} a dev split.")
    return pools.pools(records.read(file), section.direction, seed, str(file))


def tune(dev: list[Pool], encoder: Encoder, layers: range | list[int], section: Params, metric: str) -> list[Tried]:
    """Return what each of ``layers`` comes to on dev, with the thresholds of mining; one pass encodes for all."""
    return sweep.curve(dev, states.encode(encoder, states.texts(dev), layers, section), section, metric)


def settings(section: Params, test: list[Pool], facts: Mapping[str, matching.Facts]) -> dict[str, Any]:
    """Return the parameters as used: the index that was chosen, and no direction where the rows have their own."""
    return {
        **section.model_dump(),
        "direction": section.direction if any(pool.direction for pool in test) else None,
        "index": ", ".join(sorted({side["index"] for found in facts.values() for side in found["search"].values()})),
        "engine": retrieval.engine(),
        "precision": "fp32",  # always: see predict.hidden_states
    }


def warn_of_recall(section: Params, facts: Mapping[str, matching.Facts]) -> None:
    """Say when an index finds less than it should, however hard it searches: scores are then too low, unseen."""
    searches = [side for found in facts.values() for side in found["search"].values()]
    least = min(searches, key=lambda side: float(side["recall"]))
    if said := indexes.shortfall("retrieve", least["index"], least["recall"], section.recall):
        _say(said)


def on_dev(dev: list[Pool], test: list[Pool]) -> dict[str, int]:
    """Return how many queries something was tuned on, and how many of them are test queries too, which is said."""
    own, theirs = ({id_ for pool in found for id_ in pool.queries.ids} for found in (dev, test))
    if shared := len(own & theirs):
        _say(f"retrieve: {shared} of {len(own)} dev queries are test queries too: what is tuned on them flatters test")
    return {"dev_queries": len(own), "dev_queries_in_test": shared}


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
