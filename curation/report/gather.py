"""Everything the report says, as plain values and drawn charts, gathered from files once."""

from __future__ import annotations

import math
from importlib.resources import files as files_of
from typing import TYPE_CHECKING, Any

from curation import tasks
from curation.core import files, params
from curation.report import curated, planted, reviewed, selftested, versions
from curation.results import arms, charts, curves, runs, wording
from curation.results import comparison as results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from curation.core.params import Experiment
    from curation.results.comparison import Comparison


def _read(path: Path) -> Any:
    return files.read_json(path) if path.exists() else None


def _find(path: Path) -> Path | None:
    return path if path.exists() else None


def comparisons(stage: str, names: tuple[str, ...], setup: Experiment, metric: str | None) -> list[Comparison]:
    """Return, per task that was scored, the runs with the intermediate step against those without it."""
    found = []
    for name in names if setup.seeds else ():
        both = [
            runs.load_arm(stage, start, name, setup.seeds, _read, _find) for start in ("pretrained", "intermediate")
        ]
        if both[0] is not None and both[1] is not None:
            found.append(results.compare(both[0], both[1], tasks.load(name), metric))
    return found


def settings(setup: Experiment) -> list[dict[str, Any]]:
    """Return the retrieval settings that each retrieval report echoes."""
    keys = ("layer", "pooling", "similarity", "margin", "direction", "k", "index", "engine")
    found = []
    for name in setup.retrieval if setup.seeds else ():
        report = _read(runs.report_path("retrieve", "pretrained", name, setup.seeds[0]))
        if report is not None:
            found.append({"task": name, **{key: report.get(key) for key in keys if report.get(key) is not None}})
    return found


def _interval_chart(one: Comparison, stage: str) -> dict[str, Any]:
    def mark(effects: Mapping[str, Any], name: str) -> charts.Interval:
        low, high = (None if math.isnan(edge) else edge for edge in (effects[name].low, effects[name].high))
        return charts.Interval(effects[name].value, low, high)

    names = [*one.languages, *one.means]
    what = "zero-shot" if stage == "evaluate" else "retrieval"
    both = {wording.MEANS.get(n, n): [mark(one.a, n), mark(one.b, n)] for n in names}
    gaps = {wording.MEANS.get(n, n): [mark(one.difference, n)] for n in names}
    return {
        "levels": charts.intervals(
            both,
            [("without", "a"), ("with intermediate step", "b")],
            f"{one.task}: {what} {one.primary} per language without and with the intermediate step",
            f"{one.primary}, percent, with 95% intervals",
        ),
        "gaps": charts.intervals(
            gaps,
            [("with minus without", "b")],
            f"{one.task}: difference of {what} {one.primary} per language, with minus without",
            "difference in points, with 95% intervals",
            zero=True,
        ),
    }


def all_idle(one: Comparison, idle: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether every run of a target learnt nothing: then a difference between arms is no finding.

    ``idle``: the degenerate runs.
    """
    runs = {(run["start"], run["seed"]) for run in idle if run["stage"] == "target" and run["task"] == one.task}
    return len(runs) >= 2 * len(one.seeds)


def _histogram(found: Mapping[str, Any]) -> Any:
    return charts.histogram(
        curated.EDGES,
        [("in the subset", "b", found["histogram"]["kept"]), ("not taken", "muted", found["histogram"]["not_kept"])],
        f"{found['task']}: rows by quality, in the subset and not",
        "quality (0 = worst, 1 = best)",
    )


def _curve_charts(setup: Experiment, trainings: list[curves.Run]) -> list[dict[str, Any]]:
    made = []
    for stage, names in (("intermediate", [" + ".join(setup.intermediate)]), ("target", list(setup.targets))):
        for name in names:
            lines = curves.lines(trainings, stage, name)
            if lines:
                title = f"{stage} training on {name}: dev value by step, one line per seed"
                chart = charts.lines(lines, title, "optimizer steps", "dev value, percent")
                made.append({"stage": stage, "task": name, "chart": chart})
    return made


def everything(setup: Experiment, values: dict[str, Any], examples: int) -> dict[str, Any]:
    """Return all parts of the report; parts whose files are not there are empty lists or ``None``."""
    metric = arms.primary(values)
    zero_shot = comparisons("evaluate", setup.targets, setup, metric)
    retrieval = comparisons("retrieve", setup.retrieval, setup, metric)
    trainings = curves.runs(setup)
    scored = [one for name in setup.intermediate if (one := curated.scored(name, setup, values, examples))]
    return {
        "setup": setup,
        "zero_shot": zero_shot,
        "zero_shot_charts": {one.task: _interval_chart(one, "evaluate") for one in zero_shot},
        "retrieval": retrieval,
        "retrieval_charts": {one.task: _interval_chart(one, "retrieve") for one in retrieval},
        "retrieval_settings": settings(setup),
        "runs": trainings,
        "curve_charts": _curve_charts(setup, trainings),
        "convergence": curves.convergence(trainings),
        "races": [
            found
            for name in setup.targets
            for column in ("dev", "zero_shot")
            if (found := curves.races(trainings, name, column)) is not None
        ],
        "degenerate": (idle := curves.degenerate(trainings)),
        "no_finding": {one.task for one in zero_shot if all_idle(one, idle)},
        "mean_curves": curves.mean_curves(trainings),
        "sources": curated.sources(setup),
        "scored": scored,
        "histograms": {one["task"]: _histogram(one) for one in scored},
        "translations": curated.translations(setup, values),
        "reviewed": [one for name in setup.intermediate if (one := reviewed.found(name, setup))],
        "unreviewed": [one["task"] for one in scored if not reviewed.found(one["task"], setup)],
        "selftested": [one for name in setup.intermediate if (one := selftested.found(name))],
        "selftest": (files_of("curation.cli") / "selftest.py").is_file(),
        "planted": [one for name in setup.intermediate if (one := planted.found(name, setup, values))],
        "subset": curated.subset(),
        "encoders": versions.encoders(setup, values),
        "packages": versions.packages(),
        "commit": versions.commit(),
        "commands": versions.commands(values),
        "configuration": params.path().read_text(encoding="utf-8"),
    }
