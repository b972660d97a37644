"""Intervals and tests against known results, and their coverage on simulated experiments."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from curation import metrics
from curation.core.errors import CairnError
from curation.results import statistics
from curation.results.statistics import Rows


def accuracy(total):
    return metrics.load("accuracy").values(total, ())["accuracy"]


def rows(hits):
    """Return rows of a parallel test set from ``{lang: 0/1 array}``."""
    return Rows(
        {lang: [f"i{n}" for n in range(len(found))] for lang, found in hits.items()},
        {lang: np.column_stack([found, np.ones(len(found))]) for lang, found in hits.items()},
    )


def test_from_table_splits_by_language():
    table = pa.table({"unit": ["a", "a", "b"], "lang": ["en", "de", "de"], "statistics": [[1.0, 1], [0, 1], [1, 1]]})
    found = statistics.from_table(table)
    assert found.ids == {"de": ["a", "b"], "en": ["a"]}
    assert statistics.point(found, accuracy) == {"de": 0.5, "en": 1.0, "all": 0.75, "without_english": 0.5}


def test_means_without_english_fall_back_when_there_is_nothing_else():
    assert statistics.point(rows({"en": np.ones(3)}), accuracy)["without_english"] == 1


def test_interval_of_a_proportion_equals_the_normal_one():
    hits = np.r_[np.ones(300), np.zeros(700)]
    found = statistics.intervals(rows({"de": hits}), accuracy, 4000, 3)["de"]
    error = 1.96 * np.sqrt(0.3 * 0.7 / 1000)
    assert found.value == pytest.approx(0.3)
    assert [found.low, found.high] == pytest.approx([0.3 - error, 0.3 + error], abs=0.002)


def test_parallel_languages_are_drawn_together_and_others_apart():
    """The same errors in every language: the mean is as uncertain as one language, unless the items differ."""
    rng = np.random.default_rng(0)
    hits = (rng.random(400) < 0.6).astype(float)
    parallel = rows(dict.fromkeys(("de", "es", "fr", "ru"), hits))
    apart = Rows({lang: [f"{lang}{id_}" for id_ in ids] for lang, ids in parallel.ids.items()}, parallel.statistics)
    together, alone = (statistics.bootstrap(r, accuracy, 2000, 1) for r in (parallel, apart))
    assert np.array_equal(together["all"], together["de"])
    assert alone["all"].std() == pytest.approx(alone["de"].std() / 2, rel=0.1)
    assert alone["de"].std() == pytest.approx(together["de"].std(), rel=0.1)


def test_same_seed_same_draws_other_seed_other_draws_blocks_do_not_matter(monkeypatch):
    some = rows({"de": np.r_[np.ones(30), np.zeros(20)]})
    one = statistics.bootstrap(some, accuracy, 50, 7)["de"]
    assert np.array_equal(one, statistics.bootstrap(some, accuracy, 50, 7)["de"])
    assert not np.array_equal(one, statistics.bootstrap(some, accuracy, 50, 8)["de"])
    monkeypatch.setattr(statistics, "_DRAWS_AT_ONCE", 120)
    assert np.array_equal(one, statistics.bootstrap(some, accuracy, 50, 7)["de"])


def test_paired_interval_is_narrower_than_the_difference_of_two():
    """Arms that agree on most items: McNemar's standard error, (discordant / n²)^½, not that of two samples."""
    rng = np.random.default_rng(0)
    before = (rng.random(1000) < 0.6).astype(float)
    after = before.copy()
    after[:60] = 1 - after[:60]
    found = statistics.paired(rows({"de": before}), rows({"de": after}), accuracy, 3000, 2)["de"]
    difference = after - before
    assert found.value == pytest.approx(difference.mean())
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * difference.std() / np.sqrt(1000), rel=0.06)


def test_sign_of_an_effect_is_second_minus_first():
    low, high = rows({"de": np.r_[np.ones(10), np.zeros(90)]}), rows({"de": np.r_[np.ones(90), np.zeros(10)]})
    assert statistics.paired(low, high, accuracy, 200, 1)["de"].low > 0
    found = statistics.effect({1: high, 2: high}, {1: low, 2: low}, accuracy, 200, 1)["all"]
    assert found.value == pytest.approx(0.8)
    assert found.low > 0.5
    assert found.p < 1e-6
    turned = statistics.effect({1: low, 2: low}, {1: high, 2: high}, accuracy, 200, 1)["all"]
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))


