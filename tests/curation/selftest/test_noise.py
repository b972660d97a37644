"""Planted defects are what they claim to be: as many as asked, in one place, and never the label that was there."""

import numpy as np
import pytest

from curation.core.task import Task
from curation.language import words
from curation.score.labels.entities import entities
from curation.selftest import noise

NER = Task(kind="tags", metric="seqeval", labels=("O", "B-PER", "I-PER", "B-LOC", "I-LOC"))
NLI = Task(kind="pair", metric="accuracy", labels=("no", "maybe", "yes"))
QA = Task(kind="span", metric="squad")
CHOICE = Task(kind="choice", metric="accuracy")


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def rows_of(kind: str, n: int = 60) -> list[dict[str, object]]:
    if kind == "pair":
        return [{"label": i % 3} for i in range(n)]
    if kind == "choice":
        return [{"label": i % 4, "choices": ["a", "b", "c", "d"]} for i in range(n)]
    if kind == "span":
        text = "the old dog ran home to the small red house by the sea"
        return [{"context": text, "answers": [{"text": "small red house", "start": 28}]} for _ in range(n)]
    return [{"tags": [0, 1, 2, 2, 0, 3, 0]} for _ in range(n)]


CASES = [(task, defect) for task in (NER, NLI, QA, CHOICE) for defect in noise.LABELS[task.kind]]


@pytest.mark.parametrize(("task", "defect"), CASES)
def test_exactly_the_share_is_changed_and_nothing_else(task: Task, defect: str) -> None:
    rows = rows_of(task.kind)
    changed, wrong = noise.plant(rows, task, defect, 0.2, rng())
    assert wrong.sum() == 12
    assert [before != after for before, after in zip(rows, changed, strict=True)] == wrong.tolist()
    again, same = noise.plant(rows, task, defect, 0.2, rng())
    assert (again, same.tolist()) == (changed, wrong.tolist())


def test_class_conditional_noise_turns_each_label_into_one_other() -> None:
    rows = rows_of("pair")
    changed, wrong = noise.plant(rows, NLI, "class_conditional", 0.5, rng())
    assert {(a["label"], b["label"]) for a, b, bad in zip(rows, changed, wrong, strict=True) if bad} == {
        (0, 1), (1, 2), (2, 0),
    }  # fmt: skip


@pytest.mark.parametrize("defect", ["shifted", "cut", "elsewhere"])
def test_answers_stay_in_the_context_and_are_whole_words(defect: str) -> None:
    rows = rows_of("span")
    for row in noise.plant(rows, QA, defect, 1.0, rng())[0]:
        answer = row["answers"][0]
        assert row["context"][answer["start"] :].startswith(answer["text"])
        assert answer != rows[0]["answers"][0]  # type: ignore[index]
        assert set(words.split(answer["text"])) <= set(words.split(row["context"]))
        if defect == "elsewhere":
            assert answer["start"] + len(answer["text"]) <= 28 or answer["start"] >= 43


def test_boundary_errors_keep_types_and_type_errors_keep_boundaries() -> None:
    rows = rows_of("tags")
    before = entities(rows[0]["tags"], NER.labels)  # type: ignore[arg-type]
    for row in noise.plant(rows, NER, "boundary", 1.0, rng())[0]:
        after = entities(row["tags"], NER.labels)
        assert len(set(before) ^ set(after)) in (1, 2)
        assert {kind for *_, kind in after} <= {"PER", "LOC"}
    for row in noise.plant(rows, NER, "type", 1.0, rng())[0]:
        after = entities(row["tags"], NER.labels)
        assert [(a, b) for a, b, _ in after] == [(a, b) for a, b, _ in before]
        assert sum(x[2] != y[2] for x, y in zip(before, after, strict=True)) == 1


def test_rows_that_cannot_bear_a_defect_are_passed_over() -> None:
    rows = [{"tags": [0, 0]}, {"tags": None}, {"tags": [1, 0]}]
    changed, wrong = noise.plant(rows, NER, "type", 1.0, rng())
    assert wrong.tolist() == [False, False, True]
    assert changed[0] == rows[0]


@pytest.mark.parametrize("name", list(noise.TEXTS))
def test_damage_changes_a_text_and_leaves_one_without_letters(name: str) -> None:
    make = noise.TEXTS[name]
    found = [make("small dogs of the neighbourhood", rng()) for _ in range(3)]
    assert len(set(found)) == 1
    assert found[0] != "small dogs of the neighbourhood"
    assert make("...", rng()) == "..."
