from __future__ import annotations

import os
from pathlib import Path

import pytest

from curation.core import files
from curation.core.errors import CairnError
from curation.core.task import Example
from curation.language import scripts
from curation.score.scorers import surface
from curation.score.wording import spelling

PARAMS = surface.Params(min_tokens=2, max_tokens=60)

CLEAN = {
    "en": "A man isn't sleeping; he's reading \"War & Peace\" for $5.99 (50% off) at 10:30 – honestly!",
    "de": "Über die Straße läuft – wie jeden Tag – ein größerer Hund, „Bello“ genannt.",
    "fr": "L’été dernier, « CAFÉ » était fermé à Noël ; où êtes-vous allés ?",
    "es": "¿Dónde está el niño? ¡Aquí, señor! Costó 3.000 €.",
    "ru": "Мужчина не спит, а читает «Войну и мир» в парке.",
    "el": "Ο άνδρας δεν κοιμάται, διαβάζει ένα βιβλίο στο πάρκο.",
    "ar": "الرجل لا ينام، بل يقرأ كتابًا في الحديقة.",
    "he": "האיש לא ישן, הוא קורא ספר בפארק.",
    "hi": "आदमी सो नहीं रहा है, वह पार्क में किताब पढ़ रहा है।",
    "th": "ผู้ชายไม่ได้นอนหลับ เขากำลังอ่านหนังสืออยู่ในสวนสาธารณะ",
    "zh": "那个男人没有睡觉,他正在公园里看书,研究研究历史。",
    "ja": "男の人は寝ていません。公園でコーヒーを飲みながら本を読んでいます。",
    "ko": "남자는 자고 있지 않고 공원에서 책을 읽고 있습니다.",
    "ta": "அந்த மனிதன் தூங்கவில்லை, அவன் பூங்காவில் புத்தகம் படிக்கிறான்.",
    "tr": "Adam uyumuyor, parkta kitap okuyor; İğdır'a gidecek.",
    "vi": "Người đàn ông không ngủ mà đang đọc sách ở công viên.",
    "sw": "Mtu huyo halali, anasoma kitabu bustanini.",
}


def fired(text: str, lang: str = "en", kind: str = "text", **fields: object) -> dict[str, tuple[str, str]]:
    row = {"lang": lang, **({"text": text} if kind == "text" else fields)}
    known = spelling.Spelling([])
    return {rule: (field, reason) for rule, field, reason in surface.check(kind, row, PARAMS, known)}  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", CLEAN)
def test_good_text_in_any_script_passes(lang: str) -> None:
    assert fired(CLEAN[lang], lang) == {}


def test_clean_texts_are_in_the_scripts_of_their_language() -> None:
    for lang, text in CLEAN.items():
        assert {name for char in text if (name := scripts.script(char))} <= scripts.of(lang), lang


@pytest.mark.parametrize(
    ("rule", "lang", "text", "reason"),
    [
        ("empty", "en", "", "is empty"),
        ("empty", "th", " … ", "is empty"),
        ("placeholder", "de", "NS", "is a placeholder: 'NS'"),
        ("placeholder", "en", "[n/a]", "is a placeholder: '[n/a]'"),
        ("placeholder", "fr", "Lorem ipsum dolor sit amet", "is a placeholder"),
        ("unreadable", "fr", "Le caf\ufffd est ferm\ufffd", "holds 2 unreadable characters (U+FFFD)"),
        ("unreadable", "ru", "Собака\x00 бежит", "holds 1 unreadable character (U+0000)"),
        ("mojibake", "fr", "Le cafÃ© est fermÃ©", "'Ã©' is 'é'"),
        ("mojibake", "en", "It doesnâ€™t matter", "'â€™' is '’'"),
        ("mojibake", "ru", "Ð¡Ð¾Ð±Ð°ÐºÐ° Ð±ÐµÐ¶Ð¸Ñ‚", "was read in the wrong encoding"),
        ("markup", "en", "He said <b>no</b> to it", "holds markup: '<b>'"),
        ("markup", "es", "pan &amp; vino", "holds markup: '&amp;'"),
        ("markup", "en", "the [[Paris|city]] of light", "holds markup: '[['"),
        ("repetition", "en", "the man the man the man walks", "repeats 'the man' 3 times in a row"),
        ("repetition", "de", "sehr sehr sehr sehr gut", "repeats 'sehr' 4 times in a row"),
        ("repetition", "zh", "他说说说说说说说说说好", "repeats '说' 8 times in a row"),
        ("symbols", "en", "%%% ### |||| >>> x ^^^^ &&", "is 95% symbols"),
        ("wrong_script", "en", "Собака бежит по парку", "is mostly in Cyrillic letters, but its language is en"),
        ("wrong_script", "ru", "The dog is running", "is mostly in Latin letters, but its language is ru"),
        ("wrong_script", "zh", "The dog is running", "is mostly in Latin letters, but its language is zh"),
        ("wrong_script", "th", "那个男人没有睡觉", "is mostly in Han letters, but its language is th"),
        ("too_short", "en", "Sleeping.", "has 1 words, fewer than 2"),
        ("too_short", "ar", "كتاب", "has 1 words, fewer than 2"),
        ("too_long", "en", " ".join(f"w{i}" for i in range(61)), "has 61 words, more than 60"),
    ],
)
def test_each_rule_says_what_is_wrong(rule: str, lang: str, text: str, reason: str) -> None:
    found = fired(text, lang)
    assert reason in found[rule][1]
    assert set(found) <= {rule, "too_short", "symbols"} | ({"wrong_script"} if rule == "mojibake" else set())


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("if a < b and c > d", "en"),
        ("AT&T; really", "en"),
        ("no no no", "en"),
        ("le «CAFÉ» fermé", "fr"),
        ("哈哈哈", "zh"),
        ("Na, gut", "de"),
    ],
)
def test_near_misses_pass(text: str, lang: str) -> None:
    assert fired(text, lang) == {}


