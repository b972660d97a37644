"""What an arm comes to over its seeds, and what sets two arms apart, with honest intervals.

Two sources of chance are told apart, and :func:`curation.results.intervals.margin` joins them:

* **Seeds.** One seed is one run of both fine-tunings. The variance between seeds, which holds whatever differs from run
  to run, the luck of a run with single rows included, is pooled over the arms of a study (:func:`pooled`), so that five
  arms of three seeds have ten degrees of freedom. Seeds of different arms count as independent; where the same number
  brings the same luck to both, intervals are on the wide side.
* **Test rows.** What all runs of an arm share of the choice of rows: the variance of the arm's mean pull, less the part
  that differs between its runs and is therefore in the first term already.

Simulated (tests/curation/results/test_simulated.py): identical arms differ "significantly" in 2 to 6% of the studies
of 2, 3 and 5 seeds, with and without variance between seeds. **One seed gives no verdict on the training**: of
identical arms, seeds apart by 4 points, it would call half "significant".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from curation.results.intervals import margin, p_value, student, wilson
from curation.results.statistics import Floats, Interval, Run, check_same, why_unknown

ONE_SEED = "one seed: the interval covers the choice of test rows, not what another seed would give"
NO_VARIANCE = "nothing varies: the arms scored the same in every run and on every row"
ONE_GROUP = "the rows of a language are all of one group, so how far they vary is not known"
TWO_SEEDS = "two seeds, and the variance between seeds differs between the arms: nothing to pool"
ALIKE = 0.05
"""Arms whose variances differ at this level (Bartlett) are not pooled."""


@dataclass(frozen=True)
class Spread:
    """The variance between the seeds of one arm, pooled over arms."""

    variance: float
    freedom: int
    """Degrees of freedom: seeds less one, summed over the arms."""
    arms: int
    p: float | None
    """Bartlett's test of equal variances in all arms; ``None`` for a single arm."""

    @property
    def agree(self) -> bool:
        """Whether the arms vary alike, as far as the test can tell."""
        return self.p is None or self.p >= ALIKE


@dataclass(frozen=True)
class Effect(Interval):
    """A value over several seeds, or a difference of two arms, its interval, and where its uncertainty comes from.

    ``low`` and ``high`` are NaN for a difference in which nothing varies, or whose variance over rows is not known.
    """

    p: float
    """Two-sided p of "the true value is 0"; NaN where there is no verdict."""
    seeds: int
    """Number of seeds (of the arm that has fewer); with one, the interval speaks of the test rows only."""
    seed_sd: float | None
    """Standard deviation between the seeds of an arm, pooled; ``None`` with one seed."""
    rows_sd: float
    """Standard error from the choice of test rows."""
    freedom: float | None = None
    """Degrees of freedom behind ``seed_sd``."""
    parts: tuple[tuple[float, float], ...] = ()
    """(standard error, degrees of freedom) of seeds and of test rows: what the interval is made of."""
    why_not: str | None = None
    """Why there is no verdict; ``None`` where there is one."""

    def at(self, level: float) -> Interval:
        """Return the interval of a difference at another level; symmetric, as differences have no edge near."""
        reach = margin(level, self.parts) if self.parts else math.nan
        return Interval(self.value, self.value - reach, self.value + reach)


def pooled(by_arm: Sequence[Sequence[float]]) -> Spread | None:
    """Return the variance between seeds, pooled over arms (one value per seed each); ``None`` with one seed each.

    >>> found = pooled([[0.5, 0.6], [0.7, 0.8]])
    >>> round(found.variance, 4), found.freedom, round(found.p, 2)
    (0.005, 2, 1.0)
    """
    several = [np.asarray(values, dtype=np.float64) for values in by_arm if len(values) > 1]
    if not several:
        return None
    freedom = sum(len(values) - 1 for values in several)
    variances = [float(values.var(ddof=1)) for values in several]
    whole = sum((len(values) - 1) * own for values, own in zip(several, variances, strict=True)) / freedom
    return Spread(whole, freedom, len(several), _bartlett(several, variances) if len(several) > 1 else None)


