from __future__ import annotations

import pytest

from curation.core.task import Answer, Example
from curation.score.scorers import answers

PARAMS = answers.Params(longest=0.8)
CONTEXT = (
    "The old lighthouse near Bremen was built in 1883 by workers from nine villages along the coast, who were paid in "
    "salted fish."
)


def answered(text, question="Who built it?", others=(), context=CONTEXT):
    said = [Answer(one, context.index(one)) for one in (text, *others)]
    return Example(question=question, context=context, answers=tuple(said))


def chosen(*choices, label=0):
    return Example(prompt="Where do you keep milk?", choices=choices, label=label)


@pytest.mark.parametrize(
    ("example", "rules"),
    [
        (answered("workers from nine villages"), []),
        (answered("1883", others=("in 1883", "1883")), []),
        (answered("workers", others=("salted fish", "Bremen")), ["answers_differ"]),
        (answered("workers", others=("salted fish",)), []),  # one other may be the wrong one
        (answered("house near Bremen"), ["inside_a_word"]),
        (answered("village"), ["ending_left"]),
        (answered("The"), ["no_word"]),
        (answered("lighthouse", question="Who built the old lighthouse?"), ["in_the_question"]),
        (answered("light", question="Who built the old lighthouse?"), ["inside_a_word"]),
        (answered(CONTEXT), ["whole_text"]),
        (Example(question="Who?", context=CONTEXT, answers=()), []),
        (Example(question="Who?", context=CONTEXT, answers=None), []),
        (chosen("the fridge", "a box", "in the garden"), []),
        (chosen("the fridge", "Fridge.", "in the garden"), ["same_choice"]),
        (chosen("a box", "the fridge", "Fridge.", label=0), ["wrong_choices_alike"]),
        (chosen("5", "6", label=0), []),
    ],
)  # fmt: skip
def test_rules(make_table, make_inputs, make_examples, example, rules) -> None:
    kind = "span" if example.context else "choice"
    table = make_table(kind, [*make_examples(kind, 5), Example(**{**vars_of(example), "key": "it"})])
    inputs = make_inputs(table)
    found = dict(zip(table["key"].to_pylist(), answers.score(inputs, PARAMS).to_pylist(), strict=True))["it"]
    assert found["rules"] == rules
    assert found["score"] == min((answers.SCORES[rule] for rule in rules), default=1.0)
    assert (found["why"] is None) == (not rules)


def vars_of(example: Example) -> dict[str, object]:
    return {name: getattr(example, name) for name in Example.__dataclass_fields__}


def test_scripts_without_spaces_and_articles_written_on_to_a_word_are_no_cuts(make_table, make_inputs) -> None:
    chinese = "他住在北京市的一个小房子里"
    arabic = "عاش في الرياض سنوات"
    thai = "เขาอยู่ที่นี่มาหลายปีแล้วในเมืองนี้"
    rows = [answered("北京", context=chinese), answered("رياض", context=arabic), answered("หลายปี", context=thai)]
    table = make_table("span", rows, langs=["zh", "ar", "th"])
    by_lang = {row["lang"]: row["id"] for row in table.to_pylist()}
    found = {row["id"]: row for row in answers.score(make_inputs(table), PARAMS).to_pylist()}
    assert found[by_lang["zh"]]["rules"] == found[by_lang["th"]]["rules"] == []
    assert found[by_lang["ar"]]["score"] >= 0.5
