"""Levels, differences and verdicts over seeds."""

import math

import numpy as np
import pytest
from scipy import stats

from curation.core.errors import CairnError
from curation.results import effects, wording
from curation.results.statistics import Run

ROWS = 400


def run(value, pull=None, rows=ROWS):
    """Return a run of one language by its value and pulls."""
    pull = np.zeros(rows) if pull is None else pull
    units = [f"i{n:04}" for n in range(len(pull))]
    return Run({"all": value}, {"all": pull}, {"all": units}, {"all": rows})


def noise(rng, error, rows=ROWS):
    found = rng.normal(size=rows)
    found -= found.mean()
    return found * error / np.sqrt(found @ found)


def gap(second, first, *others):
    spread = effects.pooled([[one.values["all"] for one in arm] for arm in (second, first, *others)])
    return effects.difference(second, first, "all", spread)


def test_without_row_noise_the_test_is_student_s_with_pooled_variance():
    first, second = [0.50, 0.52, 0.57], [0.60, 0.61, 0.65]
    found = gap([run(v) for v in second], [run(v) for v in first])
    expected = stats.ttest_ind(second, first)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-5)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert (found.freedom, found.seeds) == (4, 3)


def test_five_arms_of_three_seeds_have_ten_degrees_of_freedom():
    rng = np.random.default_rng(0)
    arms = [[run(0.5 + rng.normal(0, 0.02)) for _ in range(3)] for _ in range(5)]
    found = gap(arms[1], arms[0], *arms[2:])
    assert found.freedom == 10
    assert found.seed_sd == pytest.approx(
        np.sqrt(np.mean([np.var([one.values["all"] for one in arm], ddof=1) for arm in arms]))
    )


def test_arms_that_vary_differently_are_not_pooled():
    calm, wild = [0.5, 0.5001, 0.5002, 0.5001], [0.5, 0.7, 0.3, 0.6]
    found = gap([run(v) for v in wild], [run(v) for v in calm])
    expected = stats.ttest_ind(wild, calm, equal_var=False)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-5)
    assert found.freedom == pytest.approx(expected.df)
    assert effects.pooled([calm, wild]).agree is False


def test_with_one_seed_there_is_an_interval_over_test_rows_and_no_verdict():
    rng = np.random.default_rng(0)
    found = gap([run(0.8, noise(rng, 0.01))], [run(0.5, noise(rng, 0.01))])
    assert found.low > 0.2
    assert math.isnan(found.p)
    assert found.seed_sd is None
    assert wording.verdict(found).startswith("no verdict (one seed: the interval covers the choice of test rows")
    assert wording.direction(found) == 0
    assert math.isnan(effects.smallest_bound(found))


def test_two_seeds_have_a_verdict_when_pooled_and_none_when_the_arms_differ():
    one = gap([run(0.9), run(0.91)], [run(0.5), run(0.51)])
    assert wording.direction(one) == 1
    assert one.freedom == 2
    other = gap([run(0.9), run(0.9000001)], [run(0.5), run(0.6)])
    assert other.why_not == effects.TWO_SEEDS
    assert wording.direction(other) == 0


def test_where_nothing_varies_there_is_no_verdict():
    same = [run(0.5), run(0.5)]
    found = gap(same, same)
    assert found.why_not == effects.NO_VARIANCE
    assert math.isnan(found.low)
    assert wording.interval(found) == "–"
    assert wording.told(found)["low"] is None
    apart = gap([run(0.9), run(0.9)], same)
    assert apart.why_not == effects.NO_VARIANCE


def test_one_group_of_rows_gives_no_verdict():
    rng = np.random.default_rng(0)
    single = [run(0.9 + rng.normal(0, 0.001), np.array([np.nan]), rows=1) for _ in range(3)]
    found = gap(single, [run(0.5, np.array([np.nan]), rows=1) for _ in range(3)])
    assert found.why_not == effects.ONE_GROUP
    assert math.isnan(found.at(0.9).low)  # and no interval of width 0


def test_what_runs_share_of_the_rows_counts_once_and_their_own_part_shrinks_with_seeds():
    rng = np.random.default_rng(1)
    shared = noise(rng, 0.02)
    first = [run(0.5 + rng.normal(0, 1e-6)) for _ in range(3)]
    together = gap([run(0.5 + rng.normal(0, 1e-6), shared) for _ in range(3)], first)
    assert together.rows_sd == pytest.approx(0.02)
    assert together.high - together.value == pytest.approx(stats.t.ppf(0.975, ROWS - 1) * 0.02, rel=1e-3)
    apart = gap([run(0.5 + rng.normal(0, 1e-6), noise(rng, 0.02)) for _ in range(3)], first)
    assert apart.rows_sd == pytest.approx(0.02 / np.sqrt(3), rel=0.1)
    assert apart.parts[1][0] < apart.rows_sd / 2  # what is left is for the variance between seeds to say


def test_sign_of_an_effect_is_second_minus_first():
    rng = np.random.default_rng(2)
    low, high = ([run(v + rng.normal(0, 0.01), noise(rng, 0.01)) for _ in range(3)] for v in (0.1, 0.9))
    found, turned = gap(high, low), gap(low, high)
    assert found.low > 0.7
    assert (turned.value, turned.low, turned.high, turned.p) == pytest.approx(
        (-found.value, -found.high, -found.low, found.p)
    )


def test_a_level_keeps_within_0_and_1_and_leaves_room_at_the_edge():
    found = effects.level([run(1.0, rows=20)], "all", None)
    assert (found.value, found.high) == (1, 1)
    assert found.low < 0.87
    wide = [run(v) for v in (0.7, 0.99, 1.0)]
    spread = effects.pooled([[0.7, 0.99, 1.0]])
    assert effects.level(wide, "all", spread).high == 1


def test_arms_must_match():
    with pytest.raises(CairnError, match="different rows"):
        gap([run(0.5, rows=5)], [run(0.5, rows=4)])


def test_equivalence_is_claimed_only_where_the_interval_allows_it():
    rng = np.random.default_rng(3)
    first = [run(0.5 + v) for v in (-0.001, 0, 0.001)]
    found = gap([run(0.5 + v) for v in (-0.0005, 0.0005, 0)], first)
    bound = effects.smallest_bound(found)
    inner = stats.ttest_ind([-0.0005, 0.0005, 0], [-0.001, 0, 0.001]).confidence_interval(0.9)
    assert bound == pytest.approx(max(abs(inner.low), inner.high), rel=1e-6)
    assert effects.equivalent(found, bound * 1.01)
    assert not effects.equivalent(found, bound * 0.99)
    wide = gap([run(0.5 + rng.normal(0, 0.05)) for _ in range(3)], first)
    assert not effects.equivalent(wide, 0.01)


def test_seeds_needed_tell_the_difference_as_often_as_promised():
    """Power by simulation: 80% of studies of so many seeds find the difference, a seed fewer finds it less often."""
    found = gap([run(v) for v in (0.48, 0.5, 0.52)], [run(v) for v in (0.48, 0.5, 0.52)])
    needed = effects.seeds_needed(found, 0.04)
    rng = np.random.default_rng(4)

    def power(seeds):
        first, second = rng.normal(0, 0.02, (2, 4000, seeds))
        return (stats.ttest_ind(second + 0.04, first, axis=1).pvalue < 0.05).mean()

    assert needed is not None
    assert power(needed) > 0.78
    assert power(needed - 1) < 0.82
    assert effects.seeds_needed(found, 1e-5) is None
    assert effects.seeds_needed(gap([run(0.5)], [run(0.4)]), 0.04) is None