def spreads(arms: Sequence[Sequence[Run]]) -> dict[str, Spread | None]:
    """Return, per language and mean that all runs have, the variance between seeds pooled over arms."""
    names = [name for name in arms[0][0].values if all(name in run.values for arm in arms for run in arm)]
    return {name: pooled([[run.values[name] for run in arm] for arm in arms]) for name in names}


def level(runs: Sequence[Run], name: str, spread: Spread | None) -> Effect:
    """Return an arm's mean over seeds; ``spread`` is pooled over the study, and the arm's own is taken otherwise.

    The rows' part of the interval is Wilson's, so bounds stay within 0..1 and twenty right of twenty leave room.
    """
    runs_ = list(runs)
    value = float(np.mean([run.values[name] for run in runs_]))
    used = _own_or_pooled([runs_], name, spread)[0]
    rows, shared = _row_variances([runs_], name)
    count = runs_[0].count[name]
    low, high = wilson(value, shared if len(runs_) > 1 else rows, count)
    seeds = _seed_part([(used, len(runs_))])
    reach = margin(0.95, (seeds,)) if seeds else 0.0
    return Effect(
        value,
        max(0.0, value - math.hypot(value - low, reach)),
        min(1.0, value + math.hypot(high - value, reach)),
        math.nan,
        len(runs_),
        None if used is None else math.sqrt(used.variance),
        math.sqrt(rows) if rows >= 0 else math.nan,
        None if used is None else used.freedom,
        why_not=ONE_SEED if len(runs_) == 1 else None,
    )


def difference(second: Sequence[Run], first: Sequence[Run], name: str, spread: Spread | None) -> Effect:
    """Return ``second - first`` over seeds; ``spread`` is pooled over the study's arms, these two among them.

    Where the arms of the study vary differently, or ``spread`` is ``None``, the two arms' own variances are taken
    (Welch), and then two seeds are too few. Raises :class:`CairnError` when the arms were scored on different rows.
    """
    for run in (*first, *second):
        check_same(first[0], run)
    arms = [list(second), list(first)]
    value = float(np.mean([run.values[name] for run in arms[0]]) - np.mean([run.values[name] for run in arms[1]]))
    used = _own_or_pooled(arms, name, spread)
    rows, shared = _row_variances(arms, name)
    fewest = min(map(len, arms))
    seeds = _seed_part([(one, len(arm)) for one, arm in zip(used, arms, strict=True)])
    of_rows = (math.sqrt(shared if fewest > 1 else rows), max(first[0].count[name] - 1, 1))
    parts = (seeds, of_rows) if seeds else (of_rows,)
    why = _why_not(fewest, spread, rows, parts, why_unknown((*second, *first)) or ONE_GROUP)
    known = why != NO_VARIANCE and not math.isnan(rows)
    reach = margin(0.95, parts) if known else math.nan
    return Effect(
        value,
        value - reach,
        value + reach,
        math.nan if why else p_value(abs(value), parts),
        fewest,
        None if spread is None or fewest == 1 else math.sqrt(spread.variance),
        math.sqrt(rows),
        seeds[1] if seeds else None,
        parts if known else (),
        why,
    )


def _bartlett(several: Sequence[Floats], variances: Sequence[float]) -> float:
    from scipy import stats

    if min(variances) == 0:
        return float(max(variances) == 0)
    found = stats.bartlett(*several)
    return 1.0 if found.statistic <= 0 else float(found.pvalue)  # scipy gives NaN for equal variances


def _own_or_pooled(arms: Sequence[Sequence[Run]], name: str, spread: Spread | None) -> list[Spread | None]:
    """Return the spread to use for each arm: the study's where its arms agree, else the arm's own."""
    if spread is not None and spread.agree:
        return [spread if len(arm) > 1 else None for arm in arms]
    return [pooled([[run.values[name] for run in arm]]) for arm in arms]


