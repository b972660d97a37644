"""Learning curves and convergence of both fine-tunings, from their reports and the CSV beside each."""

from __future__ import annotations

import csv
import io
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from curation.core import paths
from curation.core.errors import CairnError
from curation.results import reach
from curation.results.charts import Line
from curation.results.convergence import LEVELS, Curve, Race, Unit, final_level, race
from curation.results.places import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.params import Experiment

NAMES: Mapping[str, str] = {"pretrained": "without", "intermediate": "with"}
"""A start of target training as the report names it."""


COLUMNS = ("step", "dev")
"""Of a curve, those that every training writes."""


@dataclass(frozen=True)
class Run:
    """One fine-tuning: its report and its curve."""

    stage: str
    task: str
    start: str
    seed: int
    report: Mapping[str, Any]
    table: Mapping[str, Sequence[float | None]]
    """The columns of the CSV beside the report, one number per evaluation: ``step``, ``tokens``, ``dev``, ..."""

    @property
    def curve(self) -> list[tuple[int, float]]:
        """(step, dev value) at each evaluation."""
        steps, dev = self.table.get("step", ()), self.table.get("dev", ())
        return [(int(x), y) for x, y in zip(steps, dev, strict=True) if x is not None and y is not None]

    @property
    def degenerate(self) -> bool:
        """Whether it learnt nothing."""
        return bool(self.report.get("degenerate"))


def _run(place: Place, path: Path, stage: str, task: str, start: str, seed: int) -> Run | None:
    report = place.read(path)
    if report is None:
        return None
    return Run(stage, task, start, seed, report, _table(place, path.with_suffix(".csv")))


def _table(place: Place, path: Path) -> dict[str, list[float | None]]:
    """Return the columns of a curve; raise :class:`CairnError` for a file that has none."""
    table: dict[str, list[float | None]] = {}
    try:
        text = place.text(path)
        if text is None:
            return {}
        for row in csv.DictReader(io.StringIO(text), strict=True):
            for name in {**dict.fromkeys(COLUMNS), **row}:
                table.setdefault(name, []).append(float(row[name]) if row[name] else None)
        if not table:
            raise ValueError("it has no rows")
    except (ValueError, TypeError, KeyError, csv.Error, OSError) as error:
        raise CairnError(
            f"{place.name}: {path} cannot be read as the curve of a training ({error!r}). Delete it, "
            "then run `dvc repro`."
        ) from None
    return table


def runs(setup: Experiment, place: Place | None = None) -> list[Run]:
    """Return every fine-tuning of the experiment that has a report: intermediate, then target without and with it.

    ``place``: where the experiment lies; ``None`` = in this folder.
    """
    where = place or Place("workspace", Path())
    mixture = " + ".join(setup.intermediate)
    found = [
        _run(where, paths.report("intermediate", f"seed-{seed}"), "intermediate", mixture, "pretrained", seed)
        for seed in setup.seeds
    ]
    for task in setup.targets:
        for start in get_args(paths.Start):
            for seed in setup.seeds:
                path = paths.report("target", start, task, f"seed-{seed}")
                found.append(_run(where, path, "target", task, start, seed))
    return [run for run in found if run is not None]


def lines(found: Sequence[Run], stage: str, task: str) -> list[Line]:
    """Return one line per run of ``task``; the runs of one start share name and colour."""
    chosen = [run for run in found if run.stage == stage and run.task == task and run.curve]
    made = []
    for run in chosen:
        name = f"{NAMES[run.start]} intermediate step" if stage == "target" else "one line per seed"
        tone = "b" if run.start == "intermediate" or stage == "intermediate" else "a"
        made.append(Line(name, tone, [float(step) for step, _ in run.curve], [dev for _, dev in run.curve]))  # type: ignore[arg-type]
    return made


CONVERGENCE = ("best_dev", "steps_to_95", "tokens_to_95", "curve_area", "steps", "seconds")


def convergence(found: Sequence[Run]) -> list[dict[str, Any]]:
    """Return one line per stage, task and start: means over the seeds that learnt something, and which did not.

    ``steps_to_95`` and ``tokens_to_95`` are means over the runs that got there, and ``not_to_95`` says how many did
    not. ``curve_area`` is taken up to where the shortest run of the task ends.
    """
    groups: dict[tuple[str, str, str], list[Run]] = {}
    for run in found:
        groups.setdefault((run.stage, run.task, run.start), []).append(run)
    made = []
    for (stage, task, start), members in groups.items():
        line: dict[str, Any] = {"stage": stage, "task": task, "start": start, "seeds": len(members)}
        learnt = [run for run in members if not run.degenerate]
        ends = [run.curve[-1][0] for run in found if (run.stage, run.task) == (stage, task) and run.curve]
        for key in CONVERGENCE:
            values = [float(run.report[key]) for run in learnt if run.report.get(key) is not None]
            line[key] = statistics.fmean(values) if values else None
        drawn = [run.curve for run in learnt if run.curve]
        areas = [reach.area([x for x, _ in curve], [y for _, y in curve], min(ends)) for curve in drawn]
        line["curve_area"] = statistics.fmean(areas) if areas else line["curve_area"]
        line["not_to_95"] = sum(run.report.get("steps_to_95") is None for run in learnt)
        line["rows"] = members[0].report.get("rows")
        line["majority"] = members[0].report.get("majority_baseline")
        line["degenerate"] = [run.seed for run in members if run.degenerate]
        made.append(line)
    return made


