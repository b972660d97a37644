"""How fast runs rise, against values worked out by hand and against scipy."""

import math

import numpy as np
import pytest
from scipy import stats

from curation.results import convergence, reach
from curation.results.convergence import Curve
from curation.results.reach import Time

STEPS = np.arange(0, 110, 10.0)


def curve(at, top=0.8, start=0.33, before=0.0):
    """Return a run that jumps from ``start`` to ``top`` at step ``at``; each step is 100 tokens."""
    value = np.where(at <= STEPS, top, start)
    return Curve({"steps": STEPS, "tokens": STEPS * 100}, value, {"steps": before, "tokens": before * 100})


def test_one_lucky_evaluation_is_not_convergence():
    value = np.full(len(STEPS), 0.4)
    value[3] = 0.9
    assert reach.reached(STEPS, value, 0.8) == Time(100, False)
    value[4] = 0.9
    assert reach.reached(STEPS, value, 0.8) == Time(30, True)
    value[3:5], value[-1] = 0.4, 0.9
    assert reach.reached(STEPS, value, 0.8) == Time(100, False)


def test_a_run_that_learnt_nothing_has_not_converged_at_step_0():
    """Measured from 0, 95% of chance is reached before the first step."""
    flat = np.full(len(STEPS), 0.33)
    assert reach.own_level(flat, 0.33) is None
    slow = np.linspace(0.33, 0.83, len(STEPS))
    level = reach.own_level(slow, 0.33)
    assert level == pytest.approx(0.33 + 0.95 * 0.5)
    assert reach.reached(STEPS, slow, level).reached is False  # only its last evaluation stands there


def test_the_faster_arm_is_told_with_its_speed_up():
    a = {seed: curve(at) for seed, at in ((1, 40), (2, 60), (3, 50))}
    b = {seed: curve(at) for seed, at in ((1, 20), (2, 30), (3, 20))}
    found = convergence.race(a, b, convergence.final_level(list(a.values())))
    assert (found.a.mean, found.b.mean, found.a.never, found.b.never) == (50, pytest.approx(70 / 3), 0, 0)
    logs = np.log([2, 2, 2.5])
    assert found.speed_up.value == pytest.approx(np.exp(logs.mean()))
    expected = stats.ttest_1samp(logs, 0).confidence_interval()
    assert (found.speed_up.low, found.speed_up.high) == pytest.approx((np.exp(expected.low), np.exp(expected.high)))
    assert found.saved.value == pytest.approx((20 + 30 + 30) / 3)
    assert found.p < 0.05
    turned = convergence.race(b, a, 0.8)
    assert turned.speed_up.value == pytest.approx(1 / found.speed_up.value)
    assert turned.p == pytest.approx(found.p)


def test_never_counts_as_the_whole_budget_and_is_told():
    a = {1: curve(40), 2: curve(1000), 3: curve(60)}
    b = {1: curve(20), 2: curve(20), 3: curve(20)}
    found = convergence.race(a, b, 0.8)
    assert found.a.never == 1
    assert (found.bound, convergence.race(b, a, 0.8).bound) == (1, -1)
    assert found.a.mean == pytest.approx((40 + 100 + 60) / 3)
    times = stats.CensoredData(uncensored=[40, 60], right=[100]), stats.CensoredData(uncensored=[20, 20, 20])
    assert found.p == pytest.approx(stats.logrank(*times).pvalue)


def test_nobody_gets_there():
    found = convergence.race({1: curve(1000)}, {1: curve(1000)}, 0.8)
    assert math.isnan(found.p)
    assert (found.a.never, found.speed_up.value) == (1, pytest.approx(1))
    assert math.isnan(found.speed_up.low)


def test_the_intermediate_step_counts_where_asked():
    a, b = {1: curve(50), 2: curve(50)}, {1: curve(20, before=60), 2: curve(20, before=60)}
    assert convergence.race(a, b, 0.8).saved.value == 30
    counted = convergence.race(a, b, 0.8, "tokens", counted=True)
    assert counted.b.mean == 8000
    assert counted.saved.value == -3000
    assert counted.speed_up.value == pytest.approx(5 / 8)
    assert math.isnan(counted.speed_up.low)  # all pairs alike: no interval
    late = convergence.race(a, {1: curve(20, before=500), 2: curve(20, before=500)}, 0.8, "tokens", counted=True)
    assert late.speed_up.value == pytest.approx(50 / 520)  # far beyond the other arm's budget, and still known
    assert late.b.mean == 10_000
    assert counted.a.horizon == 10_000


def test_areas_are_taken_over_a_common_range():
    value = np.linspace(0, 1, len(STEPS))
    assert reach.area(STEPS, value) == pytest.approx(0.5)
    assert reach.area(STEPS, value, 50) == pytest.approx(0.25)
    assert reach.area(STEPS, value, 45) == pytest.approx(0.225)
    assert reach.area([0.0], [0.3]) == 0.3
