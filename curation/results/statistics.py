"""Scored rows to values, and what the choice of test rows adds to their uncertainty.

A metric is a function of summed statistics per row. What one unit (the group: rows of one premise or paragraph are not
independent) contributes to a value is its ``pull``: the value's change when the unit is left out, the delete-one
jackknife of Tukey (1958). The pulls of a value have mean 0 and the sum of their squares is its variance, whatever the
metric; those of a difference of runs on the same test set, or of a mean over languages, are the differences and means
of the pulls. So

* one leave-one-out pass per run serves levels, paired differences and means, without resampling or a seed;
* a unit counts in every language at once: parallel test sets hold the same items, so their errors are correlated;
* a language of few rows is judged by its own rows, as many as it has.

Languages are fixed: results speak of the languages tested. Seeds come in :mod:`curation.results.effects`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.core.errors import CairnError

Floats = NDArray[np.float64]
Value = Callable[[Floats], Any]
"""The metric: summed statistics ``(..., k)`` to values ``(...)``: ``lambda total: values(total, labels)["f1"]``."""

ALL, WITHOUT_ENGLISH = "all", "without_english"
_CELLS = 4_000_000


@dataclass(frozen=True)
class Rows:
    """The scored rows of one run."""

    ids: Mapping[str, Sequence[str]]
    """Language to the unit of each of its rows; rows that share it are left out together."""
    statistics: Mapping[str, Floats]
    """Language to ``(rows, k)``, in the order of ``ids``."""


@dataclass(frozen=True)
class Run:
    """One run's values on a test set, and what each unit contributes to them."""

    values: Mapping[str, float]
    """Language, ``all`` or ``without_english`` to the value, 0..1."""
    pull: Mapping[str, Floats]
    """The same names to one number per unit, in the order of ``units``; the sum of squares is the variance."""
    units: Mapping[str, Sequence[str]]
    """The same names to what the numbers of ``pull`` belong to, sorted. Runs on the same test set have the same."""
    count: Mapping[str, int]
    """The same names to the number of units behind the value."""
    unknown: str | None = None
    """Why a pull is NaN, where it is not that a language has a single unit."""

    def variance(self, name: str) -> float:
        """Return the variance of a value over the choice of test rows; NaN where a language has a single unit."""
        return float(self.pull[name] @ self.pull[name])


@dataclass(frozen=True)
class Interval:
    """A value and its interval."""

    value: float
    low: float
    high: float


def from_table(table: Any) -> Rows:
    """Return the rows of a predictions table by ``lang``; their units are its ``unit``, the ``id`` without one."""
    langs = np.asarray(table["lang"].to_pylist(), dtype=object)
    ids = np.asarray(table["unit" if "unit" in table.column_names else "id"].to_pylist(), dtype=object)
    statistics = np.asarray(table["statistics"].to_pylist(), dtype=np.float64)
    places = {lang: np.flatnonzero(langs == lang) for lang in sorted(set(langs.tolist()))}
    return Rows(
        {lang: ids[place].tolist() for lang, place in places.items()},
        {lang: statistics[place] for lang, place in places.items()},
    )


def point(rows: Rows, value: Value) -> dict[str, float]:
    """Return the metric per language, and its unweighted means ``all`` and ``without_english``.

    >>> hits = {"en": np.array([[1.0, 1]]), "de": np.array([[1.0, 1], [0, 1]])}
    >>> point(Rows({"en": ["a"], "de": ["a", "b"]}, hits), lambda total: total[..., 0] / total[..., 1])
    {'en': 1.0, 'de': 0.5, 'all': 0.75, 'without_english': 0.5}
    """
    found = {lang: float(value(rows.statistics[lang].sum(axis=0))) for lang in rows.ids}
    means = {name: float(np.mean([found[lang] for lang in langs])) for name, langs in means_over(rows.ids).items()}
    return found | means


def run(rows: Rows, value: Value) -> Run:
    """Return the values of scored rows and the pull of every unit on them. Time and memory O(units · languages · k).

    Raises :class:`CairnError` when there is no row.
    """
    if not any(len(ids) for ids in rows.ids.values()):
        raise CairnError("there is no row to score.")
    pull: dict[str, Floats] = {}
    units: dict[str, Sequence[str]] = {}
    for lang, ids in rows.ids.items():
        units[lang], pull[lang] = leave_one_out(ids, rows.statistics[lang], value)
    for name, langs in means_over(rows.ids).items():
        units[name], pull[name] = _together(langs, units, pull)
    return Run(point(rows, value), pull, units, {name: len(found) for name, found in units.items()})


