from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from curation.core.task import Answer, Example, Task
from curation.embed import Vectors
from curation.score.scorers import conflicts, near_duplicates

PARAMS = near_duplicates.Params(similarity=0.8, edits=0.02)
CONFLICTS = conflicts.Params(similarity=0.8, edits=0.02)


def by_key(inputs, result) -> dict[str, dict]:
    return dict(zip(inputs.records["key"].to_pylist(), result.to_pylist(), strict=True))


@pytest.fixture
def rows(make_examples) -> list[Example]:
    return make_examples("pair", 40)


def again(row: Example, key: str, label: int, **changed: str) -> Example:
    text_a = changed.get("text_a", row.text_a)
    return Example(text_a=text_a, text_b=row.text_b, label=label, key=key)


def test_one_row_of_a_group_is_kept_and_the_others_name_their_twin(rows, make_table, make_inputs) -> None:
    rows += [
        again(rows[3], "exact", 1),
        again(rows[3], "typo", 1, text_a=rows[3].text_a.replace("letter", "lettre")),
    ]
    inputs = make_inputs(make_table("pair", rows))
    found = by_key(inputs, near_duplicates.score(inputs, PARAMS))
    kept, exact, typo = found["3"], found["exact"], found["typo"]
    assert kept["score"] == 1.0
    assert kept["why"] is None
    assert exact["score"] == 0.0
    assert 0.0 < typo["score"] < 0.2
    assert {row["group"] for row in (kept, exact, typo)} == {kept["id"]}
    assert {row["size"] for row in (kept, exact, typo)} == {3}
    assert exact["twin"] == kept["id"]
    assert exact["twin"] in exact["why"]
    assert exact["why"].startswith("repeats")
    assert typo["why"].startswith("almost repeats")
    assert found["7"]["score"] == 1.0
    assert found["7"]["group"] is None


def test_exchanged_sides_are_said(rows, make_table, make_inputs) -> None:
    turned = Example(text_a=rows[3].text_b, text_b=rows[3].text_a, label=1 - rows[3].label, key="turned")
    inputs = make_inputs(make_table("pair", [*rows, turned, again(rows[5], "straight", 1)]), labels=("yes", "no"))
    inputs = replace(inputs, task=replace(inputs.task, symmetric=True))
    found = by_key(inputs, near_duplicates.score(inputs, PARAMS))
    assert found["turned"]["why"].startswith(f"repeats {found['3']['id']} with its sides exchanged (")
    assert "exchanged" not in found["straight"]["why"]
    said = by_key(inputs, conflicts.score(inputs, CONFLICTS))["turned"]["why"]
    assert f"{found['3']['id']}, which says the same with its sides exchanged, " in said


def test_rows_that_agree_are_no_conflict_and_all_that_disagree_are_low(rows, make_table, make_inputs) -> None:
    rows += [again(rows[2], "agrees", 0), again(rows[5], "differs", 0), again(rows[6], "unlabelled", None)]  # type: ignore[arg-type]
    inputs = make_inputs(make_table("pair", rows), labels=("yes", "no"))
    found = by_key(inputs, conflicts.score(inputs, CONFLICTS))
    assert found["2"]["score"] == found["agrees"]["score"] == 1.0
    assert found["5"]["score"] == found["differs"]["score"] == 0.25
    assert found["5"]["labels"] == ["no", "yes"]
    assert found["5"]["twin"] == found["differs"]["id"]
    assert "'no'" in found["5"]["why"]
    assert "'yes'" in found["5"]["why"]
    assert found["unlabelled"]["score"] is None
    assert found["6"]["score"] == 1.0


