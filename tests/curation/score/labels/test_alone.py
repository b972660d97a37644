"""What choices give away by themselves: found where it was put, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from curation.core import facts
from curation.core.task import Example
from curation.score.labels import alone
from curation.score.scorers import answers

PARAMS = answers.Params(longest=0.8)
_WORDS = "red blue green round square tall small warm cold open shut near far loud mild dry wet new old soft"
SAID = tuple(_WORDS.split(" "))


def asked(count: int, *, right: str = "", first: float = 0.0, seed: int = 1) -> list[Example]:
    """Return questions with three choices of four words; ``right``: a word put to the right one; ``first``: how often
    the right one is put first on purpose."""
    rng, found = np.random.default_rng(seed), []
    for at in range(count):
        choices = [" ".join(rng.choice(SAID, 4, replace=False)) for _ in range(3)]
        label = 0 if rng.random() < first else int(rng.integers(3))
        choices[label] += f" {right}" if right else ""
        found.append(Example(prompt=f"Which of the things is number {at}?", choices=tuple(choices), label=label))
    return found


def judged(make_table: Any, make_inputs: Any, rows: list[Example]) -> Any:
    return answers.score(make_inputs(make_table("choice", rows)), PARAMS)


def test_a_word_that_only_right_choices_have_is_found(make_table: Any, make_inputs: Any) -> None:
    result = judged(make_table, make_inputs, asked(300, right="indeed"))
    away, places = facts.of(result.schema)
    assert "give the right one away in part" in away
    assert "No place stands out" in places
    assert result["alone"].to_numpy().mean() > 0.6
    assert set(result["score"].to_pylist()) == {1.0}  # it is said of the task, and counts for no row


def test_where_there_is_nothing_nothing_is_found(make_table: Any, make_inputs: Any) -> None:
    result = judged(make_table, make_inputs, asked(300))
    away, places = facts.of(result.schema)
    assert "give nothing away that was found" in away
    assert "No place stands out" in places
    assert result["alone"].to_numpy().mean() < 0.45


def test_a_place_that_is_right_too_often_stands_out(make_table: Any, make_inputs: Any) -> None:
    away, places = facts.of(judged(make_table, make_inputs, asked(300, first=0.3)).schema)
    assert "nothing away" in away  # the model does not know the place
    assert "Out of even shares: place 1 by +" in places


def test_choices_that_serve_several_questions_mislead(make_table: Any, make_inputs: Any) -> None:
    rng, rows = np.random.default_rng(2), []
    for at in range(100):
        same = tuple(" ".join(rng.choice(SAID, 4, replace=False)) for _ in range(3))
        rows += [Example(prompt=f"Which is {at} {label}?", choices=same, label=label) for label in range(3)]
    away, _ = facts.of(judged(make_table, make_inputs, rows).schema)
    assert "mislead" in away


def test_few_rows_and_unlabelled_ones_are_left_alone(make_table: Any, make_inputs: Any) -> None:
    few = judged(make_table, make_inputs, asked(alone.LEAST - 1))
    assert facts.of(few.schema) == []
    assert few["alone"].null_count == few.num_rows
    rows = asked(300, right="indeed")
    rows[7] = replace(rows[7], label=None)
    some = judged(make_table, make_inputs, rows)
    assert some["alone"].null_count == 1


def test_rows_of_other_counts_are_set_beside_their_own_chance() -> None:
    rows = [{"choices": ["a", "b"] if at % 2 else list("abcd"), "label": at % 2, "group": str(at)} for at in range(400)]
    found = alone.positions(rows, 3)
    assert "1: 50.0%, 2: 50.0%, 3: 0.0%, 4: 0.0%" in found
    assert "place 1 by +12.5 points" in found  # even: half of the rows with two choices, a quarter of those with four


def test_the_sample_is_of_labelled_rows_that_have_a_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert alone.sample([0, None, 0, 1], [2, 2, 1, 3], 1) == [0, 3]
    monkeypatch.setattr(alone, "MOST", 5)
    found = alone.sample([0] * 50, [2] * 50, 1)
    assert len(set(found)) == 5
    assert found == sorted(found)