def mean_of_tasks(runs: Mapping[str, Run]) -> Run:
    """Return the unweighted mean over tasks of each task's ``all`` and ``without_english`` as a run of its own.

    What a benchmark's score over several tasks is (:mod:`curation.results.suites`), with the same measures around it.

    >>> one = run(Rows({"en": ["a", "b"]}, {"en": np.array([[1.0, 1], [0, 1]])}), lambda t: t[..., 0] / t[..., 1])
    >>> both = mean_of_tasks({"x": one, "y": one})
    >>> both.values["all"], both.variance("all") == one.variance("all") / 2
    (0.5, True)
    """
    values, pull, units = {}, {}, {}
    for name in (ALL, WITHOUT_ENGLISH):
        values[name] = float(np.mean([one.values[name] for one in runs.values()]))
        pull[name] = np.concatenate([one.pull[name] for one in runs.values()]) / len(runs)
        units[name] = [f"{task} {unit}" for task, one in runs.items() for unit in one.units[name]]
    count = {name: sum(one.count[name] for one in runs.values()) for name in values}
    return Run(values, pull, units, count, why_unknown(runs.values()))


def why_unknown(runs: Iterable[Run]) -> str | None:
    """Return the first reason that one of ``runs`` gives for a pull that is not known; ``None`` where none does."""
    return next((one.unknown for one in runs if one.unknown), None)


def intervals(rows: Rows, value: Value, level: float = 0.95) -> dict[str, Interval]:
    """Return value and interval per language and mean; chance is the choice of test rows alone.

    The interval is :func:`curation.results.intervals.wilson`'s: never beyond 0 and 1, and of some width even where all
    rows are right.
    """
    from curation.results.intervals import wilson

    found = run(rows, value)
    return {
        name: Interval(middle, *wilson(middle, found.variance(name), found.count[name], level))
        for name, middle in found.values.items()
    }


def check_same(first: Run, second: Run) -> None:
    """Raise :class:`CairnError` unless both runs were scored on the same units in the same languages."""
    if set(first.units) != set(second.units):
        languages = [sorted(set(one.units) - {ALL, WITHOUT_ENGLISH}) for one in (first, second)]
        raise CairnError(
            f"the runs have different languages: {languages[0]} and {languages[1]}. Run `dvc repro` for both with the "
            "same params.yaml: fetch.languages."
        )
    for lang, ids in first.units.items():
        if list(ids) != list(second.units[lang]):
            different = len(set(ids) ^ set(second.units[lang]))
            raise CairnError(
                f"the runs were scored on different rows in {lang!r} ({different} ids are in one only): their caps or "
                "data differ. Run `dvc repro` for both with the same fetch.rows."
            )


def means_over(languages: Iterable[str]) -> dict[str, list[str]]:
    """Return the means over languages: all, and all but English (all, where there is no other)."""
    every = list(languages)
    return {ALL: every, WITHOUT_ENGLISH: [lang for lang in every if lang != "en"] or every}


def leave_one_out(ids: Sequence[str], statistics: Floats, value: Value) -> tuple[list[str], Floats]:
    """Return the units of one language, sorted, and their pulls."""
    names, place = np.unique(np.asarray(ids, dtype=object).astype(str), return_inverse=True)
    sums = np.zeros((len(names), statistics.shape[1]))
    np.add.at(sums, place, statistics)
    if len(names) < 2:
        return names.tolist(), np.full(len(names), math.nan)  # nothing is known of its spread
    total, step = sums.sum(axis=0), max(1, _CELLS // max(1, sums.shape[1]))
    left = np.concatenate([np.asarray(value(total - sums[at : at + step])) for at in range(0, len(sums), step)])
    return names.tolist(), (left.mean() - left) * math.sqrt((len(names) - 1) / len(names))


def _together(
    langs: Sequence[str], units: Mapping[str, Sequence[str]], pull: Mapping[str, Floats]
) -> tuple[list[str], Floats]:
    """Return the units of several languages and their pulls on the mean over these."""
    names = np.unique(np.concatenate([np.asarray(units[lang], dtype=str) for lang in langs]))
    whole = np.zeros(len(names))
    for lang in langs:
        whole[np.searchsorted(names, np.asarray(units[lang], dtype=str))] += pull[lang] / len(langs)
    return names.tolist(), whole