def learning(run: Run, found: Sequence[Run], column: str = "dev") -> Curve | None:
    """Return the curve of a target training; ``None`` where its CSV lacks ``column``.

    ``before`` is what the intermediate training of the same seed took, where the run began there.
    """
    values = run.table.get(column)
    if not values or any(value is None for value in values):
        return None
    costs = {unit: np.asarray(run.table[name], dtype=np.float64) for unit, name in UNITS.items()}
    first = next((r for r in found if r.stage == "intermediate" and r.seed == run.seed), None)
    began = first is not None and run.start == "intermediate"
    before = {unit: float(first.report.get(unit) or 0.0) for unit in UNITS} if first is not None and began else {}
    return Curve(costs, np.asarray(values, dtype=np.float64), before)


UNITS: Mapping[Unit, str] = {"steps": "step", "tokens": "tokens", "seconds": "seconds"}
"""Unit of a cost to its column in the CSV."""


Level = tuple[str, Race, Race, Race]
"""What the level is, and the race to it in steps, and in tokens and seconds with the intermediate step's."""


@dataclass(frozen=True)
class Races:
    """How fast the target training of one arm rises against that of another, on one task."""

    task: str
    column: str
    """``dev``, or ``zero_shot``: the mean over dev rows in other languages."""
    lines: Sequence[Level]
    left_out: int
    """Degenerate runs, left out."""


def races(found: Sequence[Run], task: str, column: str = "dev") -> Races | None:
    """Return the races of the arm with the intermediate step against the one without it; ``None`` without both."""
    return between(found, "pretrained", found, "intermediate", task, column, "where runs without end")


def between(
    a: Sequence[Run], a_start: str, b: Sequence[Run], b_start: str, task: str, column: str, final: str
) -> Races | None:
    """Return the races of arm ``b`` against arm ``a``, the runs of an experiment and a start each; None without both.

    Levels: what arm ``a`` ends at, on average, called ``final``, and those of :data:`convergence.LEVELS` that are above
    guessing and that some run stands at.
    """
    target = [_targets(one, start, task) for one, start in ((a, a_start), (b, b_start))]
    first, second = (
        {run.seed: curve for run in mine if not run.degenerate and (curve := learning(run, every, column)) is not None}
        for mine, every in zip(target, (a, b), strict=True)
    )
    if not (first and second):
        return None
    floor = float(target[0][0].report.get("majority_baseline") or 0.0)
    best = max(float(curve.value.max()) for one in (first, second) for curve in one.values())
    level = final_level(list(first.values()))
    levels = {f"{100 * level:.1f}, {final}": level}
    levels |= {f"{100 * level:.0f}": level for level in LEVELS if floor + 0.02 < level <= best}
    lines = [
        (
            name,
            race(first, second, level),
            race(first, second, level, "tokens", True),
            race(first, second, level, "seconds", True),
        )
        for name, level in levels.items()
    ]
    return Races(task, column, lines, sum(run.degenerate for mine in target for run in mine))


def _targets(found: Sequence[Run], start: str, task: str) -> list[Run]:
    return [run for run in found if (run.stage, run.task, run.start) == ("target", task, start)]


def degenerate(found: Sequence[Run]) -> list[dict[str, Any]]:
    """Return the runs that learnt nothing, with the reason that training gave."""
    return [
        {
            "stage": run.stage,
            "task": run.task,
            "start": run.start,
            "seed": run.seed,
            "why": run.report.get("degenerate_why") or "its dev value never left the majority baseline",
        }
        for run in found
        if run.report.get("degenerate")
    ]


def mean_curves(found: Sequence[Run]) -> list[tuple[str, str, int, dict[str, float]]]:
    """Return (stage, task, step, start to mean dev value over seeds) at every step that all seeds of a start share."""
    groups: dict[tuple[str, str, int], dict[str, list[float]]] = {}
    sizes: dict[tuple[str, str, str], int] = {}
    for run in found:
        sizes[run.stage, run.task, run.start] = sizes.get((run.stage, run.task, run.start), 0) + 1
        for step, dev in run.curve:
            groups.setdefault((run.stage, run.task, step), {}).setdefault(run.start, []).append(dev)
    made = []
    for (stage, task, step), starts in sorted(groups.items()):
        whole = {s: statistics.fmean(v) for s, v in sorted(starts.items()) if len(v) == sizes[stage, task, s]}
        if whole:
            made.append((stage, task, step, whole))
    return made
