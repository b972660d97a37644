from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.language.dictionary import LISTED, words
from curation.language.words import folded, normal
from curation.score.wording.texts import Vocabulary, heavy, same, slip

BASE = ["a man is sleeping on the bench", "the dog runs in the park", "never say something nice about a house"]
KNOWN = Vocabulary.of(folded(text) for text in BASE * 12)
WORDS = ["the", "dog", "runs", "not", "3", "sleeping", "slepeing", "Haus", "狗", "."]
text = st.lists(st.sampled_from(WORDS), max_size=9)


def near(one: str, other: str, edits: float = 0.02, lang: str = "en") -> bool:
    return same(folded(one), folded(other), lang, KNOWN, edits)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A man is sleeping.", "a MAN is  sleeping"),
        ("A man is sleeping", "The man is really sleeping"),
        ("A man is sleeping", "A man is slepeing"),
        ("the dog runs in the park", "the dog runs in teh park"),
        ("the dog runs in the park", "thedog runs in the park"),
        ("A man is sleeping", "A man is s1eeping"),
        ("A man is sleeping on bench", "A man is sleeping on benc4"),
        ("A man is sleeping", "A rnan is sleeping"),
        ("A man is sleeping", "A man iz sleeping"),
        ("say something nice", "say somethinq nice"),
        ("the dog runs in the park", "the dog dog runs in the park"),
        ("It’s a “dog”", "It's a 'dog'"),
        ("ｄｏｇ", "dog"),
    ],
)
def test_slips_and_fillers_keep_a_text_the_same(one: str, other: str) -> None:
    assert near(one, other)
    assert near(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A man is sleeping", "A man is not sleeping"),
        ("A man is sleeping", "A man isn't sleeping"),
        ("A man is sleeping", "A woman is sleeping"),
        ("the dog runs", "the dogs runs"),
        ("3 dogs run", "4 dogs run"),
        ("in 1990", "in 1991"),
        ("the dog runs home", "the dog run5 home"),
        ("in the us", "in the uk"),
        ("runs mp3s here", "runs mp4s here"),
        ("dog bites man", "man bites dog"),
        ("never say so", "ever say so"),
        ("What is C++?", "What is C?"),
        ("5% more", "5€ more"),
        ("狗在跑", "狗不在跑"),
        ("", "dog"),
        ("the", "a"),
    ],
)
def test_meaning_makes_texts_different(one: str, other: str) -> None:
    assert not near(one, other)
    assert not near(other, one)


def test_long_texts_may_differ_in_a_word_but_not_in_a_number_or_negation() -> None:
    long = " ".join(f"word{chr(97 + i)}" for i in range(25)) + " however many people came along " + "on and on " * 10
    assert near(long, long.replace("people", "persons"))
    assert not near(long, long.replace("people", "persons"), edits=0.0)
    assert not near(long, long.replace("people", "12345"))
    assert not near(long, long.replace("people", "nobody"))


def test_two_common_words_one_letter_apart_are_no_slip() -> None:
    known = Vocabulary.of([["form", "from"]] * 30)
    assert slip("form", "from")
    assert Vocabulary.of([["from"]] * 30 + [["form"]]).misspelt("form", "from")
    assert not known.misspelt("form", "from")


def test_where_the_words_of_a_language_are_known_two_words_are_never_one_and_no_word_is() -> None:
    known = Vocabulary({"womam": 1, "woman": 1, "form": 1, "from": 90, "thw": 1, "the": 90, "zed": 3, "zeds": 90})
    assert known.misspelt("woman", "womam", "en")  # seldom said, and yet one of them is no word
    assert known.misspelt("thw", "the", "en")
    assert not known.misspelt("form", "from", "en")
    assert known.misspelt("form", "from")  # by counts alone, where no list says better
    often = Vocabulary({"skybox": 40, "skyboxx": 40})
    assert not often.misspelt("skybox", "skyboxx", "en")  # a name, or a term: it is said too often for a slip


def test_endings_are_no_misspellings_in_languages_that_inflect() -> None:
    known = Vocabulary({})
    assert "perrita" not in (words("es") or ()) or not known.misspelt("perrito", "perrita", "es")
    for lang, one, other in (("es", "gato", "gatx"), ("de", "hund", "hunx"), ("fr", "chien", "chienz")):
        assert one in (words(lang) or ())
        assert not known.misspelt(one, other, lang)
    assert known.misspelt("hund", "hxnd", "de")


@given(st.sampled_from(sorted(LISTED)), st.data())
@settings(max_examples=50, deadline=None)
def test_no_two_words_of_a_language_are_one(lang: str, data: st.DataObject) -> None:
    listed = words(lang) or {}
    some = sorted(listed)[:5000]
    one, other = data.draw(st.sampled_from(some)), data.draw(st.sampled_from(some))
    assert not Vocabulary({}).misspelt(one, other, lang) or listed[one] / listed[other] >= 10_000


def test_a_word_that_nobody_says_is_a_misspelling_of_one_that_all_say() -> None:
    known = Vocabulary({})
    assert known.misspelt("two", "twi", "en")  # a dictionary has it, 1.6 billion words of subtitles do not
    assert not known.misspelt("beach", "brach", "en")  # beach is no such word
    assert not known.misspelt("hike", "bike", "en")
    assert not Vocabulary({"twi": 3, "two": 90}).misspelt("two", "twi", "en")  # this corpus says it


@pytest.mark.parametrize(("one", "other"), [("us", "uk"), ("am", "pm"), ("spa", "sp"), ("or", "nr"), ("no", "on")])
def test_what_has_two_letters_may_be_a_name(one: str, other: str) -> None:
    assert not Vocabulary({}).misspelt(one, other, "en")


def test_a_digit_at_an_end_is_a_slip_where_the_rest_is_no_word() -> None:
    known = Vocabulary({})
    assert known.misspelt("girl", "gir1", "en")
    assert known.misspelt("outside", "0utside", "en")
    for word, other in (("types", "type2"), ("rooms", "room5"), ("scans", "2cans"), ("and", "2nd"), ("as", "a5")):
        assert not known.misspelt(word, other, "en")
        assert not known.misspelt(other, word, "en")


def test_a_misspelt_word_that_turns_a_statement_round_is_known_if_it_can_be_no_other() -> None:
    known = Vocabulary({})
    assert known.misspelt("nothing", "nothinq", "en")
    assert not known.misspelt("ever", "nver", "en")
    assert not known.misspelt("never", "nver", "en")
    assert not known.misspelt("want", "wasnt", "en")


def test_light_words_go_by_language() -> None:
    assert heavy(["die", "katze"], "de") == ("katze",)
    assert heavy(["they", "die"], "en") == ("they", "die")


@given(text, text)
def test_sameness_is_symmetric_and_reflexive(one: list[str], other: list[str]) -> None:
    a, b = folded(" ".join(one)), folded(" ".join(other))
    assert same(a, a, "en", KNOWN, 0.02)
    assert same(a, b, "en", KNOWN, 0.02) == same(b, a, "en", KNOWN, 0.02)


@given(st.text(max_size=60))
def test_normal_form_is_its_own_normal_form(value: str) -> None:
    assert normal(normal(value)) == normal(value)
