"""This experiment's own results, read from its reports and predictions, for any metric and any set of languages."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, get_args

from curation.core import experiment, files, params, paths
from curation.core.errors import CairnError, unknown
from curation.results import comparison as results
from curation.results import curves, places
from curation.results.arms import STAGES, load_arms
from curation.results.statistics import Rows
from curation.tasks import load as load_task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.params import Experiment
    from curation.results.effects import Effect
    from curation.results.runs import Arm

GAIN = "gain"
"""What the intermediate step adds: the start ``intermediate`` minus the start ``pretrained``, over shared seeds."""
STARTS: tuple[str, ...] = get_args(paths.Start)


@dataclass
class Measured:
    """What was scored in a workspace."""

    setup: Experiment
    values: Mapping[str, Any]
    """params.yaml."""
    stages: Mapping[str, str]
    """Task to the stage that scored it: ``evaluate`` or ``retrieve``."""
    arms: Mapping[str, Mapping[str, Arm]]
    """Start to task to its runs."""
    trainings: Sequence[curves.Run]
    """Every fine-tuning that has a report."""
    encoder: str
    """The encoder under evaluation, as params.yaml named it then."""
    intermediate: Sequence[str]
    """The tasks of the intermediate step."""
    _found: dict[Any, dict[str, dict[str, Effect]]] = field(default_factory=dict, repr=False)

    def facts(self, task: str) -> Any:
        """Return the ``TASK`` of a task."""
        return load_task(task, "compare --task")

    def primary(self, task: str) -> str:
        """Return the value that ranks arms on ``task``."""
        return next(arms[task].primary for arms in self.arms.values() if task in arms)

    def starts(self, task: str) -> list[str]:
        """Return what can be compared on ``task``: the starts that were scored, and ``gain`` when both share a seed."""
        found = [start for start in STARTS if task in self.arms.get(start, {})]
        shared = set.intersection(*(set(self.arms[start][task].seeds) for start in found)) if found else set()
        return [*found, GAIN] if len(found) == len(STARTS) and shared else found

    def arm(self, start: str, task: str) -> Arm:
        """Return the runs behind ``start``; behind a gain, those with the intermediate step."""
        return self.arms["intermediate" if start == GAIN else start][task]

    def languages(self, start: str, task: str) -> list[str]:
        """Return the tested languages; those of every seed, and of both starts for a gain."""
        arms = [self.arms[one][task] for one in (STARTS if start == GAIN else (start,))]
        return sorted(set.intersection(*(set(report["languages"]) for arm in arms for report in arm.reports.values())))

    def effects(self, task: str, metric: str, languages: Sequence[str]) -> dict[str, dict[str, Effect]]:
        """Return start (and ``gain``) to language, ``all`` and ``without_english`` to the value over seeds, 0..1.

        The means are over ``languages``. Where a metric has no interval in the reports and the predictions are not on
        this disk, the bounds are NaN.
        """
        key = task, metric, tuple(languages)
        if key not in self._found:
            self._found[key] = self._effects(task, metric, languages)
        return self._found[key]

    def _effects(self, task: str, metric: str, languages: Sequence[str]) -> dict[str, dict[str, Effect]]:
        facts = self.facts(task)
        arms = {start: one[task] for start, one in self.arms.items() if task in one}
        arms = {start: arm for start, arm in arms.items() if set(languages) <= set(self.languages(start, task))}
        own = {start: narrowed(arm, languages) for start, arm in arms.items()}
        found: dict[str, dict[str, Effect]] = {}
        if GAIN in self.starts(task) and len(own) == len(STARTS):
            both = results.compare(own["pretrained"], own["intermediate"], facts, metric)
            found = {"pretrained": dict(both.a), "intermediate": dict(both.b), GAIN: dict(both.difference)}
        for start, arm in own.items():
            if start not in found or len(both.seeds) < len(arm.seeds):  # the comparison is over shared seeds only
                found[start] = results.levels(arm, facts, metric)
        known = not any(math.isnan(effect.rows_sd) for one in found.values() for effect in one.values())
        return found if known else {start: _unbounded(one) for start, one in found.items()}

    def by_seed(self, start: str, task: str, metric: str, languages: Sequence[str]) -> dict[int, float]:
        """Return each seed's mean over ``languages``, from the reports."""
        reports = self.arms[start][task].reports
        return {s: fmean(report["languages"][lang][metric] for lang in languages) for s, report in reports.items()}

    def median(self, start: str, task: str, metric: str, languages: Sequence[str]) -> float:
        """Return the median over seeds of the mean over ``languages``; for a gain the difference of two medians."""
        if start == GAIN:
            after, before = (self.median(one, task, metric, languages) for one in ("intermediate", "pretrained"))
            return after - before
        return median(self.by_seed(start, task, metric, languages).values())


