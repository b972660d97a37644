from __future__ import annotations

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


def test_neighbours_below_the_cosine_are_not_compared(make_table, make_examples) -> None:
    rows = [*make_examples("text", 30), Example(text="The man reads a long leter in the garden.", key="typo")]
    records = make_table("text", rows)
    none = knn.Neighbours(indices=np.zeros((31, 0), np.int32), similarity=np.zeros((31, 0), np.float32))
    assert duplicates.find(records, none, 0.9, 0.02).members == []
