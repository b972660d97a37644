import numpy as np
import pytest

from curation.language import identification, negation, numbers, scripts, words

SENTENCES = {
    "en": "The dog does not sleep in the garden.", "de": "Der Hund schläft nicht im Garten.",
    "es": "El perro no duerme en el jardín.", "fr": "Le chien ne dort pas dans le jardin.",
    "zh": "狗不在花园里睡觉。", "ar": "لا ينام الكلب في الحديقة.",
    "ru": "Собака не спит в саду, потому что она играет с детьми.",
    "hi": "कुत्ता बगीचे में नहीं सोता है।", "sw": "Mbwa hailali kwenye bustani yao.", "tr": "Köpek bahçede uyumuyor.",
    "th": "สุนัขไม่ได้นอนในสวน", "vi": "Con chó không ngủ trong vườn.",
}  # fmt: skip


@pytest.mark.parametrize("lang", list(SENTENCES))
def test_a_sentence_is_in_its_language_and_in_no_other(lang):
    assert identification.identify(SENTENCES[lang]) == lang
    doubts = identification.doubts(list(SENTENCES.values()), lang)
    assert [doubt < 0 for doubt in doubts] == [name == lang for name in SENTENCES]


def test_what_cannot_be_said_is_nan():
    assert np.isnan(identification.doubts(["12 %", "..."], "de")).all()
    assert np.isnan(identification.doubts(["Hund"], "xx")).all()
    assert np.isnan(negation.denies(["Hund"], [["hund"]], "xx")).all()


@pytest.mark.parametrize(
    "lang", [lang for lang in SENTENCES if lang not in ("sw", "tr")]
)  # of which forms are many and short texts few
def test_negation_is_seen(lang):
    text = SENTENCES[lang]
    assert negation.denies([text], [words.plain(text)], lang)[0] > 0.5


@pytest.mark.parametrize(
    ("spelt", "lang"),
    [("zho_Hans", "zh"), ("zh_CN", "zh"), ("deu_Latn", "de"), ("eng_Latn", "en"), ("rus", "ru"), ("tgl_Latn", "tl")],
)
def test_a_language_is_known_however_its_code_is_spelt(spelt: str, lang: str) -> None:
    """Not a word of it is passed over: identification, negation, numbers and scripts know the same as by ``lang``."""
    text = SENTENCES.get(lang, "7 mga aso.")
    assert identification.known(spelt) == identification.known(lang) is not None
    assert identification.doubts([text], spelt).tolist() == identification.doubts([text], lang).tolist()
    tokens = [words.plain(text)]
    np.testing.assert_array_equal(negation.denies([text], tokens, spelt), negation.denies([text], tokens, lang))
    assert numbers.has_words(spelt) == numbers.has_words(lang)
    assert numbers.find("3 " + text, tokens[0], spelt) == numbers.find("3 " + text, tokens[0], lang)
    assert scripts.of(spelt) == scripts.of(lang)
