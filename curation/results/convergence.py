"""How fast a fine-tuning rises: cost to reach a level, area under the curve, and two arms against each other.

When a level counts as reached, :mod:`curation.results.reach` says. A run that never gets there is *censored*: all that
is known is that it takes more than the run had. So arms are compared by the restricted mean (the mean cost up to a
common horizon; Royston and Parmar 2013) and by the log-rank test (:func:`scipy.stats.logrank`), never by leaving such
runs out. Runs that learnt nothing (degenerate) are counted and left out by the caller: they have not converged fast.

Costs are optimizer steps, tokens or seconds; those of the intermediate step can be counted in (:attr:`Curve.before`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from curation.results.intervals import student
from curation.results.reach import Time, reached
from curation.results.statistics import Floats, Interval

Unit = Literal["steps", "tokens", "seconds"]
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Fixed levels that runs are compared at, beside the baseline's final one."""


@dataclass(frozen=True)
class Curve:
    """The dev values of one run, at each evaluation, step 0 included."""

    cost: Mapping[Unit, Floats]
    """Steps, tokens and seconds of this training so far, ``(n,)``, ascending from 0."""
    value: Floats
    """Dev value at each evaluation, ``(n,)``, 0..1."""
    before: Mapping[Unit, float] = field(default_factory=dict)
    """What the intermediate step took before this training began; empty without one."""

    def costs(self, unit: Unit, counted: bool = False) -> Floats:
        """Return the cost of each evaluation; with ``counted`` that of the intermediate step is added."""
        return self.cost[unit] + (self.before.get(unit, 0.0) if counted else 0.0)


def final_level(baseline: Sequence[Curve]) -> float:
    """Return the mean last value of the baseline arm's runs: the level that both arms are held against."""
    return float(np.mean([curve.value[-1] for curve in baseline]))


@dataclass(frozen=True)
class Arm:
    """How an arm's runs got to one level."""

    times: Mapping[int, Time]
    """Seed to what the run took."""
    horizon: float
    """Restricted means are up to here: the shortest run of all arms compared."""

    @property
    def never(self) -> int:
        """Number of runs that did not get there."""
        return sum(not time.reached for time in self.times.values())

    @property
    def mean(self) -> float:
        """The restricted mean cost."""
        return float(np.mean([time.up_to(self.horizon) for time in self.times.values()]))


@dataclass(frozen=True)
class Race:
    """Arm ``b`` against arm ``a`` at one level."""

    level: float
    unit: Unit
    counted: bool
    """Is the cost of the intermediate step counted in?"""
    a: Arm
    b: Arm
    speed_up: Interval
    """How many times less ``b`` takes than ``a``: the geometric mean over seeds that both have; a run that never got
    there counts with all it had. NaN bounds with fewer than two pairs, and where all pairs are alike. Over 1, ``b`` is
    faster."""
    saved: Interval
    """Restricted mean of ``a`` less that of ``b``, over the same pairs, in ``unit``."""
    p: float
    """Log-rank test of equal times; NaN where no run of either arm got there."""

    @property
    def bound(self) -> int:
        """1: the speed-up is at least so large, as runs of ``a`` alone never got there; -1: at most; 0: neither."""
        return int(self.a.never > 0 and not self.b.never) - int(self.b.never > 0 and not self.a.never)


def race(
    a: Mapping[int, Curve], b: Mapping[int, Curve], level: float, unit: Unit = "steps", counted: bool = False
) -> Race:
    """Return how arm ``b`` got to ``level`` against arm ``a``; mappings go from seed to curve.

    Leave degenerate runs out before. The horizon is the end of the shortest run.
    """
    horizon = min(float(curve.costs(unit, counted)[-1]) for curve in (*a.values(), *b.values()))
    arms = [
        Arm({s: reached(c.costs(unit, counted), c.value, level) for s, c in one.items()}, horizon) for one in (a, b)
    ]
    pairs = [(arms[0].times[s], arms[1].times[s]) for s in a if s in b]
    costs = [(before.cost, after.cost) for before, after in pairs if before.cost > 0 or after.cost > 0]
    ratios = [math.log(max(before, 1e-9) / max(after, 1e-9)) for before, after in costs]
    speed = paired(ratios)
    return Race(
        level,
        unit,
        counted,
        arms[0],
        arms[1],
        Interval(*(math.exp(edge) for edge in (speed.value, speed.low, speed.high))),
        paired([before.up_to(horizon) - after.up_to(horizon) for before, after in pairs]),
        log_rank(list(arms[0].times.values()), list(arms[1].times.values())),
    )


def paired(differences: Sequence[float]) -> Interval:
    """Return the mean of differences between pairs with Student's 95% interval.

    NaN bounds for fewer than two pairs, and for pairs that are all alike, from which nothing can be said.

    >>> paired([1.0, 2.0, 3.0]).low.__round__(2), paired([1.0]).low
    (-0.48, nan)
    """
    if not differences:
        return Interval(math.nan, math.nan, math.nan)
    count, middle = len(differences), float(np.mean(differences))
    if count < 2 or np.ptp(differences) < 1e-12:
        return Interval(middle, math.nan, math.nan)
    reach = student(0.95, count - 1) * float(np.std(differences, ddof=1)) / math.sqrt(count)
    return Interval(middle, middle - reach, middle + reach)


def log_rank(a: Sequence[Time], b: Sequence[Time]) -> float:
    """Return the two-sided p of the log-rank test; NaN where no run got there, or an arm has none.

    Its normal approximation is rough for a few seeds: read it beside the speed-up.
    """
    from scipy import stats

    if not any(time.reached for time in (*a, *b)) or not a or not b:
        return math.nan
    samples = [
        stats.CensoredData(
            uncensored=[time.cost for time in arm if time.reached], right=[t.cost for t in arm if not t.reached]
        )
        for arm in (a, b)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(stats.logrank(*samples).pvalue)
