"""Choices that rows share: what is right elsewhere counts where it foretells labels, and nowhere else."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.score.labels import elsewhere
from curation.selftest import judge

CHOICES = 5


class World:
    """Threes of questions about three shared choices and two of their own each, a tenth labelled wrong."""

    def __init__(self, threes: int, *, once_each: bool, seed: int = 1):
        rng = np.random.default_rng(seed)
        self.rows: list[dict[str, Any]] = []
        wrong, said = [], []
        for three in range(threes):
            right = rng.permutation(3) if once_each else rng.integers(3, size=3)
            for at in range(3):
                choices = [f"word {three} {i}" for i in range(3)] + [f"only {three} {at} {i}" for i in range(2)]
                order = rng.permutation(CHOICES)
                true = int(np.flatnonzero(order == right[at])[0])
                flipped = rng.random() < 0.1
                label = (true + int(rng.integers(1, CHOICES))) % CHOICES if flipped else true
                prompt = f"question {rng.integers(10**9)} {rng.integers(10**9)}"
                self.rows.append({"prompt": prompt, "choices": [choices[i] for i in order], "label": label})
                heard = np.eye(CHOICES)[true] + rng.gumbel(size=CHOICES)
                said.append(np.exp(heard) / np.exp(heard).sum())
                wrong.append(flipped)
        self.wrong, self.probabilities = np.array(wrong), said

    def find(self) -> elsewhere.Found | None:
        return elsewhere.find(self.rows, self.probabilities)


def test_wrong_choices_are_found_by_what_is_right_elsewhere() -> None:
    world = World(300, once_each=True)
    found = world.find()
    assert found
    own = np.array([p[row["label"]] for p, row in zip(world.probabilities, world.rows, strict=True)])
    after = np.array([found.probabilities[i][row["label"]] for i, row in enumerate(world.rows)])
    assert judge.average_precision(after, world.wrong) > judge.average_precision(own, world.wrong) + 0.1
    assert found.repeats < 0.5
    assert all(p.sum() == pytest.approx(1) for p in found.probabilities.values())


def test_what_is_taken_is_what_others_are_labelled() -> None:
    world = World(100, once_each=True)
    found = world.find()
    assert found
    for i, taken in found.taken.items():
        there = {r["choices"][r["label"]] for j, r in enumerate(world.rows) if j // 3 == i // 3 and j != i}
        assert {world.rows[i]["choices"][at] for at in taken} == there & set(world.rows[i]["choices"])


def test_choices_that_no_row_shares_say_nothing() -> None:
    world = World(100, once_each=True)
    for i, row in enumerate(world.rows):
        row["choices"] = [f"{choice} {i}" for choice in row["choices"]]
    assert world.find() is None


def test_answers_that_all_questions_have_make_no_kin() -> None:
    world = World(100, once_each=True)
    for row in world.rows:
        row["choices"] = ["yes", "no", "maybe", "never", "always"]
    assert world.find() is None


def test_a_misspelt_copy_of_a_question_is_no_kin() -> None:
    row = {"prompt": "Where would you put a cup of hot tea?", "choices": ["table", "floor", "roof"], "label": 0}
    copy = {**row, "prompt": "Where would you put a cup of hot tae?"}
    other = {**row, "prompt": "What do people sit at when they eat?", "choices": ["table", "floor", "chair"]}
    assert elsewhere._facts([row, copy])[1] == {}
    assert elsewhere._facts([row, other])[1][0].tolist() == [[1, 1], [1, 0], [0, 0]]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 299), st.integers(1, CHOICES - 1))
def test_a_rows_own_label_has_no_say_on_it(row: int, step: int) -> None:
    world = World(100, once_each=True)
    first = world.find()
    world.rows[row]["label"] = (world.rows[row]["label"] + step) % CHOICES
    second = world.find()
    assert first
    assert second
    assert first.probabilities[row] == pytest.approx(second.probabilities[row])


def test_rows_without_a_label_are_judged_by_the_others() -> None:
    world = World(200, once_each=True)
    for row in world.rows[::6]:
        row["label"] = None
    found = world.find()
    assert found
    assert set(found.probabilities) == set(range(600))
