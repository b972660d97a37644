"""Intervals and paired comparisons for scores that are sums of per-row statistics.

Three sources of chance are told apart.

* **Test rows.** Rows are resampled with replacement by *unit* (the group: rows of one premise or paragraph are not
  independent), and one draw counts in every language at once: parallel
  test sets hold the same items, so their errors are correlated and independent draws per language would make the
  interval of a language mean too narrow. Ids that occur in one language only are thereby drawn independently.
* **Seeds.** A seed is one run of both fine-tunings. With three seeds, resampling seeds (a hierarchical bootstrap) gives
  intervals that are far too narrow, and a permutation test cannot reach p < 0.25; so the variance between seeds is
  estimated and enters by Student's t.
* **Languages** are fixed: results speak of the languages tested.

:func:`effect` joins the first two: with ``m`` seeds, ``variance = between seeds / m + test rows (bootstrap)``, and
degrees of freedom after Welch (1947) and Satterthwaite (1946). The part of the rows' variance that differs between
seeds is in both terms, so the interval errs on the wide side. Arms are compared as pairs: same seeds, same draws.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curation.core.errors import CairnError

Floats = NDArray[np.float64]
Value = Callable[[Floats], Any]
"""The metric: summed statistics ``(..., k)`` to values ``(...)``: ``lambda total: values(total, labels)["f1"]``."""

ALL, WITHOUT_ENGLISH = "all", "without_english"
_DRAWS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Rows:
    """The scored rows of one run."""

    ids: Mapping[str, Sequence[str]]
    """Language to what each of its rows is drawn by; rows that share it are drawn together."""
    statistics: Mapping[str, Floats]
    """Language to ``(rows, k)``, in the order of ``ids``."""


@dataclass(frozen=True)
class Interval:
    """A value and its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Effect(Interval):
    """A value over several seeds (or a difference of two arms), its interval, and where its uncertainty comes from."""

    p: float
    """Two-sided p of "the true value is 0"."""
    seeds: int
    """Number of seeds; with one, the interval speaks of the test rows only."""
    seed_sd: float | None
    """Standard deviation between seeds; ``None`` with one seed."""
    rows_sd: float
    """Standard error from the choice of test rows."""


def from_table(table: Any) -> Rows:
    """Return the rows of a predictions table by ``lang``; what is drawn is its ``unit``, the ``id`` without one."""
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
    found = {lang: np.asarray(value(rows.statistics[lang].sum(axis=0))) for lang in rows.ids}
    return {name: float(number) for name, number in _with_means(found).items()}


