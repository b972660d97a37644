"""Two arms side by side on one task: each one's level and their difference, with intervals over seeds and test rows.

With both arms' predictions at hand, :func:`curation.results.statistics.effect` pairs them row by row. With their JSON
reports only (an arm in another git revision), seeds are still paired, but the test rows of the two arms count as
independent: the interval then errs on the wide side, and ``method`` says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from curation import metrics
from curation.core import files, paths
from curation.core.errors import CairnError
from curation.results import statistics
from curation.results.statistics import ALL, WITHOUT_ENGLISH, Effect, Interval, Rows

if TYPE_CHECKING:
    from curation.core.task import Task

Stage = str
Reader = Callable[[Path], Any]
"""A report's path to its JSON value, or ``None`` when there is none."""
Finder = Callable[[Path], Path | None]
"""A data file's path to where it lies on this disk, or ``None``."""

PAIRED = "same test rows, paired row by row and seed by seed"
UNPAIRED = "from the reports alone: paired by seed, test rows counted as independent (wider than need be)"
MEANS = {ALL: "mean", WITHOUT_ENGLISH: "mean without en"}
"""The averages as tables name them."""
ONE_SEED = "one seed: the interval speaks of the test rows only, not of what another seed would give"


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


@dataclass(frozen=True)
class Comparison:
    """Arm ``b`` against arm ``a``; mappings go from a language, ``all`` or ``without_english`` to an effect."""

    task: str
    metric: str
    primary: str
    seeds: Sequence[int]
    rows: Mapping[str, int]
    a: Mapping[str, Effect]
    b: Mapping[str, Effect]
    difference: Mapping[str, Effect]
    method: str
    baseline: Mapping[str, float]
    """Language to the value of guessing: the majority answer, or a candidate drawn blindly; where it is known."""
    consistency: Mapping[str, tuple[float, float]]
    """Language to the share of items answered as in English, by ``a`` and by ``b``; parallel test sets only."""

    @property
    def languages(self) -> list[str]:
        """The tested languages, English first."""
        return sorted(self.rows, key=lambda lang: (lang != "en", lang))

    @property
    def means(self) -> list[str]:
        """The averages worth showing: without English only where there is another language, and English among them."""
        mixed = "en" in self.rows and len(self.rows) > 1
        return [ALL, WITHOUT_ENGLISH] if mixed else [ALL]


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


def compare(a: Arm, b: Arm, task: Task, resamples: int, seed: int) -> Comparison:
    """Return arm ``b`` against arm ``a`` over the seeds that both have.

    Raises :class:`CairnError` when they share no seed or no language.
    """
    seeds = sorted(set(a.seeds) & set(b.seeds))
    if not seeds:
        raise CairnError(f"{a.task}: the arms share no seed ({a.seeds} and {b.seeds}).")
    if a.metric != b.metric:
        raise CairnError(f"{a.task}: the arms were scored by different metrics, {a.metric} and {b.metric}.")
    counts = sizes(b.reports[seeds[0]])
    guesses = _baseline(b.reports[seeds[0]])
    alike = _consistency(a, b, seeds)
    if a.rows is not None and b.rows is not None and _same_rows(a.rows[seeds[0]], b.rows[seeds[0]]):
        value = _value(a, task)
        one, two = ({number: rows[number] for number in seeds} for rows in (a.rows, b.rows))
        effects = [
            statistics.effect(second, first, value, resamples, seed)
            for second, first in ((one, None), (two, None), (two, one))
        ]
        return Comparison(
            a.task,
            a.metric,
            a.primary,
            seeds,
            counts,
            _bounded(effects[0]),
            _bounded(effects[1]),
            effects[2],
            PAIRED,
            guesses,
            alike,
        )
    languages = sorted(set(sizes(a.reports[seeds[0]])) & set(counts))
    if not languages:
        raise CairnError(f"{a.task}: the arms were tested in different languages.")
    one_, two_ = (_table(arm, seeds, languages) for arm in (a, b))
    both = {name: _difference(one_[name], two_[name]) for name in one_}
    levels = [_bounded({name: _level(found) for name, found in table.items()}) for table in (one_, two_)]
    rows_ = {lang: counts[lang] for lang in languages}
    return Comparison(a.task, a.metric, a.primary, seeds, rows_, levels[0], levels[1], both, UNPAIRED, guesses, alike)


def levels(arm: Arm, task: Task, resamples: int, seed: int) -> dict[str, Effect]:
    """Return one arm by itself over all its seeds: its primary value per language and mean, with intervals."""
    if arm.rows is not None:
        return _bounded(statistics.effect(arm.rows, None, _value(arm, task), resamples, seed))
    table = _table(arm, arm.seeds, list(sizes(arm.reports[arm.seeds[0]])))
    return _bounded({name: _level(found) for name, found in table.items()})


def _value(arm: Arm, task: Task) -> statistics.Value:
    """Return the function from summed statistics to the arm's primary value."""
    module = metrics.load(arm.metric)
    return lambda total: module.values(total, task.labels)[arm.primary]


def _bounded(levels: Mapping[str, Effect]) -> dict[str, Effect]:
    """Return levels whose intervals end at 0 and 1, where the metric does; Student's t knows no such ends."""
    return {n: replace(level, low=max(level.low, 0.0), high=min(level.high, 1.0)) for n, level in levels.items()}