def test_the_odd_one_out_is_lowest(rows, make_table, make_inputs) -> None:
    rows += [again(rows[5], f"copy {i}", 1) for i in range(3)] + [again(rows[5], "odd", 0)]
    inputs = make_inputs(make_table("pair", rows))
    found = by_key(inputs, conflicts.score(inputs, CONFLICTS))
    assert found["odd"]["score"] == pytest.approx(0.1)
    assert found["5"]["score"] == found["copy 0"]["score"] == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("kind", "one", "other", "low"),
    [
        ("choice", {"label": 0}, {"label": 1}, True),
        ("span", {"answers": (Answer("man", 4),)}, {"answers": (Answer("The man", 0),)}, False),
        ("span", {"answers": (Answer("man", 4),)}, {"answers": ()}, True),
        ("tags", {"tags": (0, 1, 0)}, {"tags": (0, 1, 1)}, True),
        ("tags", {"tags": (0, 1, 0)}, {"tags": (0, 1, 0)}, False),
    ],
)
def test_labels_of_every_kind_are_compared(kind, one, other, low, make_table, make_inputs, make_examples) -> None:
    content = {
        "choice": {"prompt": "What did she buy at noon?", "choices": ("bread", "milk")},
        "span": {"question": "Who reads?", "context": "The man reads."},
        "tags": {"tokens": ("Dogs", "bark", "loudly")},
    }[kind]
    rows = [*make_examples(kind, 20), Example(**content, **one, key="one"), Example(**content, **other, key="other")]
    inputs = make_inputs(make_table(kind, rows), labels=("A", "B"))
    found = by_key(inputs, conflicts.score(inputs, CONFLICTS))
    assert (found["one"]["score"] < 0.5) == low
    assert (found["other"]["score"] < 0.5) == low


def test_a_choice_is_compared_by_its_words_not_its_place() -> None:
    task = Task(kind="choice", metric="accuracy")
    one = conflicts.label_of(task, {"choices": ["Bread.", "milk"], "label": 0})
    assert one == conflicts.label_of(task, {"choices": ["milk", "bread"], "label": 1})


def bilingual(rows: list[Example], make_table: Any, make_inputs: Any, label: int) -> Any:
    """Return rows in English, and in a language with other words and the same vectors; ``label``: of the last there."""

    def other(text: str | None) -> str:
        return " ".join(word[::-1] for word in (text or "").split())

    there = [
        Example(text_a=other(row.text_a), text_b=other(row.text_b), label=row.label, key=f"de {at}")
        for at, row in enumerate(rows)
    ]
    there[-1] = replace(there[-1], label=label)
    table = make_table("pair", [*rows, *there], langs=["en"] * len(rows) + ["de"] * len(rows))
    inputs = make_inputs(table, labels=("yes", "no"))
    same = [rows[int(key.removeprefix("de "))] for key in table["key"].to_pylist()]
    a, b = ([getattr(row, name) for row in same] for name in ("text_a", "text_b"))
    parts = {"text_a": inputs.encode(a), "text_b": inputs.encode(b)}
    of = Vectors(inputs.ids, inputs.encode([f"{x} {y}" for x, y in zip(a, b, strict=True)]), parts)
    return replace(inputs, loaders={**inputs.loaders, "vectors": lambda: of}, _loaded={})


def judged(inputs: Any, translated: float | None) -> dict[str, dict[str, Any]]:
    return by_key(inputs, conflicts.score(inputs, CONFLICTS.model_copy(update={"translated": translated})))


def test_a_translation_with_another_label_is_a_conflict_where_it_is_asked_for(rows, make_table, make_inputs) -> None:
    last = rows[-1]
    inputs = bilingual(rows, make_table, make_inputs, 1 - last.label)
    assert {row["score"] for row in judged(inputs, None).values()} == {1.0}
    said = judged(inputs, 1.05)
    low = {key: row for key, row in said.items() if row["score"] < 1}
    assert set(low) == {"39", "de 39"}
    assert low["39"]["twin"] == low["de 39"]["id"]
    assert (low["39"]["lang"], low["de 39"]["lang"]) == ("de", "en")
    assert "which seems to be its translation (de)" in low["39"]["why"]
    assert low["39"]["score"] == 0.25


def test_translations_that_agree_and_rows_in_one_language_are_no_conflict(rows, make_table, make_inputs) -> None:
    inputs = bilingual(rows, make_table, make_inputs, rows[-1].label)
    assert {row["score"] for row in judged(inputs, 1.05).values()} == {1.0}
    inputs = make_inputs(make_table("pair", rows))
    assert {row["score"] for row in judged(inputs, 1.05).values()} == {1.0}