def bootstrap(rows: Rows, value: Value, resamples: int, seed: int) -> dict[str, Floats]:
    """Return the metric on ``resamples`` draws of the ids, ``(resamples,)`` per language and mean.

    The same ids and seed give the same draws, so samples of two arms on one test set may be subtracted.
    Time O(resamples · rows · k), memory O(ids · languages · k) and one block of draws.
    """
    order = sorted({id_ for ids in rows.ids.values() for id_ in ids})
    if not order:
        raise CairnError("there is no row to resample.")
    number = {id_: place for place, id_ in enumerate(order)}
    widths = [rows.statistics[lang].shape[1] for lang in rows.ids]
    edges = np.cumsum([0, *widths])
    wide = np.zeros((len(order), int(edges[-1])))  # one line per id, the statistics of all languages side by side
    for (lang, ids), edge, width in zip(rows.ids.items(), edges, widths, strict=False):
        np.add.at(wide[:, edge : edge + width], [number[id_] for id_ in ids], rows.statistics[lang])
    rng = np.random.default_rng(seed)
    block = max(1, min(resamples, _DRAWS_AT_ONCE // len(order)))
    totals = []
    for start in range(0, resamples, block):
        count = min(block, resamples - start)
        drawn = rng.integers(0, len(order), size=(count, len(order)))
        drawn += np.arange(count)[:, None] * len(order)
        weights = np.bincount(drawn.ravel(), minlength=count * len(order)).reshape(count, len(order))
        totals.append(weights.astype(np.float64) @ wide)
    total = np.concatenate(totals)
    return _with_means(
        {
            lang: np.asarray(value(total[:, edge : edge + width]))
            for lang, edge, width in zip(rows.ids, edges, widths, strict=False)
        }
    )


def intervals(rows: Rows, value: Value, resamples: int, seed: int, level: float = 0.95) -> dict[str, Interval]:
    """Return value and percentile interval per language and mean; chance is the choice of test rows alone."""
    values, samples = point(rows, value), bootstrap(rows, value, resamples, seed)
    return {name: Interval(values[name], *_percentiles(samples[name], level)) for name in values}


def paired(
    first: Rows, second: Rows, value: Value, resamples: int, seed: int, level: float = 0.95
) -> dict[str, Interval]:
    """Return ``second - first`` per language and mean, with percentile intervals over shared draws of the ids.

    Raises :class:`CairnError` when the two do not hold the same rows.
    """
    _check_same(first, second)
    values = {name: point(second, value)[name] - before for name, before in point(first, value).items()}
    before, after = bootstrap(first, value, resamples, seed), bootstrap(second, value, resamples, seed)
    return {name: Interval(values[name], *_percentiles(after[name] - before[name], level)) for name in values}


def effect(
    second: Mapping[int, Rows],
    first: Mapping[int, Rows] | None,
    value: Value,
    resamples: int,
    seed: int,
    level: float = 0.95,
) -> dict[str, Effect]:
    """Return ``second - first`` over seeds, per language and mean; with ``first`` ``None``, the level of ``second``.

    Args:
        second: seed to scored rows of an arm.
        first: the arm it is compared with; the same seeds and rows.
        value: the metric.
        resamples: bootstrap draws of the test rows.
        seed: of the draws.
        level: confidence, 0..1.

    Raises:
        CairnError: the arms have different seeds or rows.
    """
    if first is not None and set(first) != set(second):
        raise CairnError(
            f"the arms have different seeds: {sorted(first)} and {sorted(second)}. Compare runs of one list."
        )
    runs: list[tuple[dict[str, float], dict[str, Floats]]] = []
    reference = second[min(second)]
    for number in sorted(second):
        _check_same(reference, second[number])
        values, samples = point(second[number], value), bootstrap(second[number], value, resamples, seed)
        if first is not None:
            _check_same(first[number], second[number])
            before = point(first[number], value), bootstrap(first[number], value, resamples, seed)
            values = {name: values[name] - before[0][name] for name in values}
            samples = {name: samples[name] - before[1][name] for name in samples}
        runs.append((values, samples))
    ids = len({id_ for found in reference.ids.values() for id_ in found})
    return {
        name: combine([run[0][name] for run in runs], np.mean([run[1][name] for run in runs], axis=0), ids, level)
        for name in runs[0][0]
    }


def combine(by_seed: Sequence[float], samples: Floats, ids: int, level: float = 0.95) -> Effect:
    """Return the mean of ``by_seed`` with an interval from the variance between seeds and that of ``samples``.

    Args:
        by_seed: one value (or difference) per seed.
        samples: bootstrap values of the mean over seeds, ``(resamples,)``.
        ids: number of test ids behind the samples.
        level: confidence, 0..1.
    """
    from scipy import stats

    count, value = len(by_seed), float(np.mean(by_seed))
    of_seeds = float(np.var(by_seed, ddof=1)) / count if count > 1 else 0.0
    of_rows = float(np.var(samples, ddof=1)) if len(samples) > 1 else 0.0
    error = math.sqrt(of_seeds + of_rows)
    if error == 0:
        return Effect(value, value, value, 1.0 if value == 0 else 0.0, count, 0.0 if count > 1 else None, 0.0)
    inverse = of_rows**2 / max(ids - 1, 1) + (of_seeds**2 / (count - 1) if count > 1 else 0.0)
    freedom = (of_seeds + of_rows) ** 2 / inverse
    reach = float(stats.t.ppf(0.5 + level / 2, freedom)) * error
    p = float(2 * stats.t.sf(abs(value) / error, freedom))
    seed_sd = math.sqrt(of_seeds * count) if count > 1 else None
    return Effect(value, value - reach, value + reach, p, count, seed_sd, math.sqrt(of_rows))


def _with_means(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` with the mean over languages, and over those but English (of all, where there is no other)."""
    others = [value for lang, value in values.items() if lang != "en"] or list(values.values())
    return {**values, ALL: np.mean(list(values.values()), axis=0), WITHOUT_ENGLISH: np.mean(others, axis=0)}


def _percentiles(samples: Floats, level: float) -> tuple[float, float]:
    low, high = np.quantile(samples, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def _check_same(first: Rows, second: Rows) -> None:
    """Raise :class:`CairnError` unless both hold the same ids in the same languages and order."""
    if set(first.ids) != set(second.ids):
        raise CairnError(f"the runs have different languages: {sorted(first.ids)} and {sorted(second.ids)}.")
    for lang, ids in first.ids.items():
        if list(ids) != list(second.ids[lang]):
            different = len(set(ids) ^ set(second.ids[lang]))
            raise CairnError(
                f"the runs were scored on different rows in {lang!r} ({different} ids are in one only): their caps or "
                "data differ. Run `dvc repro` for both with the same fetch.rows."
            )
