"""SQuAD and MLQA scores against values worked out by hand.

How the expected values were obtained: for each pair the published normalisation was carried out on paper, step by
step (lower-case; delete punctuation: for SQuAD the 32 ASCII marks, for MLQA every character of a Unicode category P
and the ASCII marks; replace articles by a space; split), the tokens are written in the comment, and F1 is
2 * shared / (predicted + gold) as a fraction.
"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import CairnError
from curation.metrics import mlqa, score, squad


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("the", ""),
        ("A An THE", ""),
        ("  tabs\tand\nlines\u00a0too ", "tabs and lines too"),  # the no-break space is white space too
        ("The U.S.", "us"),  # dots go before articles are looked for
        ("a.n apple", "apple"),  # ... so "a.n" becomes the article "an"
        ("an-a", "ana"),  # ... and "an-a" one word
        ("theatre, another", "theatre another"),  # an article is a whole word
        ("$1,000.50", "100050"),
        ("١٢٣,٤", "١٢٣٤"),  # Arabic-Indic digits stay, the ASCII comma goes
        ("«Hola» – ¿qué?", "«hola» – ¿qué"),  # only ASCII punctuation goes
        ("東京、大阪。", "東京、大阪。"),
        ("É CAFÉ", "é café"),
        ("İ", "i̇"),  # Python's lower-casing of the dotted capital
        ("the_the", "thethe"),  # the underscore is ASCII punctuation
        ("l'a b", "la b"),
        ("a's", "as"),
        ("a–b", "–b"),  # the dash is no word character and stays: "a" is an article beside it
        ("ไทย a ไทย", "ไทย ไทย"),
    ],
)
def test_squad_normalisation(text, expected):
    assert squad.normalise(text) == expected


SQUAD_CASES = [
    # predicted, gold answers, exact, F1
    ("Denver Broncos", ["Denver Broncos"], 1, 1),
    ("the Denver Broncos!", ["denver broncos"], 1, 1),
    ("Broncos", ["Denver Broncos"], 0, Fraction(2, 3)),  # 1 shared; 1 + 2
    ("red red dog", ["red dog dog"], 0, Fraction(4, 6)),  # bag: red, dog shared; 3 + 3
    ("the", ["a"], 1, 0),  # both empty: equal, yet no token is shared (SQuAD v1.1)
    ("", ["a"], 0, 0),  # no answer to a question that has one
    ("", ["Paris"], 0, 0),
    ("Paris", ["London", "Paris, France", "in Paris"], 0, Fraction(2, 3)),  # the best of several
    ("two", ["2"], 0, 0),
    ("1,000", ["1000"], 1, 1),
    ("३.५", ["३५"], 1, 1),  # Devanagari digits, ASCII dot
    ("北京市", ["北京"], 0, 0),  # one token each
    ("北京。", ["北京"], 0, 0),  # the ideographic full stop is no ASCII mark
    ("in 1999", ["1999"], 0, Fraction(2, 3)),
    ("", [], 1, 1),  # unanswerable
    ("the", [], 1, 1),
    ("Paris", [], 0, 0),
    ("...", ["!"], 1, 0),
]


@pytest.mark.parametrize(("predicted", "gold", "exact", "f1"), SQUAD_CASES)
def test_squad_rows(predicted, gold, exact, f1):
    row = squad.statistics([gold], [predicted], lang="en", labels=())[0]
    assert row.tolist() == pytest.approx([exact, float(f1), 1])


def test_squad_values_average_over_rows():
    gold, predicted = [["Denver Broncos"], ["red dog"]], ["Broncos", "a red dog"]
    found = score("squad", gold, predicted, lang="en", labels=())
    assert found == pytest.approx({"exact_match": 1 / 2, "f1": (2 / 3 + 1) / 2, "f1_em": (1 / 2 + 5 / 6) / 2})


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "The “Big” – Apple", "big apple"),  # Unicode quotes and dashes go
        ("en", "la casa", "la casa"),  # Spanish articles stay in English
        ("es", "¿La casa de los Unos?", "casa de"),
        ("es", "una un unas unos el la los las lo", "lo"),
        ("de", "Der Hund und eine Katze des Nachbarn", "hund und katze nachbarn"),
        ("de", "ein eine einen einem eines einer der die das den dem des dessen", "dessen"),
        ("vi", "của là cái chiếc những con mèo", "con mèo"),
        ("ar", "الكتاب", "كتاب"),
        ("ar", "كتاب المال", "كتاب م"),  # ال goes inside a word too, leaving a space: المال -> " م" + " "
        ("ar", "هل؟ نعم،", "هل نعم"),  # Arabic punctuation goes
        ("hi", "यह एक किताब है।", "यह एक किताब है"),  # the danda is category Po
        ("hi", "a the", "a the"),
        ("zh", "北京，中国。", "北 京 中 国"),
        ("zh", "1999年 Mac OS", "1999 年 mac os"),
        ("zh", "㐀龥龦", "㐀 龥 龦"),  # only U+4E00..9FA5 are split off; here by position alone
        ("zh", "㐀㐁龦龧", "㐀㐁龦龧"),  # outside U+4E00..9FA5: one token
        ("en", "$5 + 3", "5 3"),  # $ and + are ASCII punctuation, though category S
        ("en", "€5", "€5"),  # a currency sign outside ASCII stays
    ],
)
def test_mlqa_normalisation(lang, text, expected):
    assert mlqa.normalise(text, lang) == expected


@pytest.mark.parametrize(
    ("lang", "predicted", "gold", "exact", "f1"),
    [
        ("zh", "北京", "北京市", 0, Fraction(4, 5)),  # 2 shared; 2 + 3
        ("zh", "北京。", "北京", 1, 1),
        ("de", "Die Stadt", "der Stadt", 1, 1),
        ("es", "«la casa»", "casa", 1, 1),
        ("en", "«la casa»", "casa", 0, Fraction(2, 3)),
        ("ar", "الكتاب", "كتاب", 1, 1),
        ("vi", "của", "là", 1, 0),
        ("hi", "दिल्ली में", "दिल्ली", 0, Fraction(2, 3)),
    ],
)
def test_mlqa_rows(lang, predicted, gold, exact, f1):
    row = mlqa.statistics([[gold]], [predicted], lang=lang, labels=())[0]
    assert row.tolist() == pytest.approx([exact, float(f1), 1])


def test_mlqa_needs_one_of_its_languages():
    with pytest.raises(CairnError, match=r"unknown language 'fr'.*ar, de, en, es, hi, vi, zh.*Use metric squad"):
        mlqa.statistics([["x"]], ["x"], lang="fr", labels=())


texts = st.text(alphabet="aAnthe the.,«» 北京é٣", max_size=12)


@given(
    st.lists(st.tuples(st.lists(texts, max_size=3), texts), min_size=1, max_size=6), st.sampled_from(["squad", "mlqa"])
)
def test_bounds_and_order(rows, metric):
    gold, predicted = [row[0] for row in rows], [row[1] for row in rows]
    found = score(metric, gold, predicted, lang="zh", labels=())
    assert all(0 <= value <= 1 for value in found.values())
    assert found["exact_match"] == pytest.approx(
        score(metric, gold[::-1], predicted[::-1], lang="zh", labels=())["exact_match"]
    )


@given(texts, texts)
def test_token_f1_is_symmetric_and_one_for_equal_texts(one, other):
    one, other = squad.normalise(one), squad.normalise(other)
    assert squad.token_f1(one, other) == squad.token_f1(other, one)
    assert squad.token_f1(one, one) == (1.0 if one else 0.0)