def test_equal_arms_have_no_effect():
    same = {1: rows({"de": np.r_[np.ones(5), np.zeros(5)]})}
    found = statistics.effect(same, same, accuracy, 100, 1)["de"]
    assert (found.value, found.low, found.high, found.p, found.seed_sd) == (0, 0, 0, 1, None)


def test_without_row_noise_the_test_over_seeds_is_student_s():
    by_seed = [0.02, 0.05, 0.03]
    found = statistics.combine(by_seed, np.full(100, 0.03), ids=500)
    expected = stats.ttest_1samp(by_seed, 0)
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(expected.confidence_interval(0.95))
    assert found.seed_sd == pytest.approx(np.std(by_seed, ddof=1))


def test_without_seed_noise_the_interval_is_that_of_the_rows():
    samples = np.random.default_rng(0).normal(0.04, 0.01, 5000)
    found = statistics.combine([0.04, 0.04], samples, ids=10_000)
    assert (found.low, found.high) == pytest.approx((0.04 - 0.0196, 0.04 + 0.0196), abs=0.0008)


def test_arms_must_match():
    one, shorter = rows({"de": np.ones(4)}), rows({"de": np.ones(3)})
    with pytest.raises(CairnError, match=r"different rows in 'de' \(1 ids are in one only\)"):
        statistics.paired(one, shorter, accuracy, 10, 1)
    with pytest.raises(CairnError, match=r"different seeds: \[1\] and \[2\]"):
        statistics.effect({2: one}, {1: one}, accuracy, 10, 1)
    with pytest.raises(CairnError, match="different languages"):
        statistics.paired(one, rows({"fr": np.ones(4)}), accuracy, 10, 1)
    with pytest.raises(CairnError, match="no row"):
        statistics.bootstrap(Rows({"de": []}, {"de": np.zeros((0, 2))}), accuracy, 10, 1)


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.integers(0, 5))
def test_interval_is_ordered_bounded_and_certain_for_certain_rows(hits, seed):
    found = statistics.intervals(rows({"de": np.asarray(hits, dtype=float)}), accuracy, 50, seed)["de"]
    assert 0 <= found.low <= found.high <= 1
    if len(set(hits)) == 1:
        assert found.low == found.value == found.high


def simulate(rng, seeds, languages, items, seed_sd, gain):
    """Return two arms of an experiment: items have a difficulty shared by languages and arms; a run has luck."""
    difficulty = rng.normal(0, 1, items)
    arms = []
    for shift in (0.0, gain):
        arm = {}
        for number in range(seeds):
            luck = rng.normal(0, seed_sd)
            draws = {lang: difficulty + 0.5 * rng.normal(0, 1, items) for lang in languages}
            arm[number] = rows({lang: (draw + shift + luck > 0).astype(float) for lang, draw in draws.items()})
        arms.append(arm)
    return arms


def truth(seed_sd, gain):
    """Return the true difference in accuracy: normal difficulty, noise and luck."""
    spread = np.sqrt(1 + 0.25 + seed_sd**2)
    return stats.norm.cdf(gain / spread) - stats.norm.cdf(0)


def coverage(simulations, seeds, items, seed_sd, gain, resamples):
    rng = np.random.default_rng(11)
    inside = 0
    for number in range(simulations):
        first, second = simulate(rng, seeds, ("de", "en", "ru"), items, seed_sd, gain)
        found = statistics.effect(second, first, accuracy, resamples, number)["all"]
        inside += found.low <= truth(seed_sd, gain) <= found.high
    return inside / simulations


@pytest.mark.slow
@pytest.mark.parametrize(("seeds", "items", "seed_sd"), [(3, 200, 0.15), (5, 400, 0.05), (3, 100, 0.0), (1, 200, 0.0)])
def test_the_95_percent_interval_of_an_effect_covers_the_truth(seeds, items, seed_sd):
    assert 0.92 <= coverage(300, seeds, items, seed_sd, 0.3, 200) <= 0.985


@pytest.mark.slow
def test_the_95_percent_interval_of_a_level_covers_the_truth():
    rng = np.random.default_rng(5)
    inside = 0
    for number in range(300):
        hits = (rng.normal(0, 1, 150)[:, None] + rng.normal(0, 0.5, (150, 3)) > 0).astype(float)
        some = rows({lang: hits[:, place] for place, lang in enumerate(("de", "en", "ru"))})
        found = statistics.intervals(some, accuracy, 300, number)["all"]
        inside += found.low <= 0.5 <= found.high
    assert 0.92 <= inside / 300 <= 0.98