def _baseline(report: Mapping[str, Any]) -> dict[str, float]:
    majority = report.get("majority_baseline")
    if isinstance(majority, dict):
        return dict(majority["languages"])
    return {lang: found["chance"] for lang, found in report["languages"].items() if "chance" in found}


def _consistency(a: Arm, b: Arm, seeds: Sequence[int]) -> dict[str, tuple[float, float]]:
    """Return per language the mean over seeds of both arms, where every report has it."""
    found: list[dict[str, list[float]]] = []
    for arm in (a, b):
        values: dict[str, list[float]] = {}
        for seed in seeds:
            told = arm.reports[seed].get("consistency") or {}
            for lang, one in told.get("languages", {}).items():
                values.setdefault(lang, []).append(one["agreement"])
        found.append({lang: own for lang, own in values.items() if len(own) == len(seeds)})
    both = sorted(set(found[0]) & set(found[1]))
    return {lang: (float(np.mean(found[0][lang])), float(np.mean(found[1][lang]))) for lang in both}


def _same_rows(a: Rows, b: Rows) -> bool:
    return {lang: list(ids) for lang, ids in a.ids.items()} == {lang: list(ids) for lang, ids in b.ids.items()}


def sizes(report: Mapping[str, Any]) -> dict[str, int]:
    """Return how many rows, or pairs, a report of ``evaluate`` or ``retrieve`` scored per language."""
    return {lang: int(found.get("rows", found.get("pairs", 0))) for lang, found in report["languages"].items()}


@dataclass(frozen=True)
class _Values:
    """One value per seed, the standard error from the test rows, and how many rows these are."""

    by_seed: Sequence[float]
    error: float
    rows: int


def _table(arm: Arm, seeds: Sequence[int], languages: Sequence[str]) -> dict[str, _Values]:
    """Return the values of an arm's reports per language and mean.

    The error of a mean over languages is the mean of their errors: parallel test sets hold the same items, so the
    errors count as fully correlated.
    """
    found: dict[str, _Values] = {}
    for lang in languages:
        cells = [arm.reports[seed]["languages"][lang] for seed in seeds]
        errors = [(cell["high"] - cell["low"]) / (2 * 1.96) for cell in cells if cell.get("low") is not None]
        rows = int(cells[0].get("rows", cells[0].get("pairs", 0)))
        found[lang] = _Values([cell[arm.primary] for cell in cells], float(np.mean(errors)) if errors else 0.0, rows)
    others = [lang for lang in languages if lang != "en"] or list(languages)
    return {**found, ALL: _mean(found, languages), WITHOUT_ENGLISH: _mean(found, others)}


def _mean(found: Mapping[str, _Values], languages: Sequence[str]) -> _Values:
    by_seed = np.mean([found[lang].by_seed for lang in languages], axis=0).tolist()
    return _Values(by_seed, float(np.mean([found[lang].error for lang in languages])), found[languages[0]].rows)


def _difference(a: _Values, b: _Values) -> Effect:
    values = [after - before for before, after in zip(a.by_seed, b.by_seed, strict=True)]
    return _level(_Values(values, math.hypot(a.error, b.error), min(a.rows, b.rows)))


def _level(found: _Values) -> Effect:
    # Two samples with the standard deviation ``error``: all that `combine` takes from the samples is their variance.
    samples = np.array([-found.error, found.error]) / math.sqrt(2)
    return statistics.combine(found.by_seed, samples, max(found.rows, 2))


def points(value: float, signed: bool = False) -> str:
    """Return a share in percent with one decimal, as ``81.3``, or a signed difference in points, as ``+3.2``.

    >>> points(0.8134), points(0.032, signed=True), points(-0.0001, signed=True)
    ('81.3', '+3.2', '0.0')
    """
    text = f"{100 * value:.1f}"
    if text in ("0.0", "-0.0"):
        return "0.0"
    return f"{100 * value:+.1f}".replace("-", "−") if signed else text


def interval(effect: Interval, signed: bool = False) -> str:
    """Return an effect's bounds, as ``[79.9, 82.6]``."""
    return f"[{points(effect.low, signed)}, {points(effect.high, signed)}]"


def verdict(effect: Effect) -> str:
    """Return in words what a difference says: at the 5% level, two-sided.

    >>> verdict(Effect(0.03, 0.01, 0.05, 0.01, 3, 0.01, 0.01))
    'a significant gain (95% interval above 0)'
    >>> verdict(Effect(0.03, -0.01, 0.07, 0.2, 3, 0.01, 0.01))
    'not significant (95% interval includes 0)'
    """
    if effect.low > 0:
        return "a significant gain (95% interval above 0)"
    if effect.high < 0:
        return "a significant loss (95% interval below 0)"
    return "not significant (95% interval includes 0)"


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain values, for scripts."""

    def told(effect: Effect) -> dict[str, Any]:
        return {name: getattr(effect, name) for name in ("value", "low", "high", "p", "seeds", "seed_sd", "rows_sd")}

    names = [*comparison.languages, *comparison.means]
    return {
        "task": comparison.task,
        "metric": comparison.primary,
        "seeds": list(comparison.seeds),
        "rows": dict(comparison.rows),
        "method": comparison.method,
        "values": {
            name: {
                "a": told(comparison.a[name]),
                "b": told(comparison.b[name]),
                "difference": told(comparison.difference[name]),
            }
            for name in names
        },
        "verdict": verdict(comparison.difference[ALL]),
    }
