"""SQuAD 1.1, SQuAD 2.0 and MLQA scores against a second reading of their published definitions, on random answers.

How the reference was obtained: the official scripts are not in any package, so the definitions (Rajpurkar et al. 2016
and 2018, Lewis et al. 2020, and the normalisations as the scripts publish them) were written down a second time here,
in another way than in ``curation/metrics``: no regular expressions but a walk over characters, sets of characters
instead of translation tables, sorted tokens instead of counters, and exact fractions instead of floats. The two
agree in every case; the largest difference allowed is 0. The scripts themselves compute F1 as
``2 * precision * recall / (precision + recall)`` in floats: that formula differs in the last bits, at most 2.3e-16.

One reading is ours: an empty prediction is "no answer". The v1.1 and MLQA scripts give 0 to a question that is missing
from the predictions, and so do we; handed an empty *text* instead, they would call it equal to a gold answer such as
"the", which normalises to nothing. :func:`test_an_empty_text_differs_only_from_answers_of_nothing` bounds that.
"""

from __future__ import annotations

import random
import string
import sys
import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.metrics import mlqa, score, squad, squad_v2

ASCII = set(string.punctuation)
UNICODE = {chr(i) for i in range(sys.maxunicode) if unicodedata.category(chr(i))[0] == "P"} | ASCII
ARTICLES = {
    "en": "a an the",
    "es": "un una unos unas el la los las",
    "de": "ein eine einen einem eines einer der die das den dem des",
    "vi": "của là cái chiếc những",
}
LANGUAGES = ("ar", "de", "en", "es", "hi", "vi", "zh")


def drop_words(text: str, dropped: str) -> str:
    """Put a blank for every whole word of ``dropped``: a maximal run of letters, digits and underscores."""
    out, run = [], ""
    for char in [*text, None]:
        if char is not None and (char.isalnum() or char == "_"):
            run += char
            continue
        out.append(" " if run in dropped.split() else run)
        run = ""
        out.append(char or "")
    return "".join(out)


def squad_tokens(text: str) -> list[str]:
    return drop_words("".join(c for c in text.lower() if c not in ASCII), ARTICLES["en"]).split()


def mlqa_tokens(text: str, lang: str) -> list[str]:
    kept = "".join(c for c in text.lower() if c not in UNICODE)
    if lang == "ar":
        kept = " ".join(kept.split("ال"))
    if lang in ARTICLES:
        kept = drop_words(kept, ARTICLES[lang])
    if lang != "zh":
        return kept.split()
    tokens, run = [], ""
    for char in kept:
        if "\u4e00" <= char <= "\u9fa5" or char in UNICODE:
            tokens += [*run.split(), char]
            run = ""
        else:
            run += char
    return [*tokens, *run.split()]


def overlap(guess: list[str], gold: list[str]) -> Fraction:
    left, shared = sorted(gold), 0
    for token in guess:
        if token in left:
            left.remove(token)
            shared += 1
    return Fraction(2 * shared, len(guess) + len(gold)) if shared else Fraction(0)


def by_v1(guess: str, answers: list[str], tokens) -> tuple[Fraction, Fraction]:
    """v1.1 and MLQA: the best over the gold answers; 0 for a question without a prediction."""
    if not guess:
        return Fraction(0), Fraction(0)
    said, known = tokens(guess), [tokens(one) for one in answers]
    return Fraction(any(" ".join(said) == " ".join(one) for one in known)), max(overlap(said, one) for one in known)


def by_v2(guess: str, answers: list[str]) -> tuple[Fraction, Fraction]:
    """v2.0: gold answers of nothing are left out; without any, no answer is right; nothing equals nothing only."""
    known = [one for one in map(squad_tokens, answers) if one] or [[]]
    said = squad_tokens(guess)
    exact = Fraction(any(" ".join(said) == " ".join(one) for one in known))
    return exact, max(overlap(said, one) if said and one else Fraction(said == one) for one in known)


WORDS = """
a an the A AN The a's an' una Los las el un El der DIE das eine einem Des của là Cái những ال الكتاب المال
cat 2 two 1999 1,000.50 ١٢٣ ٣٫٥ ३.५ १९९९ ๑๒๓ １２３ Ⅷ ½ x² 年 北京 北京市 春。 「東京」 㐀㐁 龥龦 한국 ไทย ไทยแลนด์
हिन्दी है। की
« » „ “ ” ‘ ’ ¿ ? ¡ ! . , ، ؛ ؟ । 、 。 ・ … – — - _ the_the $ + € ^ ~ | © é İ ß ﬁ Σς
"""
BLANKS = ("", " ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u2028", "\x1f", "\u200b", "\u200d")
PIECES = (*WORDS.split(), *BLANKS, "\u0301", "e\u0301", "🙂", "\U0001f468\u200d\U0001f469")