def narrowed(arm: Arm, languages: Sequence[str]) -> Arm:
    """Return the arm as if only ``languages`` had been tested."""

    def report(told: Mapping[str, Any]) -> dict[str, Any]:
        return {**told, "languages": {lang: told["languages"][lang] for lang in languages}}

    reports = {seed: report(told) for seed, told in arm.reports.items()}
    rows = arm.rows and {
        seed: Rows({lang: r.ids[lang] for lang in languages}, {lang: r.statistics[lang] for lang in languages})
        for seed, r in arm.rows.items()
    }
    return replace(arm, reports=reports, rows=rows)


def _unbounded(effects: Mapping[str, Effect]) -> dict[str, Effect]:
    return {name: replace(one, low=math.nan, high=math.nan) for name, one in effects.items()}


def load(tasks: Sequence[str], starts: Sequence[str]) -> Measured:
    """Return what was scored in the working directory, for ``tasks`` (empty = all) and ``starts``.

    Raises :class:`CairnError` when nothing was, for an unknown task, and when the reports are of several encoders.
    """
    setup, values = experiment.read(), params.load()
    place = places.Place("workspace", Path())
    found = {start: load_arms(place, start, values) for start in starts}
    stages = {task: stage for arms in found.values() for stage, task in arms}
    if not stages:
        wanted = " or ".join(f"reports/{stage}/{start}" for stage, _ in STAGES for start in starts)
        raise CairnError(
            f"no run was scored yet: there is nothing in {wanted} for {', '.join((*setup.targets, *setup.retrieval))} "
            f"(params.yaml: targets, retrieval) and seeds {', '.join(map(str, setup.seeds))}. Run `dvc repro`."
        )
    for task in tasks:
        if task not in stages:
            raise unknown("scored task", task, stages, "--task")
    chosen = {task: stage for task, stage in stages.items() if not tasks or task in tasks}
    arms = {s: {task: arm for (_, task), arm in one.items() if task in chosen} for s, one in found.items()}
    trainings = curves.runs(setup)
    told = [run.report.get("encoder") for run in trainings]
    told += [report.get("encoder") for one in arms.values() for arm in one.values() for report in arm.reports.values()]
    origins = [one for one in told if isinstance(one, dict)]
    pointers = [files.read_json(file) for file in sorted(Path("models/pretrained").glob("seed-*/encoder.json"))]
    encoder = _only("encoders", [_model(one) for one in origins] or [_model(one) for one in pointers])
    trained = _only("intermediate tasks", [" + ".join(one.get("trained_on", ())) for one in origins])
    return Measured(
        setup,
        values,
        chosen,
        arms,
        trainings,
        encoder or str(values["encoder"]["model"]),
        trained.split(" + ") if trained else setup.intermediate,
    )


def _only(what: str, named: Sequence[str | None]) -> str | None:
    """Return the one name among ``named``, ``None`` when there is none; raise :class:`CairnError` for several."""
    known = sorted({name for name in named if name})
    if len(known) > 1:
        raise CairnError(
            f"the reports are of several {what}: {'; '.join(known)}. Run `dvc repro`: it makes those again that "
            "params.yaml has changed for."
        )
    return known[0] if known else None


def _model(origin: Mapping[str, Any]) -> str | None:
    """Return the encoder's name in an origin: its own, or that of the encoder it was trained from."""
    start = origin.get("start")
    return origin.get("model") or (_model(start) if isinstance(start, dict) else None)
