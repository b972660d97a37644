"""Interval formulas: Student's quantile, Wilson's interval with an effective size, and margins added as variances are.

Sources: Wilson (1927); Kish's effective sample size; Zou and Donner (2008), "Construction of confidence limits about
effect measures" (MOVER: margins of independent parts add up as squares), which goes back to Howe (1974).
"""

from __future__ import annotations

import math


def student(level: float, freedom: float) -> float:
    """Return Student's two-sided quantile: 95% of the distribution with ``freedom`` lies within ± of it.

    >>> round(student(0.95, 2), 2), round(student(0.95, 1e9), 2)
    (4.3, 1.96)
    """
    from scipy import special

    return float(special.stdtrit(freedom, 0.5 + level / 2)) if freedom > 0 else math.inf


def wilson(value: float, variance: float, count: int, level: float = 0.95) -> tuple[float, float]:
    """Return the bounds of a share, by Wilson's formula for as many independent rows as would give its variance.

    So the interval keeps within 0..1 and is not empty at the edges, where no variance can be seen; there every unit
    counts as one row. Clopper and Pearson's, the exact one, is wider and always covers more than it says.

    Args:
        value: the value, 0..1.
        variance: over the choice of units; NaN = unknown, and then nothing is known.
        count: of units; Student's t for ``count - 1`` degrees of freedom stands for the normal quantile.
        level: confidence, 0..1.

    >>> wilson(0.5, 0.25 / 99, 100)[0].__round__(3), wilson(1.0, 0.0, 20)[0].__round__(3), wilson(1.0, 0.0, 1)
    (0.402, 0.82, (0.0, 1.0))
    """
    if math.isnan(variance) or count < 2:
        return 0.0, 1.0
    inside = min(max(value * (1 - value), 0.0), 0.25)
    if inside > 0 and variance == 0:
        return value, value
    size = inside / variance if variance > 0 and inside > 0 else float(count)
    square = student(level, count - 1) ** 2
    middle = (value + square / (2 * size)) / (1 + square / size)
    reach = math.sqrt(square * inside / size + square**2 / (4 * size**2)) / (1 + square / size)
    return max(0.0, min(middle - reach, value)), min(1.0, max(middle + reach, value))


def margin(level: float, parts: tuple[tuple[float, float], ...]) -> float:
    """Return half the interval of a sum of independent parts, each a (standard error, degrees of freedom).

    The margins of the parts add up as squares. With one part that is Student's interval; with two, unlike after Welch
    and Satterthwaite, a part of few degrees of freedom that happens to look small does not lend its luck to the whole.

    >>> round(margin(0.95, ((0.01, 2),)) / 0.01, 2), round(margin(0.95, ((0.01, 1e9), (0.01, 1e9))) / 0.01, 2)
    (4.3, 2.77)
    """
    return math.sqrt(sum((student(level, freedom) * error) ** 2 for error, freedom in parts if error > 0))


def p_value(distance: float, parts: tuple[tuple[float, float], ...]) -> float:
    """Return 1 minus the level at which :func:`margin` just reaches ``distance``; 1e-12 at least.

    >>> round(p_value(0.0430265, ((0.01, 2),)), 4)
    0.05
    """
    low, high = 1e-12, 1.0  # the margin falls with p
    if margin(1 - low, parts) <= distance:
        return low
    for _ in range(100):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if margin(1 - middle, parts) > distance else (low, middle)
        if high / low < 1 + 1e-9:
            break
    return high
