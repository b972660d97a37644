"""Curves over size against simulated ones, whose truth is known."""

import numpy as np
import pytest

from curation.core.errors import CairnError
from curation.results import scaling
from curation.results.statistics import Run

SIZES = (250, 500, 1000, 2000, 4000)
ROWS = 300


def simulated(rng, curve, seeds=3, sd=0.02, sizes=SIZES, rows=0.01):
    """Return size to runs: the curve, luck of each run, and an error that all share, as its pulls say."""
    pull = rng.normal(size=ROWS)
    pull = (pull - pull.mean()) * rows / np.sqrt(((pull - pull.mean()) ** 2).sum())
    shared = rng.normal(0, rows)
    units = {"all": [f"i{n:03}" for n in range(ROWS)]}
    return {
        size: [
            Run({"all": curve(size) + shared + rng.normal(0, sd)}, {"all": pull}, units, {"all": ROWS})
            for _ in range(seeds)
        ]
        for size in sizes
    }


def law(top, drop, power):
    return lambda n: top - drop * float(n) ** -power


def test_without_noise_the_curve_is_found():
    truth = law(0.8, 4.0, 0.5)
    found = scaling.fit(simulated(np.random.default_rng(0), truth, sd=0, rows=0), "all", 1)
    assert found.power == pytest.approx(0.5, rel=0.05)
    for size in (*SIZES, 8000):
        assert found.at(size).value == pytest.approx(truth(size), abs=0.002)
    assert found.doubling.value == pytest.approx(truth(8000) - truth(4000), abs=0.001)


def test_the_baseline_without_rows_is_not_on_the_curve_and_a_seed_gives_the_same_band():
    arms = simulated(np.random.default_rng(0), law(0.8, 4.0, 0.5))
    one = scaling.fit(arms, "all", 7)
    assert scaling.fit({0: arms[250], **arms}, "all", 7).doubling == one.doubling
    assert one.sizes == SIZES
    assert scaling.fit(arms, "all", 8).doubling != one.doubling


def test_more_rows_that_make_it_worse_are_a_negative_gain():
    found = scaling.fit(simulated(np.random.default_rng(0), law(0.5, -4.0, 0.5), sd=0.002), "all", 1)
    assert found.doubling.high < 0


def test_scores_that_follow_no_power_law_are_told_from_those_that_do():
    rng, fall = np.random.default_rng(0), {500: 0.225, 2000: 0.18, 8000: 0.44}
    bent = scaling.fit(simulated(rng, fall.get, sizes=tuple(fall)), "all", 1)
    assert not bent.follows
    assert bent.p < 0.01
    straight = [
        scaling.fit(simulated(rng, law(0.7, 1.0, 0.2), sizes=tuple(fall)), "all", n, draws=200) for n in range(20)
    ]
    assert sum(not one.follows for one in straight) <= 3
    exact = scaling.fit(simulated(rng, law(0.8, 4.0, 0.5), sd=0, rows=0), "all", 1)
    assert exact.follows  # though its power is none of the grid
    alone = scaling.fit(simulated(rng, fall.get, seeds=1, sizes=tuple(fall)), "all", 1)
    assert np.isnan(alone.p)
    assert alone.follows  # for all that is known


def test_two_sizes_are_no_curve():
    arms = simulated(np.random.default_rng(0), law(0.8, 4.0, 0.5), sizes=(500, 1000))
    with pytest.raises(CairnError, match="needs 3 sizes above 0; there are 2"):
        scaling.fit({0: arms[500], **arms}, "all", 1)


@pytest.mark.slow
@pytest.mark.parametrize(("top", "drop", "power"), [(0.8, 4.0, 0.5), (0.7, 1.0, 0.2), (0.6, 0.0, 0.5)])
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_the_band_covers_the_truth(top, drop, power, seeds):
    """At the sizes, at the next doubling, and of the gain it brings: no less often than it says, but for noise."""
    rng = np.random.default_rng(5)
    truth = law(top, drop, power)
    hits = []
    for number in range(400):
        found = scaling.fit(simulated(rng, truth, seeds), "all", number, draws=300)
        spots = [(found.at(size), truth(size)) for size in (SIZES[0], SIZES[2], SIZES[-1], 2 * SIZES[-1])]
        spots.append((found.doubling, truth(2 * SIZES[-1]) - truth(SIZES[-1])))
        hits.append([one.low <= true <= one.high for one, true in spots])
    assert (np.mean(hits, axis=0) >= 0.92).all(), np.mean(hits, axis=0)


@pytest.mark.slow
@pytest.mark.parametrize(("top", "drop", "power"), [(0.8, 4.0, 0.5), (0.7, 1.0, 0.2), (0.6, 0.0, 0.5)])
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_scores_of_a_power_law_are_seldom_refused(top, drop, power, seeds):
    rng, sizes = np.random.default_rng(5), (500, 2000, 8000)
    arms = [simulated(rng, law(top, drop, power), seeds, sizes=sizes) for _ in range(100)]
    refused = [not scaling.fit(one, "all", number, draws=200).follows for number, one in enumerate(arms)]
    assert np.mean(refused) <= 0.1
