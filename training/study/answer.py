"""What a study's arms came to: levels, the declared comparisons with what chance allows, and what to distrust.

Several targets are joined by the mean of their values, each of which counts the same. Comparisons are adjusted
together (Holm 1979), as they were declared together, those included whose arms have not run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from curation import tasks
from curation.results import arms as named_arms
from curation.results import comparison, effects, places, wording
from curation.results.runs import narrowed
from curation.results.statistics import ALL, WITHOUT_ENGLISH, Run, why_unknown
from training.study import arms
from training.study.plan import PRIMARY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.results.arms import Named
    from curation.results.comparison import Table
    from curation.results.effects import Effect, Spread
    from training.study.arms import Arm, Contrast
    from training.study.plan import Plan

MEANS = (ALL, WITHOUT_ENGLISH)


@dataclass(frozen=True)
class Compared:
    """A declared comparison and its outcome."""

    contrast: Contrast
    effect: Effect
    """Mean over languages, and over targets."""
    without_english: Effect
    adjusted: float
    """p after Holm; NaN where there is no verdict."""
    by_language: Mapping[tuple[str, str], Effect]
    """(target, language) to the same comparison there."""
    seeds_needed: int | None
    """Seeds per arm that would tell the study's ``equivalent`` from 0; ``None`` = unknown, or no number would do."""
    none_larger_than: float
    """The smallest size of effect that the data exclude; NaN where there is no verdict."""


@dataclass(frozen=True)
class Answer:
    """Everything the page says, but for its drawings."""

    plan: Plan
    missing: Sequence[str]
    """Arms that have not run, or not on every target with every seed."""
    stale: Sequence[str]
    """Arms that were run by other code or parameters than those of now."""
    tables: Sequence[Table]
    """One per target, the arms by name."""
    retrieval: Sequence[Table]
    levels: Mapping[str, Mapping[str, Effect]]
    """Arm to ``all`` and ``without_english``: the mean over targets."""
    compared: Sequence[Compared]
    undone: Sequence[Contrast]
    """Comparisons whose arms have not all run."""
    spread: Spread | None
    runs: Mapping[str, Sequence[Run]]
    """Arm to its runs, values and pulls being means over targets."""
    found: Mapping[str, Named]

    @property
    def first(self) -> Compared | None:
        """The outcome of the comparison that was declared first: the study's answer; ``None`` before it can be had."""
        return next((one for one in self.compared if one.contrast is self.plan.contrasts[0]), None)

    @property
    def languages(self) -> list[str]:
        """The languages of all targets, English first."""
        return comparison.english_first({lang: 0 for table in self.tables for lang in table.rows})


def gather(plan: Plan) -> Answer:
    """Return the answer from the experiments that the study's arms were saved as."""
    known, states = places.experiments(), plan.keys
    done = [arm for arm in plan.arms if plan.experiment(arm) in known]
    found = {arm.name: _named(plan, arm) for arm in done}
    stale = [arm.name for arm in done if plan.place.state(arm.name, states[arm.name]) != "done"]
    metric = None if plan.study.metric == PRIMARY else plan.study.metric
    with arms.using(plan.arms[0]):
        tables = [_table(found, "evaluate", task, metric, plan) for task in plan.size.targets]
        retrieval = [_table(found, "retrieve", task, None, plan) for task in plan.size.retrieval]
    scored = [table for table in tables if table is not None]
    whole = [name for name in found if all(table is not None and name in table.runs for table in tables)]
    missing = [arm.name for arm in plan.arms if arm.name not in whole]
    joined = {name: _joined([table.runs[name] for table in scored]) for name in whole}
    spread = effects.spreads(list(joined.values())) if joined else {}
    levels = {name: {mean: effects.level(runs, mean, spread[mean]) for mean in MEANS} for name, runs in joined.items()}
    able = [all(arm.name in joined for arm in _members(one)) for one in plan.contrasts]
    outcomes = [
        _compared(one, joined, spread, scored, plan) if can else None
        for one, can in zip(plan.contrasts, able, strict=True)
    ]
    # Those that cannot be had yet were declared too: without them p would be too small until they come.
    adjusted = effects.holm({str(i): math.nan if one is None else one.effect.p for i, one in enumerate(outcomes)})
    compared = [replace(one, adjusted=adjusted[str(i)]) for i, one in enumerate(outcomes) if one is not None]
    undone = [one for one, can in zip(plan.contrasts, able, strict=True) if not can]
    ranked = [table for table in retrieval if table is not None]
    return Answer(
        plan, missing, stale, scored, ranked, levels, compared, undone, spread.get(ALL), joined, found
    )  # fmt: skip


