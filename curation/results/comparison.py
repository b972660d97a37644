"""Arms side by side on one task: each one's level and their differences, with intervals over seeds and test rows.

With all arms' predictions at hand, differences are taken row by row. With JSON reports only (an arm in another git
revision), the test rows of the arms count as independent: the interval then errs on the wide side, and ``method``
says so. :func:`side_by_side` takes any number of arms, :func:`compare` two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core.errors import CairnError, unknown
from curation.results import effects
from curation.results.effects import Effect, Spread
from curation.results.runs import Arm, from_reports, narrowed, reported, same_rows, scored, sizes
from curation.results.statistics import ALL, WITHOUT_ENGLISH, Run

if TYPE_CHECKING:
    from curation.core.task import Task

PAIRED = "same test rows, compared row by row"
UNPAIRED = "from the reports alone: test rows counted as independent (wider than need be)"


@dataclass(frozen=True)
class Table:
    """Any number of arms on one task, by one value of its metric."""

    task: str
    metric: str
    primary: str
    """The value that is shown: ``accuracy``, ``f1``, ``macro_f1``, ``exact_match``, ..., in 0..1."""
    rows: Mapping[str, int]
    """Language to test rows, the languages that all arms were tested in."""
    seeds: Mapping[str, Sequence[int]]
    """Arm to its seeds."""
    runs: Mapping[str, Sequence[Run]]
    """Arm to its runs, in the order of its seeds."""
    spread: Mapping[str, Spread | None]
    """Language, ``all`` or ``without_english`` to the variance between seeds, pooled over all arms."""
    method: str

    @property
    def languages(self) -> list[str]:
        """The tested languages, English first."""
        return english_first(self.rows)

    @property
    def means(self) -> list[str]:
        """The averages worth showing."""
        return means_of(self.rows)

    def level(self, arm: str) -> dict[str, Effect]:
        """Return an arm's value per language, ``all`` and ``without_english``, 0..1."""
        return {name: effects.level(self.runs[arm], name, found) for name, found in self.spread.items()}

    def difference(self, second: str, first: str) -> dict[str, Effect]:
        """Return ``second - first`` per language, ``all`` and ``without_english``; the seeds of all arms are pooled."""
        one, two = self.runs[first], self.runs[second]
        return {name: effects.difference(two, one, name, found) for name, found in self.spread.items()}

    def by_seed(self, arm: str, name: str = ALL) -> dict[int, float]:
        """Return each seed's value."""
        return {s: run.values[name] for s, run in zip(self.seeds[arm], self.runs[arm], strict=True)}


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
    spread: Mapping[str, Spread | None]
    """The variance between seeds, pooled over both arms where they agree."""
    others: Mapping[str, tuple[Effect, Effect, Effect]]
    """Every other value of the metric to ``a``, ``b`` and the difference, means over languages."""

    @property
    def languages(self) -> list[str]:
        """The tested languages, English first."""
        return english_first(self.rows)

    @property
    def means(self) -> list[str]:
        """The averages worth showing: without English only where there is another language, and English among them."""
        return means_of(self.rows)

    @property
    def over_languages(self) -> tuple[float, str, str] | None:
        """Standard deviation of the difference over languages, and the languages of the least and the greatest one."""
        if len(self.rows) < 2:
            return None
        gaps = {lang: self.difference[lang].value for lang in self.languages}
        ends = min(gaps, key=lambda lang: gaps[lang]), max(gaps, key=lambda lang: gaps[lang])
        return float(np.std(list(gaps.values()), ddof=1)), *ends


def english_first(languages: Mapping[str, Any]) -> list[str]:
    """Return the languages, English first, then by code."""
    return sorted(languages, key=lambda lang: (lang != "en", lang))


def means_of(languages: Mapping[str, Any]) -> list[str]:
    """Return the averages worth showing: without English only where there is another language, and English too."""
    return [ALL, WITHOUT_ENGLISH] if "en" in languages and len(languages) > 1 else [ALL]


