"""A new task of paraphrases is symmetric, one of inference is not, and exchanged pairs are held out together."""

from __future__ import annotations

import pytest

from curation.cli.drafting import exchanged
from curation.core import task_check
from curation.core.errors import CairnError
from curation.core.task import Source, Task

FIELDS = {"text_a": ("question1",), "text_b": ("question2",), "label": ("label",)}


@pytest.mark.parametrize(
    ("kind", "first", "second", "labels", "expected"),
    [
        ("pair", "question1", "question2", ["not_duplicate", "duplicate"], True),
        ("pair", "sentence1", "sentence2", ["different", "paraphrase"], True),
        ("pair", "text_a", "text_b", ["not_equivalent", "equivalent"], True),
        ("pair", "sentence1", "sentence2", ["entailment", "neutral", "contradiction"], False),
        ("pair", "premise", "hypothesis", ["similar", "other"], False),
        ("pair", "sentence1", "sentence2", ["0", "1"], False),
        ("choice", "question1", "question2", ["duplicate"], False),
    ],
)
def test_columns_and_labels_tell(kind: str, first: str, second: str, labels: list[str], expected: bool) -> None:
    found, notes = exchanged.symmetric(kind, {"text_a": (first,), "text_b": (second,)}, labels)
    assert found is expected
    assert len(notes) == expected
    assert all("take out symmetric=True" in note for note in notes)


def test_groups_that_hold_the_same_pair_are_one() -> None:
    pairs = [("a", "b"), ("B!", "A"), ("a", "c"), ("d", "e"), ("e", "f")]
    rows = [{"question1": one, "question2": other} for one, other in pairs]
    merged = exchanged.together(rows, FIELDS, [one for one, _ in pairs])
    assert merged[0] == merged[1] == merged[2]
    assert len({merged[0], merged[3], merged[4]}) == 3


def test_only_pairs_have_sides_to_exchange() -> None:
    from types import SimpleNamespace

    task = Task(kind="text", metric="accuracy", train=Source("org/a"), symmetric=True)
    with pytest.raises(CairnError, match=r"TASK\.symmetric is for kind pair: a text row has no two sides"):
        task_check.checked(SimpleNamespace(TASK=task, __file__="mine.py", __name__="mine"))  # type: ignore[arg-type]
