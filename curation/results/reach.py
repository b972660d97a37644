"""When a learning curve has reached a level, and the area under it: what training reports of a single run.

A level counts as reached at the first of :data:`HELD` evaluations in a row that stand at it or above, so that one lucky
evaluation is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = Sequence[float] | NDArray[np.float64]
HELD = 2
"""Evaluations in a row at a level or above."""


@dataclass(frozen=True)
class Time:
    """What a run took to reach a level: ``cost`` itself, or, when it never did, all that the run had."""

    cost: float
    reached: bool

    def up_to(self, horizon: float) -> float:
        """Return the cost, the horizon where it is later or never."""
        return min(self.cost, horizon) if self.reached else horizon


def reached(cost: Numbers, value: Numbers, level: float, held: int = HELD) -> Time:
    """Return the first evaluation from which ``held`` in a row are at ``level`` or above.

    >>> reached([0, 10, 20, 30], [0.3, 0.8, 0.5, 0.8], 0.7)
    Time(cost=30.0, reached=False)
    >>> reached([0, 10, 20, 30], [0.3, 0.5, 0.8, 0.8], 0.7)
    Time(cost=20.0, reached=True)
    """
    above = np.asarray(value) >= level - 1e-9  # a mean of equal values may lie above them by rounding
    for place in range(len(above) - held + 1):
        if above[place : place + held].all():
            return Time(float(cost[place]), True)
    return Time(float(cost[-1]), False)


def own_level(value: Numbers, chance: float | None, share: float = 0.95) -> float | None:
    """Return the value at which ``share`` of a run's own rise is done; ``None`` when it did not rise.

    The rise begins at chance (always the most frequent answer), where that is known, and at step 0 otherwise.

    >>> own_level([0.3, 0.6, 0.8], 0.5, 0.5), own_level([0.5, 0.5], None)
    (0.65, None)
    """
    start = float(value[0]) if chance is None else chance
    last = float(value[-1])
    return start + share * (last - start) if last > start else None


def area(cost: Numbers, value: Numbers, until: float | None = None) -> float:
    """Return the mean height of a curve from its start to ``until`` (trapezoids), 0..1; higher is faster or better.

    >>> area([0, 10], [0.0, 1.0]), area([0, 10, 30], [0.0, 1.0, 1.0], 10)
    (0.5, 0.5)
    """
    x, y = np.asarray(cost, dtype=np.float64), np.asarray(value, dtype=np.float64)
    end = float(x[-1]) if until is None else min(until, float(x[-1]))
    if end <= x[0]:
        return float(y[0])
    inside = x < end
    x, y = np.append(x[inside], end), np.append(y[inside], np.interp(end, x, y))
    return float(np.trapezoid(y, x) / (end - x[0]))
