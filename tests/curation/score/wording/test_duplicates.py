from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

import numpy as np

from curation.core.task import Example
from curation.score.wording import duplicates
from curation.search import knn

if TYPE_CHECKING:
    from curation.score import scorers


def found(inputs: scorers.Inputs) -> set[frozenset[str]]:
    groups = duplicates.find(inputs.records, inputs.neighbours, 0.8, 0.02)
    keys = inputs.records["key"].to_pylist()
    return {frozenset(keys[row] for row in members) for members in groups.members}


def test_rows_are_the_same_only_when_every_field_is(make_table, make_inputs, make_examples) -> None:
    rows = make_examples("pair", 40)
    first = rows[0]
    rows += [
        Example(text_a=first.text_a, text_b="He walks home alone.", label=0, key="same premise"),
        Example(text_a=first.text_b, text_b=first.text_a, label=0, key="swapped"),
        Example(text_a=f"{first.text_a}!", text_b=first.text_b.upper(), label=0, key="same row"),
    ]
    assert found(make_inputs(make_table("pair", rows))) == {frozenset({"0", "same row"})}


def test_a_group_larger_than_k_stays_whole(make_table, make_inputs, make_examples) -> None:
    rows = make_examples("text", 40) + [Example(text="Say that again, please" + "!" * i) for i in range(30)]
    (group,) = found(make_inputs(make_table("text", rows), k=3))
    assert len(group) == 30


def test_a_group_grows_through_its_members(make_table, make_inputs, make_examples) -> None:
    text = "The gardener carefully waters the yellow flowers"
    rows = make_examples("text", 40) + [Example(text=text, key=f"plain {i}") for i in range(12)]
    rows += [Example(text=text.replace("carefully", "carefuly"), key="typo"), Example(text=text + "!", key="mark")]
    (group,) = found(make_inputs(make_table("text", rows), k=20))
    assert {"typo", "mark"} < group


def test_shuffled_choices_are_the_same_question(make_table, make_inputs, make_examples) -> None:
    rows = make_examples("choice", 20)
    moved = Example(prompt=rows[3].prompt, choices=rows[3].choices[::-1], label=0, key="moved")
    assert found(make_inputs(make_table("choice", [*rows, moved]))) == {frozenset({"3", "moved"})}


def test_the_earliest_row_of_the_source_represents_its_group(make_table, make_inputs, make_examples) -> None:
    rows = [Example(text="One more time" + "." * i, key=str(key)) for i, key in enumerate((100, 9, 20))]
    inputs = make_inputs(make_table("text", rows + make_examples("text", 8)))
    groups = duplicates.find(inputs.records, inputs.neighbours, 0.9, 0.0)
    assert [inputs.records["key"].to_pylist()[row] for row in groups.members[0]] == ["9", "20", "100"]


def test_empty_rows_are_not_called_duplicates(make_table, make_inputs, make_examples) -> None:
    rows = [Example(text="...", key="a"), Example(text="!", key="b"), *make_examples("text", 8)]
    assert found(make_inputs(make_table("text", rows))) == set()


def test_neighbours_below_the_cosine_are_not_compared(make_table, make_inputs, make_examples) -> None:
    text = "The man reads a long letter in the garden near his house"
    rows = [*make_examples("text", 29), Example(text=text), Example(text=text.replace("a long", "along"), key="blank")]
    near = make_inputs(make_table("text", rows))
    assert duplicates.find(near.records, near.neighbours, 0.8, 0.02).members
    records = make_table("text", rows)
    none = knn.Neighbours(indices=np.zeros((31, 0), np.int32), similarity=np.zeros((31, 0), np.float32))
    assert duplicates.find(records, none, 0.9, 0.02).members == []


def without_neighbours(table, **settings) -> set[frozenset[str]]:
    none = knn.Neighbours(np.zeros((table.num_rows, 0), np.int32), np.zeros((table.num_rows, 0), np.float32))
    keys = table["key"].to_pylist()
    groups = duplicates.find(table, none, 0.8, 0.02, **settings)
    assert {value for _, value in groups.twin.values()} <= {0.8, 0.99, 1.0}
    return {frozenset(keys[row] for row in members) for members in groups.members}


def test_a_misspelt_word_of_a_short_text_needs_no_neighbours(make_table) -> None:
    """As people wrote them in SNLI: the vectors of each two are far apart."""
    said = {
        "paino": "Someone is playing paino", "piano": "Someone is playing piano",
        "danving": "The lady is danving", "dancing": "The lady is dancing", "driving": "The lady is driving",
        "outdorrs": "the man is outdorrs.", "outdoors": "The man is outdoors", "indoors": "The man is indoors",
        "dog": "A dog runs", "fog": "A fog runs", "twice": "A dgo runs",
    }  # fmt: skip
    table = make_table("text", [Example(text=text, key=key) for key, text in said.items()])
    assert without_neighbours(table) == {
        frozenset(group)
        for group in (["paino", "piano"], ["danving", "dancing"], ["outdorrs", "outdoors"], ["dog", "twice"])
    }


def test_texts_that_differ_in_marks_only_are_one_text_beside_a_misspelt_one(make_table) -> None:
    said = [
        "The lady is dancing",
        "the lady is dancing!",
        "The lady is danving",
        "The lady is dancing.",
        "The lady, is danving",
    ]
    for order in itertools.permutations(range(5)):
        table = make_table("text", [Example(text=said[at], key=str(place)) for place, at in enumerate(order)])
        assert without_neighbours(table) == {frozenset("01234")}


def test_the_other_fields_have_to_be_the_same(make_table) -> None:
    pairs = {
        "plain": ("Someone is playing piano", "There is music"),
        "both": ("Someone is playing paino", "There is musci"),
        "other": ("Someone is playing paino", "There is no music"),
        "turned": ("There is music", "Someone is playing piano"),
    }
    table = make_table("pair", [Example(text_a=a, text_b=b, label=0, key=key) for key, (a, b) in pairs.items()])
    assert without_neighbours(table) == {frozenset({"plain", "both"})}
    assert without_neighbours(table, symmetric=True) == {frozenset({"plain", "both", "turned"})}


def test_many_texts_of_one_word_are_compared_by_their_letters_not_pair_by_pair(make_table) -> None:
    letters = "abcdefghij"
    names = [
        "".join(letters[int(digit)] for digit in f"{i:05}") + "zz" * (i % 7) + "q" * (i % 3)
        for i in range(0, 60_000, 7)
    ]
    table = make_table("text", [Example(text=name) for name in [*names, "beautiful", "beautifull"]])
    start = time.perf_counter()
    assert any(len(group) == 2 for group in without_neighbours(table))
    assert time.perf_counter() - start < 30