def _named(plan: Plan, arm: Arm) -> Named:
    return named_arms.load(f"{plan.experiment(arm)}:{arm.start}")


def _members(contrast: Contrast) -> list[Arm]:
    return [contrast.a, contrast.b, *(contrast.minus or ())]


def _table(found: Mapping[str, Named], stage: str, task: str, metric: str | None, plan: Plan) -> Table | None:
    """Return the arms that were scored on ``task`` with every seed of the plan, over these seeds alone."""
    seeds = plan.size.seeds
    scored = {
        name: narrowed(one.scored[stage, task], seeds)
        for name, one in found.items()
        if (stage, task) in one.scored and set(seeds) <= set(one.scored[stage, task].seeds)
    }
    return comparison.side_by_side(scored, tasks.load(task, "study"), metric) if scored else None


def _joined(by_task: Sequence[Sequence[Run]]) -> list[Run]:
    """Return the runs of an arm with the mean over targets as their values; test rows of targets are independent."""
    share = 1 / len(by_task)
    return [
        Run(
            {mean: float(np.mean([run.values[mean] for run in runs])) for mean in MEANS},
            {mean: np.concatenate([run.pull[mean] * share for run in runs]) for mean in MEANS},
            {mean: [f"{i} {unit}" for i, run in enumerate(runs) for unit in run.units[mean]] for mean in MEANS},
            {mean: sum(run.count[mean] for run in runs) for mean in MEANS},
            why_unknown(runs),
        )
        for runs in zip(*by_task, strict=True)
    ]


def _compared(
    contrast: Contrast,
    joined: Mapping[str, Sequence[Run]],
    spread: Mapping[str, Spread | None],
    tables: Sequence[Table],
    plan: Plan,
) -> Compared:
    effect, others = (_difference(contrast, joined, mean, spread[mean]) for mean in MEANS)
    by_language = {
        (table.task, lang): _difference(contrast, table.runs, lang, table.spread[lang])
        for table in tables
        for lang in table.languages
        if all(arm.name in table.runs for arm in _members(contrast))
    }
    least = plan.study.equivalent / 100
    needed = effects.seeds_needed(effect, least, len(joined))
    return Compared(contrast, effect, others, math.nan, by_language, needed, effects.smallest_bound(effect))


def _difference(contrast: Contrast, runs: Mapping[str, Sequence[Run]], name: str, spread: Spread | None) -> Effect:
    """Return ``b - a``, or for an interaction the difference of two such differences.

    In an interaction each side is a difference of two runs, whose seeds are independent: its variance between seeds is
    twice that of one run.
    """
    first, second = runs[contrast.a.name], runs[contrast.b.name]
    if contrast.minus is None:
        return effects.difference(second, first, name, spread)
    other_first, other_second = (runs[arm.name] for arm in contrast.minus)
    doubled = None if spread is None else replace(spread, variance=2 * spread.variance)
    return effects.difference(_gaps(second, first, name), _gaps(other_second, other_first, name), name, doubled)


def _gaps(second: Sequence[Run], first: Sequence[Run], name: str) -> list[Run]:
    return [
        Run(
            {name: b.values[name] - a.values[name]}, {name: b.pull[name] - a.pull[name]},
            {name: b.units[name]}, {name: b.count[name]}, why_unknown((b, a)),
        )
        for a, b in zip(first, second, strict=True)
    ]  # fmt: skip