def _seed_part(used: Sequence[tuple[Spread | None, int]]) -> tuple[float, float] | None:
    """Return (standard error, degrees of freedom) of seeds: pooled, or after Welch and Satterthwaite."""
    found = [(one, count) for one, count in used if one is not None]
    if not found:
        return None
    terms = [one.variance / count for one, count in found]
    whole = sum(terms)
    if len(found) == 1 or found[0][0] is found[1][0] or whole == 0:
        return math.sqrt(whole), min(one.freedom for one, _ in found)
    inverse = sum(term**2 / one.freedom for term, (one, _) in zip(terms, found, strict=True))
    return math.sqrt(whole), whole**2 / inverse


def _row_variances(arms: Sequence[Sequence[Run]], name: str) -> tuple[float, float]:
    """Return the variance over test rows of the first arm's mean (less the second's): all of it, and the shared part.

    The shared part is what is left without that of each run's own luck with single rows, which the variance between
    seeds holds already.
    """
    means = [np.mean([run.pull[name] for run in arm], axis=0) for arm in arms]
    gap = means[0] - means[1] if len(arms) > 1 else means[0]
    whole = float(gap @ gap)
    own = 0.0
    for arm, mean in zip(arms, means, strict=True):
        if len(arm) > 1:
            own += sum(float((run.pull[name] - mean) @ (run.pull[name] - mean)) for run in arm) / (
                len(arm) * (len(arm) - 1)
            )
    return whole, max(0.0, whole - own) if not math.isnan(whole) else math.nan


def _why_not(
    seeds: int, spread: Spread | None, rows: float, parts: Sequence[tuple[float, float]], unknown: str
) -> str | None:
    if math.isnan(rows):
        return unknown
    if all(error == 0 for error, _ in parts):
        return NO_VARIANCE
    if seeds < 2:
        return ONE_SEED
    return TWO_SEEDS if seeds < 3 and not (spread is not None and spread.agree and spread.arms > 1) else None


def smallest_bound(effect: Effect, alpha: float = 0.05) -> float:
    """Return the smallest ``d`` for which "no effect larger than d, either way" holds at ``alpha``.

    NaN where there is no verdict. Two one-sided tests (Schuirmann 1987): the interval at level ``1 - 2 · alpha`` lies
    within ±d.
    """
    if effect.why_not:
        return math.nan
    inner = effect.at(1 - 2 * alpha)
    return max(abs(inner.low), abs(inner.high))


def equivalent(effect: Effect, largest: float, alpha: float = 0.05) -> bool:
    """Return whether the data show that no effect is larger than ``largest`` (0..1), either way."""
    return smallest_bound(effect, alpha) < largest  # False for NaN


def holm(p: Mapping[str, float]) -> dict[str, float]:
    """Return p-values adjusted for the comparisons that were declared together (Holm 1979); NaN counts as 1.

    >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
    {'a': 0.03, 'b': 0.06, 'c': 0.06}
    """
    known = {name: 1.0 if math.isnan(one) else one for name, one in p.items()}
    found, most = {}, 0.0
    for place, name in enumerate(sorted(known, key=lambda name: known[name])):
        most = max(most, min(1.0, known[name] * (len(known) - place)))
        found[name] = most
    return {name: math.nan if math.isnan(p[name]) else found[name] for name in p}


def seeds_needed(effect: Effect, least: float, arms: int = 2, power: float = 0.8, most: int = 1000) -> int | None:
    """Return how many seeds per arm tell a true difference of ``least`` (0..1) from 0 in ``power`` of the studies.

    ``None`` where more than ``most`` would be needed, or no number is enough (the test rows are too few), or the
    variance between seeds is not known. Judged by the margins of seeds and rows of ``effect`` at 5%, two-sided.
    """
    if effect.seed_sd is None or not effect.parts:
        return None
    rows = effect.parts[-1]
    for count in range(2, most + 1):
        freedom = arms * (count - 1)
        seeds = (effect.seed_sd * math.sqrt(2 / count), freedom)
        error = math.hypot(seeds[0], rows[0])
        if least >= margin(0.95, (seeds, rows)) + student(2 * power - 1, freedom) * error:
            return count
    return None
