"""Evaluate: zero-shot predictions of a target model in every test language, and the task's exact metric.

Reads ``data/target/<task>/{train,test}.parquet`` and ``models/target/<start>/<task>/seed-N``. Writes
``reports/evaluate/<start>/<task>/seed-N.json`` and one row per prediction in ``data/predictions``.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pydantic

from curation import metrics
from curation.core import files, params, paths, records, registry, seeds
from curation.core.params import Section
from training import kinds
from training.evaluate import scoring
from training.evaluate.gold import gold, shown
from training.evaluate.scoring import Scored
from training.model import model, predict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from curation.core.task import Task


class Params(Section):
    """Section ``evaluate``."""

    batch_tokens: int = pydantic.Field(gt=0)
    """Tokens per batch, padding included."""
    max_length: int = pydantic.Field(gt=2)
    """Tokens per input at most; longer inputs are cut or read in windows, as the kind does."""
    bootstrap: int = pydantic.Field(ge=100)
    """Resamples for the 95% intervals."""


def run(start: str, task: str, seed: int) -> None:
    """Score the model of target TASK that began at START (pretrained, intermediate) and was trained with SEED."""
    name = scoring.start_name(start)
    experiment, section = params.experiment(), params.read(Params, "evaluate")
    facts: Task = registry.load("tasks", task, "evaluate --task").TASK
    file = paths.fetched("target", task) / "test.parquet"
    test, train = records.read(file), records.read(file.with_name("train.parquet"))
    true = gold(test, str(file))  # before the costly part
    folder = paths.target_model(name, task, seed)
    predicted = predict.predict(folder, test, section.batch_tokens, section.max_length)
    rows, raw = score(facts, test, true, predicted)
    draws = seeds.derive(experiment.seed, "evaluate", task)  # the same for every arm and seed, so that arms pair up
    languages, mean = scoring.summary(rows, metrics.load(facts.metric), facts.labels, section.bootstrap, draws)
    files.write_parquet(paths.predictions(name, task, seed), scoring.table(rows))
    report = {
        "start": start,
        "task": task,
        "seed": seed,
        "kind": facts.kind,
        "metric": facts.metric,
        "primary": metrics.load(facts.metric).PRIMARY,
        "rows": len(test),
        "languages": {lang: {**found, "rows": len(rows[lang].ids)} for lang, found in languages.items()},
        "mean": mean,
        "majority_baseline": baseline(facts, train, test, true),
        "consistency": consistency(facts, rows, raw),
        "settings": section.model_dump(),
        "precision": predict.precision(model.read_card(folder).precision, predict.device()),
        "cap": cap(file),
    }
    files.write_json(paths.report("evaluate", start, task, f"seed-{seed}"), report)


def by_language(test: pa.Table) -> dict[str, list[int]]:
    """Return the places of each language's rows, in record order."""
    places: dict[str, list[int]] = {}
    for place, lang in enumerate(test["lang"].to_pylist()):
        places.setdefault(lang, []).append(place)
    return dict(sorted(places.items()))


def score(
    task: Task, test: pa.Table, true: Sequence[Any], predicted: Sequence[Any]
) -> tuple[dict[str, Scored], dict[str, list[Any]]]:
    """Return the scored rows of every language, and the predictions as they were made.

    Raises :class:`CairnError` unless there is one prediction per record.
    """
    metrics.check_lengths(true, predicted, task.metric)
    metric = metrics.load(task.metric)
    ids, groups = test["id"].to_pylist(), test["group"].to_pylist()
    rows, raw = {}, {}
    for lang, places in by_language(test).items():
        g, p = [true[place] for place in places], [predicted[place] for place in places]
        own, units = [ids[place] for place in places], [groups[place] for place in places]
        found = metric.statistics(g, p, lang=lang, labels=task.labels)
        said, wanted = ([shown(task.kind, one, task.labels) for one in values] for values in (p, g))
        rows[lang], raw[lang] = Scored(own, units, said, wanted, found), p
    return rows, raw


def baseline(task: Task, train: pa.Table, test: pa.Table, true: Sequence[Any]) -> dict[str, Any] | None:
    """Return the primary value of always giving the most frequent answer of the training rows; null for spans."""
    guess = kinds.load(task.kind).majority(train, test)
    if guess is None:
        return None
    languages = {}
    for lang, places in by_language(test).items():
        g, p = [true[place] for place in places], [guess[place] for place in places]
        languages[lang] = scoring.primary(task.metric, g, p, lang=lang, labels=task.labels)
    return {"languages": languages, "all": scoring.rounded(np.mean(list(languages.values())))}


def consistency(task: Task, rows: Mapping[str, Scored], raw: Mapping[str, Sequence[Any]]) -> dict[str, Any] | None:
    """Return how often two languages give the same answer to the same item (after Qi et al. 2023), right or wrong.

    ``languages``: each against English, with Cohen's kappa, since answers that are always the same agree as well;
    ``all``: the mean of these; ``pairs``: the mean over all pairs of languages. Answers to span questions are in
    different languages, so there both must be exactly right or both not. Tags have no counterpart word by word: null,
    as for test sets that are not parallel.
    """
    if not task.parallel or task.kind not in ("pair", "choice", "span"):
        return None
    span = task.kind == "span"
    own = {
        lang: dict(zip(found.ids, (found.statistics[:, 0] == 1).tolist() if span else raw[lang], strict=True))
        for lang, found in rows.items()
    }
    pairs = {pair: scoring.agreement(own[pair[0]], own[pair[1]]) for pair in combinations(sorted(own), 2)}
    known = {pair: found for pair, found in pairs.items() if found is not None}
    if not known:
        return None
    english = {(set(pair) - {"en"}).pop(): found for pair, found in known.items() if "en" in pair}
    return {
        "measure": "both exactly right or both not" if span else "same prediction",
        "languages": {lang: _told(found) for lang, found in sorted(english.items())},
        "all": scoring.rounded(np.mean([found.share for found in english.values()])) if english else None,
        "pairs": {
            "agreement": scoring.rounded(np.mean([found.share for found in known.values()])),
            "pairs": len(known),
        },
    }


def _told(found: scoring.Agreement) -> dict[str, Any]:
    kappa = None if found.kappa is None else scoring.rounded(found.kappa)
    return {"agreement": scoring.rounded(found.share), "kappa": kappa, "rows": found.rows}


def cap(file: Any) -> int | None:
    """Return the most rows per language that ``fetch`` took (``fetch.rows.target.test``), null = all."""
    splits = files.read_json(file.with_name("manifest.json"))["splits"]
    caps = [entry["cap"] for entry in splits.get("test", {}).values() if entry.get("cap") is not None]
    return max(caps, default=None)
