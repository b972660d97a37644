"""The one tokeniser: nothing is torn inside a letter, places are exact, and encodings of one text are one text."""

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.language import words
from curation.language.scripts import UNSPACED, of, script

SPACED = {
    "Hindi": "हिन्दी भारत की एक प्रमुख भाषा है",
    "Hindi with a joiner": "क्\u200dष नमस्ते",
    "Bengali": "বাংলা একটি সুন্দর ভাষা",
    "Tamil": "தமிழ் ஒரு மொழி",
    "Telugu": "తెలుగు ఒక భాష",
    "Malayalam": "മലയാളം ഭാഷ",
    "Sinhala with a joiner": "ශ්\u200dරී ලංකා",
    "Arabic, vowelled": "كَتَبَ الوَلَدُ",
    "Persian with a non-joiner": "می\u200cخواهم کتاب",
    "Urdu": "یہ ایک کتاب ہے",
    "Hebrew, pointed": "שָׁלוֹם עוֹלָם",
    "Hebrew, abbreviated": "צה״ל ג׳ירפה",
    "Hebrew between marks of direction": "\u200fשלום\u200f עולם\u200e",
    "Amharic": "ሰላም ለዓለም",
    "Latin, decomposed": "cafe\u0301 cre\u0300me",
    "Vietnamese, decomposed": "tie\u0302\u0301ng Vie\u0323\u0302t",
    "Russian, decomposed": "и\u0306од е\u0308лка",
    "Ukrainian": "м'ята сім’я мʼяч",
    "Georgian": "საქართველო ენა",
    "Korean, decomposed": unicodedata.normalize("NFD", "안녕하세요 세계"),
    "Catalan": "col·legi intel·ligent",
    "soft hyphen": "Zu\u00adsammen\u00adhang",
    "numbers": "1,234.5 3.5 1.000.000 ١٬٢٣٤ १२३ ๒๕๖๗ 1'000",
    "emoji": "👨‍👩‍👧 👍🏽 🇩🇪 ❤️ 1️⃣ ❤️‍🔥",
}
OTHERS = ["ភាសាខ្មែរ", "ພາສາລາວ", "မြန်မာစာ စက္ကူ", "བོད་སྐད།", "ภาษาไทย น้ำ", "東京タワーが、ある。", "አማርኛ፡ቋንቋ", "ｶﾞ"]
TEXTS = [*SPACED.values(), *OTHERS]


@pytest.mark.parametrize("text", SPACED.values(), ids=SPACED)
def test_as_many_words_as_there_are_between_blanks(text: str) -> None:
    assert len(words.split(text)) == len(text.split())
    assert len(words.folded(text)) == len(text.split())
    assert len(words.split(unicodedata.normalize("NFC", text))) == len(words.split(unicodedata.normalize("NFD", text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ភាសាខ្មែរ", ["ភា", "សា", "ខ្មែ", "រ"]),  # the consonant below stays with its own
        ("စက္ကူ", ["စ", "က္ကူ"]),
        ("น้ำ", ["น้", "ำ"]),
        ("ພາສາ", ["ພ", "າ", "ສ", "າ"]),
        ("བོད་སྐད", ["བོད", "་", "སྐད"]),
        ("አማርኛ፡ቋንቋ", ["አማርኛ", "፡", "ቋንቋ"]),
        ("他和Tom。", ["他", "和", "Tom", "。"]),
        ("が", ["が"]),
        ("ភាសា\u200bខ្មែរ", ["ភា", "សា", "ខ្មែ", "រ"]),
        ("one\u200btwo", ["one", "two"]),
        ("l'homme, it’s O'Brien", ["l", "'", "homme", ",", "it", "’", "s", "O", "'", "Brien"]),
        ("v1.2. U.S. 3.Dog", ["v1.2", ".", "U", ".", "S", ".", "3", ".", "Dog"]),
        ("snake_case T-shirt", ["snake", "_", "case", "T", "-", "shirt"]),
        ("🇩🇪🇫🇷!", ["🇩🇪", "🇫🇷", "!"]),
        ("", []),
    ],
)
def test_split(text: str, expected: list[str]) -> None:
    assert words.split(text) == expected


def test_composed_and_decomposed_texts_are_one() -> None:
    for text in TEXTS:
        forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")]
        assert len({words.normal(form) for form in forms}) == 1, text


def test_format_characters_and_apostrophes_do_not_make_another_text() -> None:
    assert words.normal("می\u200cخواهم") == words.normal("میخواهم")
    assert words.normal("Zu\u00adsammen") == words.normal("zusammen")
    assert words.normal("did n't") == words.normal("didn’t") == words.normal("did not")
    assert words.normal("👨‍👩‍👧") != words.normal("👨👩👧")


LETTERS = [
    *(
        "a",
        "é",
        "e\u0301",
        "и\u0306",
        " ",
        "\n",
        "\u00a0",
        ".",
        ",",
        "'",
        "’",
        "7",
        "٣",
        "_",
        "-",
        "€",
        "·",
        '"',
        "\u0301",
    ),
    *(
        "\u200b",
        "\u200c",
        "\u200d",
        "\u00ad",
        "ก",
        "้",
        "ำ",
        "ខ",
        "្",
        "က",
        "္",
        "狗",
        "か",
        "\u3099",
        "ー",
        "ש",
        "\u05c1",
    ),
    *("हि", "्", "👍", "🏽", "\ufe0f", "🇩"),
]
samples = st.lists(
    st.one_of(
        st.sampled_from(LETTERS),
        st.characters(codec="utf-8"),
    ),
    max_size=14,
).map("".join)


@given(samples)
def test_places_are_those_of_the_words(text: str) -> None:
    places = words.places(text)
    assert [text[a:b] for a, b in places] == words.split(text)
    assert all(a < b for a, b in places)
    assert all(b <= c for (_, b), (c, _) in itertools.pairwise(places))
    inside = {i for a, b in places for i in range(a, b)}
    left = {char for i, char in enumerate(text) if i not in inside}
    assert all(char.isspace() or unicodedata.category(char) == "Cf" for char in left)  # nothing else is lost


@given(samples)
def test_no_word_begins_with_a_mark_that_belongs_to_the_character_before(text: str) -> None:
    for start, _ in words.places(text):
        if start and unicodedata.category(text[start])[0] == "M":
            assert text[start - 1].isspace() or unicodedata.category(text[start - 1]) == "Cf"


@given(samples)
def test_the_comparable_form_is_stable(text: str) -> None:
    once = words.normal(text)
    assert words.normal(once) == once
    assert words.normal(unicodedata.normalize("NFD", text)) == words.normal(unicodedata.normalize("NFC", text))


@given(samples, st.integers(0, 14))
def test_one_word_agrees_with_the_words(text: str, at: int) -> None:
    spans = [match.span() for match in words._PLAIN.finditer(text)]
    assert words.one_word(text, at) == any(a < at < b for a, b in spans)


def test_scripts_of_the_table_are_those_of_unicode() -> None:
    assert {script(char) for char in "aжαאअক"} == {"Latin", "Cyrillic", "Greek", "Hebrew", "Devanagari", "Bengali"}
    assert of("zh-TW") == of("zh_Hant") == {"Han"}
    assert all(words.alone(char) for char in ("狗", "か", "ก", "ລ", "ខ", "က"))
    assert "Tibetan" not in UNSPACED
