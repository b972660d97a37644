import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.language import scripts
from curation.language.words import one_word, plain
from curation.translate import checks
from curation.translate.languages import FREQUENT, NUMBER_WORDS, numbers

NOUNS = {"dog": "Hund", "cat": "Kater", "man": "Mann", "king": "König", "bear": "Bär", "wolf": "Wolf", "ox": "Ochse"}
VERBS = {"sees": "sieht", "hears": "hört", "finds": "findet", "paints": "malt", "washes": "wäscht"}
PLACES = {"park": "Park", "garden": "Garten", "forest": "Wald", "harbour": "Hafen", "castle": "Palast"}


def corpus():
    """Parallel sentences, all different."""
    return [
        (f"The {a} {v} the {b} in the {p}.", f"Der {NOUNS[a]} {VERBS[v]} den {NOUNS[b]} im {PLACES[p]}.")
        for a in NOUNS for b in NOUNS if a != b for v in VERBS for p in PLACES
    ]  # fmt: skip


SPOILT = {
    "length": "Der Hund.",
    "copied": "The dog sees the cat in the park.",
    "repetition": "Der Hund sieht den Hund sieht den Hund sieht den Hund.",
    "script": "Собака видит кота в парке около дома.",
    "language": "Le chien voit le chat dans le parc et il est là.",
    "fluency": "Koira näkee kissan puistossa tänäänkin.",
}


@pytest.mark.parametrize("name", list(SPOILT))
def test_each_estimate_sees_its_fault_and_spares_good_translations(name):
    pairs = [*corpus(), ("The dog sees the cat in the park.", SPOILT[name])]
    found = checks.estimate([a for a, _ in pairs], [b for _, b in pairs], "en", "de")
    assert tuple(found) == checks.ESTIMATES
    assert found[name][-1] < 0.35
    assert np.nanmin(checks.combine(found)[:-1]) > 0.6
    assert checks.combine(found)[-1] < 0.3


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("3 dogs", "3 Hunde", 1.0),
        ("two dogs", "zwei Hunde", 1.0),
        ("two dogs", "2 Hunde", 1.0),
        ("two dogs", "drei Hunde", 0.0),
        ("3 dogs", "Hunde", 0.0),
        ("both dogs", "die zwei Hunde", 0.5),
        ("in ٢٠٢٤", "im 2024", 1.0),
        ("1,200 men", "1.200 Männer", 1.0),
        ("a dog", "ein Hund", math.nan),
    ],
)
def test_numbers_agree(source, target, expected):
    assert checks.number_agreement([source], [target], "en", "de")[0] == pytest.approx(expected, nan_ok=True)


def test_number_words_of_an_unlisted_language_do_not_count():
    assert math.isnan(checks.number_agreement(["two dogs"], ["zxq"], "en", "xx")[0])


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), min_size=1, max_size=20))
def test_estimates_are_between_0_and_1_or_not_applicable(pairs):
    for values in checks.estimate([a for a, _ in pairs], [b for _, b in pairs], "en", "de").values():
        assert values.shape == (len(pairs),)
        assert all(math.isnan(value) or 0 <= value <= 1 for value in values)


def test_estimates_do_not_depend_on_the_order():
    pairs = [*corpus()[:150], ("The dog sees.", SPOILT["fluency"])]
    forth = checks.estimate([a for a, _ in pairs], [b for _, b in pairs], "en", "de")
    back = checks.estimate([a for a, _ in pairs[::-1]], [b for _, b in pairs[::-1]], "en", "de")
    for name in checks.ESTIMATES:
        np.testing.assert_array_equal(forth[name], back[name][::-1])


def test_few_segments_have_no_relative_estimates():
    found = checks.estimate(["A dog."], ["Ein Hund."], "en", "de")
    assert np.isnan(found["length"]).all()
    assert np.isnan(found["fluency"]).all()


def test_a_row_is_as_good_as_its_worst_segment():
    rows = checks.rows({"length": np.array([0.9, 0.1, np.nan])}, [0, 0, 1], 3)
    assert rows["length"][0] == 0.1
    assert np.isnan(rows["length"][1:]).all()


def test_language_tables_are_consistent():
    assert all(scripts.of(lang) for lang in {*FREQUENT, *NUMBER_WORDS})
    for lang, words in FREQUENT.items():
        assert all(plain(word) == [word] for word in words), lang
        assert scripts.share(" ".join(words), lang) == 1
    assert numbers("zwölf 12 ১২", "de") == [12, 12, 12]
    assert not one_word("ab", 0)
