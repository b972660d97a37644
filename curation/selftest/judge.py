"""How well low scores find rows that are known to be wrong, with intervals; and whether one score beats another.

Intervals are 95% percentile bootstraps over rows, right and wrong ones drawn apart so that the share of errors, on
which average precision depends, stays as it was planted.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.report import planted

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Mask = npt.NDArray[np.bool_]

RESAMPLES = 200


def average_precision(score: Floats, wrong: Mask) -> float:
    """Return the average precision of "lower score = wrong", 0..1; NaN scores count as the best.

    >>> average_precision(np.array([0.1, 0.2, 0.3, 0.4]), np.array([True, False, True, False]))
    0.8333333333333333
    """
    return planted.average_precision(-_low(score), wrong) or 0.0


def auroc(score: Floats, wrong: Mask) -> float:
    """Return the chance that a wrong row scores below a right one, ties counted half; 0.5 = no better than a guess.

    >>> auroc(np.array([0.1, 0.2, 0.3]), np.array([True, False, False]))
    1.0
    """
    from scipy.stats import rankdata

    bad = int(wrong.sum())
    above = float(rankdata(_low(score))[wrong].sum()) - bad * (bad + 1) / 2
    return above / (bad * (len(wrong) - bad))


def precision_at(score: Floats, wrong: Mask, budget: int) -> float:
    """Return the share of wrong rows among the ``budget`` lowest; among rows of equal score, as many as on average.

    >>> precision_at(np.array([0.1, 0.5, 0.5]), np.array([True, True, False]), 2)
    0.75
    """
    low = _low(score)
    limit = np.partition(low, len(low) - budget)[len(low) - budget]
    above, tied = low > limit, low == limit
    return float((wrong[above].sum() + (budget - above.sum()) * wrong[tied].mean()) / budget)


def _low(score: Floats) -> Floats:
    """Return badness: minus the score, and where there is none less than all others."""
    worst = -np.asarray(score, np.float64)
    return np.where(np.isnan(worst), 0.0 if np.isnan(worst).all() else np.nanmin(worst) - 1.0, worst)


def _drawn(wrong: Mask, seed: int) -> list[npt.NDArray[np.int64]]:
    rng, bad, good = np.random.default_rng(seed), np.flatnonzero(wrong), np.flatnonzero(~wrong)
    return [np.concatenate([rng.choice(bad, len(bad)), rng.choice(good, len(good))]) for _ in range(RESAMPLES)]


def _interval(values: list[float]) -> list[float]:
    return [float(np.quantile(values, q)) for q in (0.025, 0.975)]


def judge(score: Floats, wrong: Mask, budget: int, seed: int = 0) -> dict[str, Any]:
    """Return average precision, AUROC and precision among the ``budget`` lowest, each with its 95% interval.

    ``wrong`` holds both wrong and right rows, or all values are ``None``.
    """
    names = ("average_precision", "auroc", "precision")
    if not 0 < wrong.sum() < len(wrong):
        return dict.fromkeys((*names, *(f"{name}_interval" for name in names)), None) | {"budget": budget}
    makers: tuple[Callable[[Floats, Mask], float], ...] = (
        average_precision,
        auroc,
        partial(precision_at, budget=budget),
    )
    drawn = _drawn(wrong, seed)
    found: dict[str, Any] = {"budget": budget, "wrong": int(wrong.sum()), "rows": len(wrong)}
    for name, make in zip(names, makers, strict=True):
        found[name] = make(score, wrong)
        found[f"{name}_interval"] = _interval([make(score[some], wrong[some]) for some in drawn])
    return found


def difference(score: Floats, other: Floats, wrong: Mask, seed: int = 0) -> dict[str, Any]:
    """Return by how much the average precision of ``score`` is above ``other``'s; with the 95% interval.

    The same rows are drawn for both.
    """
    apart = [average_precision(score[s], wrong[s]) - average_precision(other[s], wrong[s]) for s in _drawn(wrong, seed)]
    return {
        "difference": average_precision(score, wrong) - average_precision(other, wrong),
        "difference_interval": _interval(apart),
    }
