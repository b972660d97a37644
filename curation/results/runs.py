"""An arm on one task: its reports and, where they are on this disk, its scored rows, as runs to be compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from curation import metrics
from curation.core import files, paths
from curation.results import statistics
from curation.results.statistics import Rows, Run

if TYPE_CHECKING:
    from curation.core.task import Task

Stage = str
Reader = Callable[[Path], Any]
"""A report's path to its JSON value, or ``None`` when there is none."""
Finder = Callable[[Path], Path | None]
"""A data file's path to where it lies on this disk, or ``None``."""


@dataclass(frozen=True)
class Arm:
    """The runs of one start on one task."""

    task: str
    metric: str
    primary: str
    reports: Mapping[int, Mapping[str, Any]]
    """Seed to the JSON report of ``evaluate`` or ``retrieve``."""
    rows: Mapping[int, Rows] | None
    """Seed to the scored rows, when every seed's predictions are on this disk."""

    @property
    def seeds(self) -> list[int]:
        """The seeds, ascending."""
        return sorted(self.reports)


def report_path(stage: Stage, start: str, task: str, seed: int) -> Path:
    """Return where ``evaluate`` and ``retrieve`` write their JSON."""
    return paths.report(stage, start, task, f"seed-{seed}")


def load_arm(
    stage: Stage, start: paths.Start, name: str, seeds: Sequence[int], read: Reader, find: Finder
) -> Arm | None:
    """Return the arm with all the seeds that have a report; ``None`` when none has one."""
    reports = {seed: read(report_path(stage, start, name, seed)) for seed in seeds}
    known = {seed: value for seed, value in reports.items() if value is not None}
    if not known:
        return None
    first = known[min(known)]
    metric = first.get("metric") or "retrieval"
    primary = first.get("primary") or metrics.load(metric).PRIMARY
    found = {seed: find(paths.predictions(start, name, seed)) for seed in known}
    rows = {seed: statistics.from_table(files.read_parquet(path)) for seed, path in found.items() if path is not None}
    return Arm(name, metric, primary, known, rows if len(rows) == len(known) else None)


def reported(arms: Iterable[Arm], task: Task) -> list[str]:
    """Return the values of the arms' metric that every report gives in every language, the primary one first."""
    arms = list(arms)
    cells = [cell for arm in arms for report in arm.reports.values() for cell in report["languages"].values()]
    return [name for name in metrics.names(arms[0].metric, task.labels) if all(name in cell for cell in cells)]


def sizes(report: Mapping[str, Any]) -> dict[str, int]:
    """Return how many rows, or pairs, a report of ``evaluate`` or ``retrieve`` scored per language."""
    return {lang: int(found.get("rows", found.get("pairs", 0))) for lang, found in report["languages"].items()}


def narrowed(arm: Arm, seeds: Sequence[int]) -> Arm:
    """Return the arm with ``seeds`` only."""
    rows = None if arm.rows is None else {seed: arm.rows[seed] for seed in seeds}
    return replace(arm, reports={seed: arm.reports[seed] for seed in seeds}, rows=rows)


def same_rows(arms: Iterable[Arm]) -> bool:
    """Return whether every run's rows are on this disk and all were scored on the same ones."""
    arms = list(arms)
    known = [rows for arm in arms if arm.rows is not None for rows in arm.rows.values()]
    complete = all(arm.rows is not None for arm in arms)
    return complete and all(_ids(rows) == _ids(known[0]) for rows in known)


def _ids(rows: Rows) -> dict[str, list[str]]:
    return {lang: list(ids) for lang, ids in rows.ids.items()}


def scored(arm: Arm, task: Task, name: str) -> list[Run]:
    """Return an arm's runs, with the pull of every unit of the test set."""
    assert arm.rows is not None
    module = metrics.load(arm.metric)
    return [statistics.run(arm.rows[seed], lambda total: module.values(total, task.labels)[name]) for seed in arm.seeds]


def from_reports(arm: Arm, name: str, languages: Sequence[str], place: int, arms: int, who: str = "") -> list[Run]:
    """Return an arm's runs from their reports; ``who``: what the arm is called where its reports lack something.

    All rows of a language are one number here, the standard error, which the runs of this arm share and no other arm
    does. The error of a mean over languages is the mean of their errors: parallel test sets hold the same items, so
    the errors count as fully correlated.
    """
    errors = {}
    for lang in languages:
        bounds = [_bounds(arm, seed, lang, name) for seed in arm.seeds]
        errors[lang] = float(np.mean([(high - low) / (2 * 1.96) for low, high in bounds]))
    unknown = _unbounded(arm, name, languages, who)
    counts = sizes(arm.reports[arm.seeds[0]])
    means = statistics.means_over(languages)
    pull, count = {}, {}
    for one, langs in {**{lang: [lang] for lang in languages}, **means}.items():
        pull[one] = np.where(np.arange(arms) == place, np.mean([errors[lang] for lang in langs]), 0.0)
        count[one] = min(counts[lang] for lang in langs)
    units = {one: [f"arm {number}" for number in range(arms)] for one in pull}
    runs = []
    for seed in arm.seeds:
        cells = {lang: float(arm.reports[seed]["languages"][lang][name]) for lang in languages}
        middle = {mean: float(np.mean([cells[lang] for lang in langs])) for mean, langs in means.items()}
        runs.append(Run(cells | middle, pull, units, count, unknown))
    return runs


def _unbounded(arm: Arm, name: str, languages: Sequence[str], who: str) -> str | None:
    """Return in words that reports hold no interval for a value, and what to do; ``None`` when all of them do."""

    def lacking(value: str) -> list[str]:
        places = [(lang, seed) for lang in languages for seed in arm.seeds]
        return [f"{lang}, seed {seed}" for lang, seed in places if math.isnan(_bounds(arm, seed, lang, value)[0])]

    missing = lacking(name)
    if not missing:
        return None
    cells = [report["languages"][lang] for report in arm.reports.values() for lang in languages]
    known = {arm.primary}.union(*(cell.get("bounds", ()) for cell in cells))
    others = sorted(value for value in known if not lacking(value))
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    return (
        f"the reports{f' of {who}' if who else ''} on {arm.task} hold no interval over test rows for {name} "
        f"({missing[0]}{more}): make them anew with `dvc repro` at that arm"
        + (f", or compare by metric {' or '.join(others)}" if others else "")
    )


def _bounds(arm: Arm, seed: int, lang: str, name: str) -> tuple[float, float]:
    """Return the interval over test rows that a report gives; NaN where it gives none for this value."""
    cell = arm.reports[seed]["languages"][lang]
    if name == arm.primary and cell.get("low") is not None:
        return float(cell["low"]), float(cell["high"])
    low, high = cell.get("bounds", {}).get(name, (math.nan, math.nan))
    return float(low), float(high)
