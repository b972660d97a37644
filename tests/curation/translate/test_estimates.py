import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.translate import calibration, estimates
from curation.translate.estimates import Pairs

NOUNS = {"dog": "Hund", "cat": "Kater", "man": "Mann", "king": "König", "bear": "Bär", "wolf": "Wolf", "ox": "Ochse"}
VERBS = {"sees": "sieht", "hears": "hört", "finds": "findet", "paints": "malt", "washes": "wäscht"}
PLACES = {"park": "Park", "garden": "Garten", "forest": "Wald", "harbour": "Hafen", "castle": "Palast"}


def corpus():
    """Parallel sentences, all different."""
    return [
        (f"The {a} {v} the {b} in the {p}.", f"Der {NOUNS[a]} {VERBS[v]} den {NOUNS[b]} im {PLACES[p]}.")
        for a in NOUNS for b in NOUNS if a != b for v in VERBS for p in PLACES
    ]  # fmt: skip


def quality(pairs, tgt="de"):
    found = estimates.estimate(Pairs([a for a, _ in pairs], [b for _, b in pairs], "en", tgt))
    shares = calibration.shares(found, tgt)
    return shares, calibration.quality(shares[calibration.COMBINED])


SPOILT = {
    "length": "Der Hund.",
    "untranslated": "the dog sees the cat in the park.",
    "loops": "Der Hund sieht den Hund sieht den Hund sieht den Hund.",
    "script": "Собака видит кота в парке около дома.",
    "language": "Le chien voit le chat dans le parc et il est là.",
    "letters": "Koira näkee kissan puistossa tänäänkin.",
    "content": "Der Ochse malt den Wolf im Palast.",
    "ending": "Der Hund sieht den",
}


@pytest.mark.parametrize("name", list(SPOILT))
def test_each_estimate_sees_its_fault_and_spares_good_translations(name):
    shares, found = quality([*corpus(), ("The dog sees the cat in the park.", SPOILT[name])])
    assert shares[name][-1] <= 0.03
    assert found[-1] < np.quantile(found[:-1], 0.02)
    assert np.quantile(found[:-1], 0.02) > 0.3


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=20))
def test_shares_are_between_0_and_1_or_not_applicable(pairs):
    shares, found = quality(pairs)
    for values in (*shares.values(), found):
        assert values.shape == (len(pairs),)
        assert all(math.isnan(value) or 0 <= value <= 1 for value in values)


def test_estimates_do_not_depend_on_the_order():
    pairs = [*corpus()[:150], ("The dog sees.", SPOILT["letters"])]
    forth = estimates.estimate(Pairs([a for a, _ in pairs], [b for _, b in pairs], "en", "de"))
    back = estimates.estimate(Pairs([a for a, _ in pairs[::-1]], [b for _, b in pairs[::-1]], "en", "de"))
    assert tuple(forth) == estimates.NAMES
    for name in estimates.NAMES:
        np.testing.assert_allclose(forth[name], back[name][::-1], rtol=1e-9, atol=1e-9)


def test_few_pairs_have_no_relative_estimates():
    found = estimates.estimate(Pairs(["A dog."], ["Ein Hund."], "en", "de"))
    for name in ("length", "content", "gap", "letters"):
        assert np.isnan(found[name]).all()


def test_a_language_nobody_knows_is_judged_by_what_is_left():
    shares, found = quality([(a, b) for a, b in corpus()], "xx")
    assert np.isnan(shares["language"]).all()
    assert np.isnan(shares["negation"]).all()
    assert 0.3 < np.quantile(found, 0.02) <= 1


def test_shares_fall_as_values_rise_and_are_one_half_at_the_median():
    values = np.random.default_rng(1).normal(size=20_000)
    table = calibration.table(values)
    assert table is not None
    grid = np.linspace(-3, 9, 200)
    found = calibration.share(grid, table)
    assert (np.diff(found) <= 0).all()
    for least in (0.3, 0.05, 0.01, 0.002):
        assert abs((calibration.share(values, table) < least).mean() - least) < 0.1 * least + 0.001


def test_a_row_of_many_sentences_is_not_judged_more_harshly():
    draw = np.random.default_rng(2)
    for sentences in (1, 2, 12):
        values = draw.uniform(size=(4000, sentences)).ravel()
        rows = calibration.rows(values, np.repeat(np.arange(4000), sentences).tolist(), 4000)
        assert abs((rows < 0.05).mean() - 0.05) < 0.015


def test_fewer_estimates_do_not_read_as_better():
    draw = np.random.default_rng(3)
    shares = {name: draw.uniform(size=20_000) for name in estimates.NAMES}
    few = ("numbers", "untranslated", "loops", "script", "ending")
    high = calibration.evidence(shares) > 3
    missing = {name: values if name in few else np.full(20_000, np.nan) for name, values in shares.items()}
    fewer = calibration.evidence(missing) > 3
    assert 0.5 < high.mean() / fewer.mean() < 2


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40))
def test_evidence_rises_as_a_share_falls(values):
    shares = np.sort(np.array(values))
    for name in estimates.NAMES:
        assert (np.diff(calibration.evidence({name: shares, "length": np.full(len(shares), 0.3)})) <= 1e-12).all()


def test_every_calibrated_language_has_full_tables():
    assert calibration.calibrated("sw")
    assert len(calibration._tables()) >= 31
    assert sum(calibration.COMBINED in tables for tables in calibration._tables().values()) >= 31
    for tables in calibration._tables().values():
        for values in tables.values():
            assert len(values) == len(calibration.TAILS)
            assert values == sorted(values)