def texts(rng: random.Random) -> str:
    joint = rng.choice(["", " ", " ", "-", "\u00a0"])
    return joint.join(rng.choice(PIECES) for _ in range(rng.randint(0, 6)))


def near(rng: random.Random, text: str) -> str:
    """Return a text that is often the same once it is normalised."""
    match rng.randrange(6):
        case 0:
            return text
        case 1:
            return text.swapcase()
        case 2:
            return f"{rng.choice(PIECES)}{rng.choice(['', ' '])}{text}"
        case 3:
            return f"{text} {rng.choice(PIECES)}"
        case 4 if text:
            place = rng.randrange(len(text))
            return text[:place] + text[place + 1 :]
        case _:
            return texts(rng)


def cases(seed: int, count: int, least: int) -> list[tuple[str, list[str]]]:
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        answers = [texts(rng) for _ in range(rng.randint(least, 4))]
        made.append((near(rng, rng.choice(answers)) if answers else texts(rng), answers))
    return made


def compare(metric, lang, made, expected) -> tuple[float, int]:
    """Return the largest difference over all cases, and in how many of them there was something to agree on."""
    rows = metric.statistics([gold for _, gold in made], [guess for guess, _ in made], lang=lang, labels=())
    told = [expected(guess, gold) for guess, gold in made]
    pairs = zip(rows, told, strict=True)
    return max(abs(row[i] - float(one[i])) for row, one in pairs for i in (0, 1)), sum(0 < one[1] < 1 for one in told)


def test_squad_v1_equals_the_definition_on_5000_answers():
    made = cases(1, 5000, least=1)
    difference, partial = compare(squad, "en", made, lambda guess, gold: by_v1(guess, gold, squad_tokens))
    assert difference == 0
    assert partial > 500


def test_squad_v2_equals_the_definition_on_5000_answers():
    made = cases(2, 5000, least=0)
    assert compare(squad_v2, "en", made, by_v2)[0] == 0
    without = [gold for _, gold in made if not any(squad_tokens(one) for one in gold)]
    assert len(without) > 500
    assert sum(map(bool, without)) > 100  # answers that are articles and marks alone


@pytest.mark.parametrize("lang", LANGUAGES)
def test_mlqa_equals_the_definition_on_2000_answers(lang):
    made = cases(3, 2000, least=1)
    difference, partial = compare(
        mlqa, lang, made, lambda guess, gold: by_v1(guess, gold, lambda t: mlqa_tokens(t, lang))
    )
    assert difference == 0
    assert partial > 200


def test_the_float_formula_of_the_scripts_differs_in_the_last_bits_only():
    largest = 0.0
    for guess, answers in cases(4, 3000, least=1):
        said, known = squad_tokens(guess), squad_tokens(answers[0])
        shared = int(overlap(said, known) * (len(said) + len(known)) / 2)
        if shared:
            precision, recall = shared / len(said), shared / len(known)
            theirs = 2 * precision * recall / (precision + recall)
            largest = max(largest, abs(theirs - squad.token_f1(" ".join(said), " ".join(known))))
    assert largest <= 2.3e-16


def test_an_empty_text_differs_only_from_answers_of_nothing():
    made = [("", gold) for _, gold in cases(5, 2000, least=1)]
    ours = squad.statistics([gold for _, gold in made], [""] * len(made), lang="en", labels=())[:, 0]
    differ = 0
    for own, (_, gold) in zip(ours, made, strict=True):
        theirs = float(any(not squad_tokens(one) for one in gold))
        assert own == 0
        differ += theirs
        assert (theirs != own) == any(not squad_tokens(one) for one in gold)
    assert 0 < differ < len(made)


@given(st.lists(st.tuples(st.text(max_size=12), st.lists(st.text(max_size=12), min_size=1, max_size=3)), min_size=1))
def test_any_unicode_text(rows):
    assert compare(squad, "en", rows, lambda guess, gold: by_v1(guess, gold, squad_tokens))[0] == 0
    assert compare(squad_v2, "en", rows, by_v2)[0] == 0
    for lang in LANGUAGES:
        assert compare(mlqa, lang, rows, lambda g, a, lang=lang: by_v1(g, a, lambda t: mlqa_tokens(t, lang)))[0] == 0


def test_v2_values_tell_the_two_sorts_of_questions_apart():
    gold, predicted = [["red dog"], [], [], ["the"]], ["dog", "", "cat", ""]
    found = score("squad_v2", gold, predicted, lang="en", labels=())
    assert found["unanswerable"] == pytest.approx(2 / 3)
    assert found["f1_answerable"] == pytest.approx(2 / 3)
    assert found["f1"] == pytest.approx((2 / 3 + 2) / 4)
    assert found["exact_match"] == 0.5
    assert found["f1_em"] == pytest.approx((found["f1"] + found["exact_match"]) / 2)
    assert score("squad", gold, predicted, lang="en", labels=())["exact_match"] == 0.25  # v1.1 looks for "the"
