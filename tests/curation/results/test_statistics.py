"""Values, pulls and intervals of scored rows against known results."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from curation import metrics
from curation.core.errors import CairnError
from curation.results import intervals, statistics
from curation.results.statistics import Rows


def accuracy(total):
    return metrics.load("accuracy").values(total, ())["accuracy"]


def rows(hits):
    """Return rows of a parallel test set from ``{lang: 0/1 array}``."""
    return Rows(
        {lang: [f"i{n:05}" for n in range(len(found))] for lang, found in hits.items()},
        {lang: np.column_stack([found, np.ones(len(found))]) for lang, found in hits.items()},
    )


def test_from_table_splits_by_language():
    table = pa.table({"unit": ["a", "a", "b"], "lang": ["en", "de", "de"], "statistics": [[1.0, 1], [0, 1], [1, 1]]})
    found = statistics.from_table(table)
    assert found.ids == {"de": ["a", "b"], "en": ["a"]}
    assert statistics.point(found, accuracy) == {"de": 0.5, "en": 1.0, "all": 0.75, "without_english": 0.5}


def test_means_without_english_fall_back_when_there_is_nothing_else():
    assert statistics.point(rows({"en": np.ones(3)}), accuracy)["without_english"] == 1


def test_the_variance_of_a_share_is_the_textbook_s():
    hits = np.r_[np.ones(300), np.zeros(700)]
    found = statistics.run(rows({"de": hits}), accuracy)
    assert found.variance("de") == pytest.approx(hits.var(ddof=1) / 1000)
    assert found.pull["de"].sum() == pytest.approx(0, abs=1e-12)


def test_the_variance_of_f1_is_that_of_a_bootstrap():
    """Not linear in the rows, and still within a few percent of 20,000 resamples."""
    rng = np.random.default_rng(1)
    gold, guess = rng.integers(0, 2, 400), rng.integers(0, 2, 400)
    guess = np.where(rng.random(400) < 0.6, gold, guess)
    table = metrics.load("f1").statistics(gold.tolist(), guess.tolist(), lang="de", labels=("no", "yes"))
    for name in ("f1", "macro_f1"):
        value = lambda total, name=name: metrics.load("f1").values(total, ("no", "yes"))[name]  # noqa: E731
        found = statistics.run(Rows({"de": [f"{n:04}" for n in range(400)]}, {"de": table}), value)
        weights = rng.multinomial(400, np.full(400, 1 / 400), 20_000)
        assert np.sqrt(found.variance("de")) == pytest.approx(value(weights @ table).std(), rel=0.03)


def test_rows_of_one_group_count_as_one():
    """Ten copies of every row are no more evidence than one."""
    rng = np.random.default_rng(2)
    hits = (rng.random(60) < 0.7).astype(float)
    one = statistics.run(rows({"de": hits}), accuracy)
    groups = [f"g{n:03}" for n in range(60) for _ in range(10)]
    ten = Rows({"de": groups}, {"de": np.column_stack([np.repeat(hits, 10), np.ones(600)])})
    found = statistics.run(ten, accuracy)
    assert found.count["de"] == 60
    assert found.variance("de") == pytest.approx(one.variance("de"))


def test_parallel_languages_count_together_and_others_apart():
    """The same errors in every language: the mean is as uncertain as one language, unless the items differ."""
    hits = (np.random.default_rng(0).random(400) < 0.6).astype(float)
    parallel = rows(dict.fromkeys(("de", "es", "fr", "ru"), hits))
    apart = Rows({lang: [f"{lang}{id_}" for id_ in ids] for lang, ids in parallel.ids.items()}, parallel.statistics)
    together, alone = statistics.run(parallel, accuracy), statistics.run(apart, accuracy)
    assert together.variance("all") == pytest.approx(together.variance("de"))
    assert alone.variance("all") == pytest.approx(alone.variance("de") / 4)
    assert alone.variance("de") == pytest.approx(together.variance("de"))


def test_a_language_of_few_rows_is_judged_by_as_many_as_it_has():
    rng = np.random.default_rng(3)
    big, small = (rng.random(2000) < 0.6).astype(float), np.array([1.0, 0, 1, 1, 0])
    both = rows({"de": big})
    mixed = Rows(
        {**both.ids, "sw": [f"s{n}" for n in range(5)]},
        {**both.statistics, "sw": np.column_stack([small, np.ones(5)])},
    )
    found = statistics.run(mixed, accuracy)
    assert found.count["sw"] == 5
    assert found.variance("sw") == pytest.approx(small.var(ddof=1) / 5)
    assert found.variance("all") == pytest.approx((big.var(ddof=1) / 2000 + small.var(ddof=1) / 5) / 4)


def test_all_right_is_not_certain():
    found = statistics.intervals(rows({"de": np.ones(20)}), accuracy)["de"]
    assert found.value == found.high == 1
    exact = stats.binomtest(20, 20).proportion_ci(method="exact")
    assert exact.low - 0.03 < found.low < 0.87


def test_a_single_group_says_nothing():
    found = Rows({"de": ["a"] * 20}, {"de": np.ones((20, 2))})
    one = statistics.intervals(found, accuracy)["de"]
    assert (one.value, one.low, one.high) == (1, 0, 1)
    assert np.isnan(statistics.run(found, accuracy).variance("all"))


@pytest.mark.parametrize("n", [20, 200])
@pytest.mark.parametrize("p", [0.02, 0.3, 0.7, 0.95, 0.995])
def test_the_interval_of_a_share_covers_it(n, p):
    """Exactly, over all numbers of right rows; near the edges discreteness keeps a 95% interval from being 95%."""
    shares = np.arange(n + 1) / n
    bounds = [intervals.wilson(share, share * (1 - share) / (n - 1), n) for share in shares]
    inside = np.array([low <= p <= high for low, high in bounds])
    assert (stats.binom.pmf(np.arange(n + 1), n, p) * inside).sum() > (0.93 if 0.05 < p < 0.95 else 0.89)


@given(st.lists(st.booleans(), min_size=2, max_size=30))
def test_an_interval_is_ordered_bounded_and_never_empty(hits):
    found = statistics.intervals(rows({"de": np.asarray(hits, dtype=float)}), accuracy)["de"]
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


def test_large_statistics_are_read_in_blocks(monkeypatch):
    some = rows({"de": np.r_[np.ones(30), np.zeros(20)]})
    one = statistics.run(some, accuracy).pull["de"]
    monkeypatch.setattr(statistics, "_CELLS", 14)
    assert np.array_equal(one, statistics.run(some, accuracy).pull["de"])


def test_runs_must_match():
    one, shorter = (statistics.run(rows({"de": np.r_[0, np.ones(n)]}), accuracy) for n in (4, 3))
    with pytest.raises(CairnError, match=r"different rows in 'de' \(1 ids are in one only\)"):
        statistics.check_same(one, shorter)
    with pytest.raises(CairnError, match=r"different languages: .* fetch\.languages"):
        statistics.check_same(one, statistics.run(rows({"fr": np.ones(4)}), accuracy))
    with pytest.raises(CairnError, match="no row"):
        statistics.run(Rows({"de": []}, {"de": np.zeros((0, 2))}), accuracy)
