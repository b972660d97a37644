"""``python -m training.retrieve``: see the docstring of the package."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from curation import metrics, tasks
from curation.core import experiment, files, params, paths, records
from curation.core.errors import CairnError
from curation.core.task import RETRIEVAL_METRICS
from curation.search import index as indexes
from curation.search.layers import check_layer
from training.evaluate import scoring
from training.model import devices
from training.model import encoder as encoders
from training.retrieve import kept, matching, pools, states, sweep
from training.retrieve import search as retrieval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curation.embed.cache import VectorCache
    from training.model.encoder import Encoder
    from training.retrieve.pools import Pool
    from training.retrieve.sweep import Tried
from curation.core.stage import main
from training.retrieve import Params


def run(start: str, task: str, seed: int) -> None:
    """Score the encoder of START (pretrained, intermediate) and SEED on retrieval TASK."""
    name = scoring.start_name(start)
    setup, section = experiment.read(), params.read(Params, "retrieve")
    metric = tasks.load(task, "retrieve --task").metric
    if metric not in RETRIEVAL_METRICS:
        raise CairnError(
            f"task {task} has metric {metric!r}; `retrieval:` takes tasks with {', '.join(RETRIEVAL_METRICS)}."
        )
    encoder = encoders.load(paths.start(name, seed))
    encoders.check_length(encoder, section.max_length, "params.yaml: retrieve.max_length")
    depth = int(encoder.model.config.num_hidden_layers)
    layers = range(depth + 1) if section.layer == "auto" else [check_layer(section.layer, depth)]
    test = pools_of(task, "test", section, setup.seed)
    tuned = section.layer == "auto" or metric == "mining"
    dev = pools_of(task, "dev", section, setup.seed, depth) if tuned else []
    if metric == "mining" and (lacking := {pool.name for pool in test} - {pool.name for pool in dev}):
        raise CairnError(f"task {task}: no dev pool to tune the threshold on for {', '.join(sorted(lacking))}.")
    with kept.vectors(encoder, section, name, task) as cache:
        tried = tune(dev, encoder, layers, section, metric, cache) if tuned else []
        chosen = sweep.best(tried) if tuned else None
        layer = chosen.layer if chosen else layers[0]
        if section.layer == "auto":
            _say(f"retrieve {task}: layer {layer} of 0 to {depth} is the best on dev")
        vectors = states.encode(encoder, states.texts(test), [layer], section, cache)[layer]
    if metric == "mining" and chosen:
        scored, facts = matching.mine(test, vectors, section, chosen.thresholds)
    else:
        scored, facts = matching.rank(test, vectors, section, metric)
    warn_of_recall(section, facts)
    if not devices.main():
        return
    languages, mean = scoring.summary(scored, metrics.load(metric), ())
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
        "candidate_order": {"shuffled": True, "seed": setup.seed},
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


def tune(
    dev: list[Pool], encoder: Encoder, layers: range | list[int], section: Params, metric: str, cache: VectorCache
) -> list[Tried]:
    """Return what each of ``layers`` comes to on dev, with the thresholds of mining; one pass encodes for all."""
    return sweep.curve(dev, states.encode(encoder, states.texts(dev), layers, section, cache), section, metric)


def settings(section: Params, test: list[Pool], facts: Mapping[str, matching.Facts]) -> dict[str, Any]:
    """Return the parameters as used: the index that was chosen, and no direction where the rows have their own."""
    return {
        **section.model_dump(),
        "direction": section.direction if any(pool.direction for pool in test) else None,
        "index": ", ".join(sorted({side["index"] for found in facts.values() for side in found["search"].values()})),
        "engine": retrieval.engine(),
        "precision": "fp32",  # always: see predict.hidden_states
        "storage": "fp16",  # always: see kept.pack
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


if __name__ == "__main__":
    main(run)