def said(metric: str) -> str:
    """Return a metric's name as people say it.

    >>> said("f1"), said("macro_f1"), said("exact_match"), said("primary")
    ('F1', 'macro-F1', 'exact match', "each target's own metric")
    """
    if metric == PRIMARY:
        return "each target's own metric"
    return metric.replace("macro_", "macro-").replace("f1", "F1").replace("_", " ")


def chance(p: float) -> str:
    """Return a p as people say it.

    >>> chance(0.0312), chance(1e-7)
    ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def sentence(one: Compared, metric: str, equivalent: float) -> str:
    """Return the outcome of a comparison in a sentence, ``equivalent`` in points."""
    effect = one.effect
    amount = f"{wording.points(effect.value, True)} points {wording.interval(effect, True)} of {said(metric)}"
    what = one.contrast.says[:1].upper() + one.contrast.says[1:]
    if effect.why_not:
        return f"{what}: {amount}; no verdict ({effect.why_not})."
    if one.adjusted < 0.05:
        word = "a gain" if effect.value > 0 else "a loss"
        return f"{what}: {amount}, {word} ({chance(one.adjusted)} after Holm)."
    if one.none_larger_than < equivalent / 100:
        return f"{what}: {amount}; no effect larger than {equivalent:g} points either way."
    if one.seeds_needed is None:
        more = f"no number of seeds up to 1,000 would tell {equivalent:g} points apart on these test rows"
    else:
        more = f"{one.seeds_needed} seeds per arm would be needed to tell {equivalent:g} points apart"
    return f"{what}: not told apart, {amount} ({chance(one.adjusted)} after Holm); {more}."


def headline(answer: Answer) -> str:
    """Return the answer in one sentence, or what is missing for one."""
    study, first = answer.plan.study, answer.first
    if first is not None:
        return sentence(first, study.metric, study.equivalent)
    return f"No answer yet: {len(answer.missing)} of {len(answer.plan.arms)} arms have not run."


def plain(answer: Answer) -> dict[str, Any]:
    """Return the answer as plain values, for scripts; 0..1."""
    plan = answer.plan
    return {
        "study": plan.name,
        "size": plan.place.size,
        "question": plan.study.question,
        "metric": plan.study.metric,
        "seeds": list(plan.size.seeds),
        "answer": headline(answer),
        "missing": list(answer.missing),
        "stale": list(answer.stale),
        "levels": {
            name: {mean: wording.told(effect) for mean, effect in found.items()}
            for name, found in answer.levels.items()
        },
        "targets": {
            table.task: {
                "metric": table.primary,
                "arms": {
                    name: {at: wording.told(effect) for at, effect in table.level(name).items()} for name in table.runs
                },
            }
            for table in (*answer.tables, *answer.retrieval)
        },
        "comparisons": [_plain(one) for one in answer.compared],
        "not_run": [one.says for one in answer.undone],
        "seeds_pooled": None
        if answer.spread is None
        else {
            "pooled": answer.spread.agree,  # else each comparison has the seeds of its own arms
            "arms_alike_p": answer.spread.p,
            "freedom": answer.spread.freedom,
        },
    }


def _plain(one: Compared) -> dict[str, Any]:
    names = {"a": one.contrast.a.name, "b": one.contrast.b.name}
    if one.contrast.minus:
        names |= {"minus_a": one.contrast.minus[0].name, "minus_b": one.contrast.minus[1].name}
    return {
        "says": one.contrast.says,
        **names,
        "difference": wording.told(one.effect),
        "without_english": wording.told(one.without_english),
        "p_holm": None if math.isnan(one.adjusted) else one.adjusted,
        "seeds_needed": one.seeds_needed,
        "no_effect_larger_than": None if math.isnan(one.none_larger_than) else one.none_larger_than,
        "languages": {f"{task} {lang}": wording.told(effect) for (task, lang), effect in one.by_language.items()},
    }