def test_every_rule_is_weighed_and_wrong_letters_suffice_to_fall_below_a_half() -> None:
    assert set(surface.TEXT_RULES) < set(surface.WEIGHTS)
    assert {rule for rule, weight in surface.WEIGHTS.items() if weight <= 0.5} == {"too_long", "repeated_field"}


def test_fields_of_one_row_are_compared() -> None:
    assert fired("", kind="pair", text_a="A dog.", text_b="a dog!")["repeated_field"] == (
        "text_b",
        "says the same as text_a",
    )
    twice = fired("", kind="choice", prompt="Which one is it?", choices=["a cat", "A cat", "x"])
    assert twice == {"repeated_field": ("choice 2", "says the same as choice 1")}


ORDINARY = """
about after again against almost along always among animal another answer around away because before behind
being below between both brother building called came change children city close cold come country cover cross
different does door down during each early earth even every example family father feet figure find first
follow food form found friend front garden give good great green group grow hand hard head hear help here high
home horse hour house idea island keep kind king know land large last late learn leave left letter life light
line list listen little live long look made make many mark measure might mile money more morning most mother
mountain move much music name near need never next night north notice number often only open order other over
paper part pattern people picture piece place plain plan plant point press problem pull question quick reach
read ready real record rest right river road rock room round rule said same school science second seem
sentence set several ship short should show side simple since sing sister sleep slow small snow some song soon
sound south special stand start state station still stop story street strong study such summer sure table take
talk teach tell these thing think though thought thousand through time together told town travel tree turn
under until usual vowel voice walk want warm watch water week weight well west wheel where which while white
whole wind winter wonder wood work world write year young
"""


def test_random_letters_are_told_from_rare_words(make_table, make_inputs) -> None:
    words = ORDINARY.split()
    usual = [Example(text=" ".join(words[(i + j * 7) % len(words)] for j in range(8))) for i in range(250)]
    odd = Example(text="xqzkw vbjfq hgwxz pltkd", key="odd")
    rare = Example(text="a carpenter hammered shingles onto stables", key="rare")
    inputs = make_inputs(make_table("text", [*usual, odd, rare]))
    found = dict(zip(inputs.records["key"].to_pylist(), surface.score(inputs, PARAMS).to_pylist(), strict=True))
    assert found["odd"]["rules"] == ["gibberish"]
    assert "random letters: 'xqzkw vbjfq hgwxz'" in found["odd"]["why"]
    assert [key for key, row in found.items() if row["score"] < 1] == ["odd"]


def test_a_rule_counts_once_a_row_and_names_its_fields(make_table, make_inputs) -> None:
    rows = [
        Example(text_a="He said <b>no</b>", text_b="She said <b>no</b>", key="bad"),
        Example(text_a="One dog", text_b="Two dogs"),
    ]
    inputs = make_inputs(make_table("pair", rows))
    found = dict(zip(inputs.records["key"].to_pylist(), surface.score(inputs, PARAMS).to_pylist(), strict=True))
    assert found["bad"]["score"] == pytest.approx(0.4)
    assert found["bad"]["rules"] == ["markup", "markup"]
    assert found["bad"]["fields"] == ["text_a", "text_b"]
    assert found["1"] == {"id": found["1"]["id"], "score": 1.0, "why": None, "rules": [], "fields": []}


def test_limits_that_contradict_are_an_error(make_table, make_inputs, make_examples) -> None:
    with pytest.raises(CairnError, match=r"score\.surface\.max_tokens is 2, below min_tokens"):
        surface.score(
            make_inputs(make_table("text", make_examples("text", 3))), surface.Params(min_tokens=5, max_tokens=2)
        )


@pytest.mark.real
@pytest.mark.parametrize("lang", ["ar", "bg", "de", "el", "en", "es", "fr", "ru", "th", "tr", "vi", "zh"])
def test_professional_translations_pass_in_every_script(lang: str) -> None:
    mirror = Path(os.environ["CAIRN_HUB_MIRROR"]) / "facebook" / "xnli" / lang
    (file,) = mirror.glob("test-*.parquet")
    rows = [
        {"lang": lang, "text_a": row["premise"], "text_b": row["hypothesis"]}
        for row in files.read_parquet(file).slice(0, 1500).to_pylist()
    ]
    wide = surface.Params(min_tokens=2, max_tokens=256)
    known = spelling.Spelling((row[name], lang) for row in rows for name in ("text_a", "text_b"))
    flagged = [row for row in rows if any(True for _ in surface.check("pair", row, wide, known))]
    assert len(rows) == 1500
    assert len(flagged) < 0.02 * len(rows), flagged[:5]
