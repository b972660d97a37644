"""Type I error and coverage of what is said over seeds, on simulated studies whose truth is known.

An item has a difficulty that languages, arms and runs share; each arm finds other items hard; and a run has luck, with
all items alike (``luck``) and with each one. Rows come in groups that are equally hard. The pulls of all studies are
made at once here; :mod:`tests.curation.results.test_statistics` holds those of one run against a bootstrap.
"""

import numpy as np
import pytest
from scipy import stats

from curation import metrics
from curation.results import effects
from curation.results.statistics import Run

STUDIES = 1000
NOISE = 2 * np.sqrt(0.05 * 0.95 / STUDIES)
"""Two standard errors of a share of 5% among so many studies."""
LANGUAGES = 3
GAIN = 0.3
KINDS = [
    (rows, group, luck, metric)
    for rows, group in ((20, 1), (200, 1), (200, 5))
    for luck in (0.0, 0.15)
    for metric in ("accuracy", "f1")
]
"""Rows per language, rows of a group, luck of a run (0.15: a standard deviation of 4 points), metric."""


def simulated(rng, studies, arms, seeds, kind, gain):
    """Return values ``(studies, arms, seeds)`` and pulls ``(studies, arms, seeds, units)`` of means over languages."""
    rows, group, luck, metric = kind
    units = rows // group
    hard = rng.normal(0, 1, (studies, 1, 1, 1, units, 1)) + rng.normal(0, 0.3, (studies, arms, 1, 1, units, 1))
    shift = rng.normal(0, luck, (studies, arms, seeds, 1, 1, 1))
    shift[:, 1:] += gain
    right = hard + shift + rng.normal(0, 0.5, (studies, arms, seeds, LANGUAGES, units, group)) > 0
    if metric == "accuracy":
        table = np.stack([right.sum(-1), np.full(right.shape[:-1], group)], axis=-1).astype(float)
        value = lambda total: metrics.load("accuracy").values(total, ())["accuracy"]  # noqa: E731
    else:
        label = np.broadcast_to(rng.integers(0, 2, (studies, 1, 1, 1, units, group)), right.shape)
        guess = np.where(right, label, 1 - label)
        cells = [((label == a) & (guess == b)).sum(-1) for a, b in ((0, 0), (1, 0), (0, 1), (1, 1), (0, 1), (1, 0))]
        table = np.stack(cells, axis=-1).astype(float)
        value = lambda total: metrics.load("f1").values(total, ("no", "yes"))["f1"]  # noqa: E731
    total = table.sum(axis=-2)
    left = value(total[..., None, :] - table)
    pulls = (left.mean(-1, keepdims=True) - left) * np.sqrt((units - 1) / units)
    return value(total).mean(axis=-1), pulls.mean(axis=3)


def studies(arms, seeds, kind, gain=0.0, count=STUDIES, seed=17):
    """Yield the arms of each study, as runs."""
    rng = np.random.default_rng(seed)
    units = {"all": [f"i{n:03}" for n in range(kind[0] // kind[1])]}
    number = {"all": len(units["all"])}
    for at in range(0, count, 100):
        values, pulls = simulated(rng, min(100, count - at), arms, seeds, kind, gain)
        for own, pull in zip(values, pulls, strict=True):
            yield [
                [Run({"all": float(own[a, s])}, {"all": pull[a, s]}, units, number) for s in range(seeds)]
                for a in range(arms)
            ]


def gaps(found, least=1):
    """Return what sets the arms from ``least`` on apart from the first."""
    spread = effects.pooled([[run.values["all"] for run in arm] for arm in found])
    return [effects.difference(arm, found[0], "all", spread) for arm in found[least:]]


def truth(luck, gain):
    """Return the true difference: of accuracy, and of F1 too, since half the labels are 1 and errors fall alike."""
    return float(stats.norm.cdf(gain / np.sqrt(1 + 0.3**2 + 0.5**2 + luck**2)) - 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("arms", [2, 5])
@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_identical_arms_differ_in_at_most_6_percent_of_studies(kind, seeds, arms):
    found = [gaps(one[:2] if arms == 2 else one)[0] for one in studies(arms, seeds, kind)]
    wrong = np.mean([not gap.why_not and gap.p < 0.05 for gap in found])
    assert wrong <= 0.06 + NOISE, wrong


@pytest.mark.slow
@pytest.mark.parametrize("arms", [2, 5])
@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_interval_covers_the_truth_in_93_to_97_percent(kind, seeds, arms):
    """Up to 98.5% with the four degrees of freedom or fewer of two arms: the interval then errs on the wide side."""
    true = truth(kind[2], GAIN)
    found = [gaps(one)[0] for one in studies(arms, seeds, kind, GAIN)]
    known = [gap for gap in found if not np.isnan(gap.low)]
    assert len(known) > 0.99 * STUDIES  # in the others nothing varied
    inside = np.mean([gap.low <= true <= gap.high for gap in known])
    most = 0.985 if arms == 2 and seeds < 5 else 0.97 + NOISE
    assert 0.93 - NOISE <= inside <= most, inside


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_with_one_seed_there_is_never_a_verdict(kind):
    found = [gaps(one)[0] for one in studies(2, 1, kind)]
    assert all(gap.why_not and np.isnan(gap.p) for gap in found)
    outside = np.mean([not gap.low <= 0 <= gap.high for gap in found if not np.isnan(gap.low)])
    if kind[2] == 0:
        assert outside <= 0.06 + NOISE  # the rows are all there is to cover
    elif kind[0] == 200:
        assert outside > 0.25  # and this is why: taken for a verdict it would be wrong so often


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_a_study_of_five_arms_keeps_the_error_of_all_its_comparisons(seeds):
    """Holm: of the studies of five identical arms at most 6% call any of the four comparisons significant."""
    wrong = 0
    for one in studies(5, seeds, (200, 1, 0.15, "accuracy")):
        adjusted = effects.holm({str(n): gap.p for n, gap in enumerate(gaps(one))})
        wrong += any(p < 0.05 for p in adjusted.values())
    assert wrong / STUDIES <= 0.06 + NOISE


@pytest.mark.slow
def test_equivalence_is_claimed_of_arms_that_differ_by_the_margin_in_at_most_6_percent():
    kind, margin = (200, 1, 0.05, "accuracy"), truth(0.05, 0.1)
    claimed = np.mean([effects.equivalent(gaps(one)[0], margin) for one in studies(5, 5, kind, gain=0.1)])
    assert claimed <= 0.06 + NOISE


def test_the_same_in_small():
    """A glance at every path of the above, in the fast tests."""
    for seeds in (1, 2, 3):
        found = [gap for one in studies(3, seeds, (20, 1, 0.15, "f1"), count=40) for gap in gaps(one)]
        assert np.mean([not gap.why_not and gap.p < 0.05 for gap in found]) <= 0.12
        assert all(bool(gap.why_not) == (seeds == 1) for gap in found if not np.isnan(gap.low))
