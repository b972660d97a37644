"""Size against score: a power law with an offset, its band, and what the next doubling promises.

``score(n) = top - drop * n ** -power``, the form of most learning-curve studies (Hestness et al. 2017; Viering and Loog
2022 compare forms). For each power of a grid, top and drop are a linear least squares fit, weighted by seeds; the power
that leaves least is taken. The band refits draws of the scores: each arm's mean moves by the variance between seeds,
pooled over arms and itself drawn (chi-squared), and all arms together by what they share of the test rows. The same
draws about the curve itself tell how far scores that follow it may lie from their fit; those that lie further follow
no power law, and a band around one would promise what nothing bears out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from curation.core.errors import CairnError
from curation.results import effects
from curation.results.statistics import Floats, Interval, Run

POWERS: Floats = np.geomspace(0.05, 3.0, 60)
DRAWS = 2000
LEAST = 3
"""Sizes above 0 that a fit needs; with just so many it goes through every point that rises less and less."""
NEAR = 0.001
"""Scores so close to the curve follow it, however little varies: powers are those of a grid."""


@dataclass(frozen=True)
class Fit:
    """A fitted curve; scores 0..1."""

    top: float
    """The score that the curve tends to; far beyond the largest size it is a guess."""
    drop: float
    """Negative where more rows make it worse."""
    power: float
    sizes: tuple[int, ...]
    doubling: Interval
    """Predicted gain of doubling the largest size, with its 95% interval."""
    draws: Floats
    """``(draws, 3)``: top, drop and power of each refit."""
    p: float
    """Share of draws about the curve that lie as far from their own fit as the scores do from theirs, or further; NaN
    with one seed an arm, whose luck is not known."""

    @property
    def follows(self) -> bool:
        """Whether the scores follow a power law, as far as can be told."""
        return not self.p < effects.ALIKE

    def at(self, size: float) -> Interval:
        """Return the score predicted at ``size`` rows, above 0, with its 95% band."""
        low, high = np.quantile(_curve(self.draws, size), [0.025, 0.975])
        return Interval(float(_curve(np.array([self.top, self.drop, self.power]), size)), float(low), float(high))


def fit(arms: Mapping[int, Sequence[Run]], name: str, seed: int, draws: int = DRAWS) -> Fit:
    """Return the curve through the arms of nested subsets; the same ``seed`` gives the same band.

    Args:
        arms: size (rows) to the runs of that arm, one per seed; an arm of size 0 is not on the curve and left out.
        name: language or mean to look at.
        seed: of the draws.
        draws: refits behind the band.

    Raises:
        CairnError: there are fewer than three sizes above 0.
    """
    sizes = sorted(size for size in arms if size > 0)
    if len(sizes) < LEAST:
        told = ", ".join(map(str, sizes)) or "none"
        raise CairnError(f"a curve over size needs {LEAST} sizes above 0; there are {len(sizes)} ({told}).")
    runs = [list(arms[size]) for size in sizes]
    counts = np.array([len(one) for one in runs])
    means = np.array([np.mean([run.values[name] for run in one]) for one in runs])
    rng = np.random.default_rng(seed)
    noise = _rows(runs, name, rng, draws) + _seeds(runs, name, rng, draws)
    scale = np.array(sizes) / sizes[-1]
    found, left = _fits(np.vstack([means, means + noise]), scale, np.sqrt(counts))
    about = _fits(_curve(found[0], scale) + noise, scale, np.sqrt(counts))[1]
    further = float(np.mean(about >= left[0] - NEAR**2 * counts.sum())) if counts.max() > 1 else math.nan
    found[:, 1] *= sizes[-1] ** found[:, 2]  # from sizes in units of the largest to rows
    gains = _curve(found, 2 * sizes[-1]) - _curve(found, sizes[-1])
    low, high = np.quantile(gains[1:], [0.025, 0.975])
    top, drop, power = (float(one) for one in found[0])
    return Fit(top, drop, power, tuple(sizes), Interval(float(gains[0]), float(low), float(high)), found[1:], further)


def _curve(found: Floats, size: float | Floats) -> Floats:
    return np.asarray(found[..., 0] - found[..., 1] * size ** -found[..., 2])


def _fits(scores: Floats, scale: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return top, drop and power of the best fit to each row of ``scores`` ``(draws, sizes)``, and what it leaves.

    ``(draws, 3)``, and the weighted sum of squares, ``(draws,)``.
    """
    best = np.full(len(scores), np.inf)
    found = np.zeros((len(scores), 3))
    for power in POWERS:
        design = np.column_stack([np.ones_like(scale), -(scale**-power)]) * weight[:, None]
        solved = (scores * weight) @ np.linalg.pinv(design).T
        left = ((scores * weight - solved @ design.T) ** 2).sum(axis=1)
        better = left < best - 1e-15
        best = np.where(better, left, best)
        found[better] = np.column_stack([solved, np.full(len(scores), power)])[better]
    return found, best


def _rows(runs: Sequence[Sequence[Run]], name: str, rng: np.random.Generator, draws: int) -> Floats:
    """Return what the choice of test rows moves the arms' means by: normal, with the covariance of their pulls."""
    means = np.array([np.mean([run.pull[name] for run in one], axis=0) for one in runs])
    covariance = means @ means.T
    for place, (one, mean) in enumerate(zip(runs, means, strict=True)):
        if len(one) > 1:  # the part of each run's own luck with rows is in the variance between seeds
            own = sum(float((run.pull[name] - mean) @ (run.pull[name] - mean)) for run in one)
            covariance[place, place] -= own / (len(one) * (len(one) - 1))
    values, vectors = np.linalg.eigh(np.nan_to_num(covariance))
    return np.asarray(rng.normal(size=(draws, len(runs))) * np.sqrt(np.maximum(values, 0)) @ vectors.T)


def _seeds(runs: Sequence[Sequence[Run]], name: str, rng: np.random.Generator, draws: int) -> Floats:
    spread = effects.pooled([[run.values[name] for run in one] for one in runs])
    if spread is None:
        return np.zeros((draws, len(runs)))
    variance = spread.variance * spread.freedom / rng.chisquare(spread.freedom, size=draws)
    counts = np.array([len(one) for one in runs])
    return np.asarray(rng.normal(size=(draws, len(runs))) * np.sqrt(variance[:, None] / counts))