def side_by_side(arms: Mapping[str, Arm], task: Task, metric: str | None = None) -> Table:
    """Return any number of arms on one task.

    Args:
        arms: name to arm; all scored by the same metric, each over its own seeds.
        task: the task's facts.
        metric: the value to look at, where the task's metric gives it; ``None``, or one that it does not give, means
            the primary one.

    Raises:
        CairnError: the arms were scored by different metrics, or share no language.
    """
    first = next(iter(arms.values()))
    for name, arm in arms.items():
        if arm.metric != first.metric:
            raise CairnError(
                f"{first.task}: the arms were scored by different metrics, {first.metric} and {arm.metric} ({name}). "
                "Run `dvc repro` for both with the same TASK.metric in the task file."
            )
    wanted = metric if metric in reported(arms.values(), task) else first.primary
    counts = {name: sizes(arm.reports[arm.seeds[0]]) for name, arm in arms.items()}
    shared = [lang for lang in counts[next(iter(arms))] if all(lang in found for found in counts.values())]
    if not shared:
        tested = "; ".join(f"{name} in {', '.join(found)}" for name, found in counts.items())
        raise CairnError(
            f"{first.task}: the arms were tested in different languages, {tested}. Run `dvc repro` for all of them "
            "with a language in common in params.yaml: fetch.languages."
        )
    paired = same_rows(arms.values())
    runs = {
        name: scored(arm, task, wanted) if paired else from_reports(arm, wanted, shared, place, len(arms), name)
        for place, (name, arm) in enumerate(arms.items())
    }
    return Table(
        first.task,
        first.metric,
        wanted,
        {lang: min(found[lang] for found in counts.values()) for lang in shared},
        {name: arm.seeds for name, arm in arms.items()},
        runs,
        effects.spreads(list(runs.values())),
        PAIRED if paired else UNPAIRED,
    )


def compare(a: Arm, b: Arm, task: Task, metric: str | None = None) -> Comparison:
    """Return arm ``b`` against arm ``a`` over the seeds that both have; ``metric`` as in :func:`side_by_side`.

    Raises :class:`CairnError` when they share no seed or no language.
    """
    seeds = sorted(set(a.seeds) & set(b.seeds))
    if not seeds:
        raise CairnError(
            f"{a.task}: the arms share no seed ({a.seeds} and {b.seeds}). Run `dvc repro` for one of them with a seed "
            f"of the other, such as {b.seeds[0]}, in params.yaml: seeds."
        )
    both = {"a": narrowed(a, seeds), "b": narrowed(b, seeds)}
    table = side_by_side(both, task, metric)
    gap = table.difference("b", "a")
    report = b.reports[seeds[0]]
    others = {}
    for name in reported(both.values(), task):
        if name != table.primary:
            other = side_by_side(both, task, name)
            others[name] = (other.level("a")[ALL], other.level("b")[ALL], other.difference("b", "a")[ALL])
    return Comparison(
        table.task,
        table.metric,
        table.primary,
        seeds,
        table.rows,
        table.level("a"),
        table.level("b"),
        gap,
        table.method,
        _baseline(report, table.primary),
        _consistency(a, b, seeds),
        table.spread,
        others,
    )


def levels(arm: Arm, task: Task, metric: str | None = None) -> dict[str, Effect]:
    """Return one arm by itself over all its seeds: its value per language and mean, with intervals."""
    return side_by_side({"": arm}, task, metric).level("")


def check_metric(wanted: str | None, arms: Iterable[tuple[Arm, Task]], where: str) -> None:
    """Raise :class:`CairnError` when no arm's reports give a value named ``wanted``."""
    known = dict.fromkeys(name for arm, task in arms for name in reported([arm], task))
    if wanted is not None and known and wanted not in known:
        raise unknown("metric", wanted, known, where)


def _baseline(report: Mapping[str, Any], name: str) -> dict[str, float]:
    majority = report.get("majority_baseline")
    if isinstance(majority, dict):
        known = majority.get("values", {}).get(name)
        return dict(known or (majority["languages"] if name == report.get("primary", name) else {}))
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
