"""Label quality on made probabilities: the sign, the words, and what is not judged."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core import facts, records
from curation.core.task import Answer, Example, Kind, Task
from curation.probe import Probe
from curation.score import scorers
from curation.score.scorers import label_quality

LABELS = ("no", "maybe", "yes")
METHODS = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")


def judged(
    kind: Kind, examples: list[Example], found: list[Any], method: Any = METHODS[0], untrained: Any = None
) -> list[dict[str, Any]]:
    """Scores in the order of ``examples``, whatever their ids sort to."""
    ids = records.make_ids("t", [records.content_hash(kind, vars(example)) for example in examples])
    table = records.table(kind, ids, ["en"] * len(ids), examples)
    order = [ids.index(id_) for id_ in table["id"].to_pylist()]
    probe = Probe(
        table["id"].to_pylist(),
        np.zeros(len(ids), np.int8),
        [np.array(found[i], np.float32) for i in order],
        {"untrained": untrained or {}},
    )
    task = Task(kind=kind, metric="accuracy", labels=LABELS)
    inputs = scorers.Inputs("t", task, table, 1, {"probe": lambda: probe})
    result = label_quality.score(inputs, label_quality.Params(method=method))
    by_id = {row["id"]: row for row in result.to_pylist()}
    return [by_id[id_] for id_ in ids]


def pairs(labels: list[int | None]) -> list[Example]:
    return [Example(text_a=f"a{i}", text_b="b", label=label) for i, label in enumerate(labels)]


@pytest.mark.parametrize("method", METHODS)
def test_agreement_scores_high_and_disagreement_low(method: str) -> None:
    sure, wrong, unsure, none = judged(
        "pair",
        pairs([2, 1, 0, None]),
        [[0.01, 0.02, 0.97], [0.01, 0.02, 0.97], [0.4, 0.3, 0.3], [0.3, 0.3, 0.4]],
        method,
    )
    assert 1 >= sure["score"] > unsure["score"] > wrong["score"] >= 0
    assert none["score"] is None
    assert none["why"] is None
    assert sure["why"] is None
    assert sure["suggested_label"] is None
    assert wrong["why"] == "labelled maybe, the probe says yes with 0.97 (maybe: 0.02)"
    assert (wrong["given_label"], wrong["suggested_label"], wrong["suggested_index"]) == ("maybe", "yes", 2)
    assert wrong["suggested_confidence"] == pytest.approx(0.97)


def test_self_confidence_is_the_probability_of_the_given_label() -> None:
    assert judged("pair", pairs([0]), [[0.25, 0.5, 0.25]])[0]["score"] == pytest.approx(0.25)


def test_confident_learning_marks_issues() -> None:
    rng = np.random.default_rng(1)
    true = rng.integers(0, 3, 300)
    given_labels = np.where(np.arange(300) < 30, (true + 1) % 3, true)
    found = np.eye(3)[true] * 0.8 + 0.2 / 3
    rows = judged("pair", pairs(given_labels.tolist()), list(found))
    assert [row["issue"] for row in rows] == [True] * 30 + [False] * 270


def test_label_that_the_probe_never_saw_is_not_judged() -> None:
    row, other = judged("pair", pairs([2, 0]), [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0]], untrained={"0": [2]})
    assert row["score"] is None
    assert row["why"] == "not judged: no row outside its fold is labelled yes"
    assert other["score"] == pytest.approx(0.5)


def test_choices_of_different_number_are_put_on_one_scale() -> None:
    """Mere chance is 0.5, with two choices and with five."""
    examples = [
        Example(prompt="p", choices=("a", "b"), label=0),
        Example(prompt="p", choices=("a", "b", "c", "d", "e"), label=0),
        Example(prompt="q", choices=("a", "b", "c", "d", "e"), label=1),
        Example(prompt="r", choices=("a",), label=0),
        Example(prompt="s", choices=("a", "b")),
    ]
    found = [[0.5, 0.5], [0.2] * 5, [0.8, 0.05, 0.05, 0.05, 0.05], [1.0], [0.5, 0.5]]
    two, five, wrong, single, unlabelled = judged("choice", examples, found)
    assert two["score"] == pytest.approx(0.5)
    assert five["score"] == pytest.approx(0.5)
    assert wrong["score"] < 0.2
    assert wrong["suggested_label"] == "choice 1 ('a')"
    assert wrong["suggested_index"] == 0
    assert wrong["issue"] is True
    assert single["score"] is None
    assert unlabelled["score"] is None


def test_a_choice_is_judged_by_its_own_row_alone() -> None:
    """Chance is 0.5 whatever the number of choices, and an odd row changes no other's score."""
    examples = [Example(prompt=f"p{i}", choices=("a", "b", "c"), label=i) for i in range(2)]
    odd = Example(prompt="odd", choices=("a", "b", "c", "d", "e"), label=0)
    plain = judged("choice", examples, [[0.3, 0.6, 0.1]] * 2)
    beside = judged("choice", [*examples, odd], [*[[0.3, 0.6, 0.1]] * 2, [0.2] * 5])
    assert [row["score"] for row in plain] == [row["score"] for row in beside[:2]]
    assert plain[0]["score"] < 0.5 < plain[1]["score"]
    assert beside[2]["score"] == pytest.approx(0.5)


def test_sentence_is_about_as_good_as_its_worst_tag() -> None:
    good = [[0.9, 0.05, 0.05], [0.1, 0.8, 0.1]]
    bad = [[0.9, 0.05, 0.05], [0.01, 0.04, 0.95]]
    examples = [
        Example(tokens=("the", "dog"), tags=(0, 1)),
        Example(tokens=("a", "cat"), tags=(0, 1)),
        Example(tokens=("x",)),
    ]
    fine, wrong, none = judged("tags", examples, [good, bad, [[0.3, 0.3, 0.4]]])
    assert fine["score"] == pytest.approx(0.8, abs=0.02)
    assert wrong["score"] == pytest.approx(0.04, abs=0.001)
    assert (fine["boundary"], fine["type"]) == (None, None)  # these tags are no entities
    assert wrong["why"] == "token 2 'cat': labelled maybe, the probe says yes with 0.95 (maybe: 0.04)"
    assert wrong["suggested_index"] == 1
    assert fine["why"] is None
    assert none["score"] is None


def test_span_is_judged_against_the_best_other_answer() -> None:
    context = "The old dog ran home."
    right = Example(question="Who?", context=context, answers=(Answer("old dog", 4),))
    shifted = Example(question="Who ran?", context=context, answers=(Answer("ran home", 12),))
    none = Example(question="When?", context=context, answers=())
    unlabelled = Example(question="Why?", context=context)
    p = np.full((7, 2), 0.02)
    p[2, 0] = p[3, 1] = 0.88
    quiet = np.full((7, 2), 0.02)
    quiet[0] = 0.88
    good, bad, empty, skipped = judged("span", [right, shifted, none, unlabelled], [p, p, quiet, p])
    assert good["score"] > 0.9
    assert bad["score"] < 0.1
    assert bad["suggested_label"] == "'old dog'"
    assert bad["suggested_index"] == 4
    assert empty["score"] > 0.9
    assert empty["given_label"] == "(no answer)"
    assert skipped["score"] is None


@given(
    st.lists(
        st.tuples(st.one_of(st.none(), st.integers(0, 2)), st.lists(st.floats(0.01, 1), min_size=3, max_size=3)),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(METHODS),
)
def test_always_in_range_and_null_exactly_for_unlabelled(rows: Any, method: str) -> None:
    found = [np.array(weights) / np.sum(weights) for _, weights in rows]
    scored = judged("pair", pairs([label for label, _ in rows]), found, method)
    for (label, _), row in zip(rows, scored, strict=True):
        assert (row["score"] is None) == (label is None)
        assert row["score"] is None or 0 <= row["score"] <= 1


def test_types_do_not_depend_on_the_rows() -> None:
    """A column of nulls keeps its type, so that tables of different tasks can be put together."""
    examples = pairs([None])
    ids = records.make_ids("t", ["x"])
    table = records.table("pair", ids, ["en"], examples)
    probe = Probe(ids, np.zeros(1, np.int8), [np.full(3, 1 / 3, np.float32)], {"untrained": {}})
    task = Task(kind="pair", metric="accuracy", labels=LABELS)
    inputs = scorers.Inputs("t", task, table, 1, {"probe": lambda: probe})
    result = label_quality.score(inputs, label_quality.Params(method="self_confidence"))
    assert result.schema.field("suggested_label").type == pa.string()
    assert result.schema.field("issue").type == pa.bool_()


def test_copies_with_other_labels_vote_and_those_that_agree_do_not() -> None:
    same = {"text_a": "One premise", "text_b": "one  claim"}
    shouted = {"text_a": "ONE premise", "text_b": "one claim"}
    unsure = [1 / 3, 1 / 3, 1 / 3]
    split = [
        Example(**same, label=2), Example(**same, label=2), Example(**shouted, label=2), Example(**same, label=0),
        Example(text_a="x", text_b="y", label=0),
    ]  # fmt: skip
    *right, odd, alone = judged("pair", split, [unsure] * 5)
    assert alone["score"] == pytest.approx(1 / 3)
    assert all(row["score"] > 0.4 for row in right)
    assert odd["score"] < 0.05
    assert (odd["given_label"], odd["suggested_label"]) == ("no", "yes")
    assert odd["why"].endswith("by what its copies are labelled, too")
    agreeing = judged("pair", [Example(**same, label=2)] * 3, [unsure] * 3)
    assert [row["score"] for row in agreeing] == [pytest.approx(1 / 3)] * 3


def test_exchanged_texts_are_copies_in_a_symmetric_task_only() -> None:
    from curation.score.labels import copies

    examples = [Example(text_a="a", text_b="b", label=0), Example(text_a="b", text_b="a", label=1)]
    table = records.table("pair", ["1", "2"], ["en"] * 2, examples)
    assert copies.groups([0, 1], copies.content(table, symmetric=False)) == []
    assert copies.groups([0, 1], copies.content(table, symmetric=True)) == [[0, 1]]


@given(
    st.lists(st.integers(0, 2), min_size=2, max_size=6),
    st.lists(st.floats(0.05, 1), min_size=3, max_size=3),
    st.floats(0.4, 0.99),
)
def test_another_vote_for_a_label_never_lowers_it(labels: list[int], p: list[float], right: float) -> None:
    from curation.score.labels import copies

    row = np.array(p, np.float32) / np.float32(sum(p))
    before = copies.after_votes(labels, [row] * len(labels), range(len(labels)), right)[0]
    more = [*labels, labels[0]]
    after = copies.after_votes(more, [row] * len(more), range(len(more)), right)[0]
    assert after[labels[0]] >= before[labels[0]] - 1e-12
    assert after.sum() == pytest.approx(1)


def whole(kind: Kind, examples: list[Example], found: list[Any]) -> pa.Table:
    """The result for rows in five folds, whole groups each."""
    ids = [f"{i:04}" for i in range(len(examples))]
    table = records.table(kind, ids, ["en"] * len(ids), examples)
    fold = np.array([int(example.group or 0) % 5 for example in examples], np.int8)
    probe = Probe(ids, fold, [np.array(p, np.float32) for p in found], {"untrained": {}})
    inputs = scorers.Inputs("t", Task(kind=kind, metric="accuracy", labels=LABELS), table, 1, {"probe": lambda: probe})
    return label_quality.score(inputs, label_quality.Params(method=METHODS[0]))


def test_a_label_that_another_row_of_its_group_has_is_doubted_where_groups_have_each_label_once() -> None:
    rng = np.random.default_rng(1)
    labels = [0, 1, 2] * 100
    labels[1] = 0  # the second row of the first group, which is a 1
    examples = [Example(text_a=f"a{i // 3}", text_b=f"b{i}", label=y, group=str(i // 3)) for i, y in enumerate(labels)]
    found = np.stack([rng.dirichlet(np.where(np.arange(3) == i % 3, 6, 2)) for i in range(300)])  # often right
    found[[0, 1]] = [[0.8, 0.1, 0.1], [0.35, 0.4, 0.25]]
    result = whole("pair", examples, found.tolist())
    first, second, third = result.slice(0, 3).to_pylist()
    assert second["score"] < 0.2 < 0.5 < first["score"]
    assert second["suggested_label"] == "maybe"
    assert second["group_labels"] == "no, yes"
    assert second["why"].startswith("labelled no, the probe and the rest of its group say maybe with 0.")
    assert second["why"].endswith("; the rest is labelled no, yes")
    assert first["suggested_label"] is None  # one of the two is wrong, not both
    assert third["score"] > found[2][2]
    (fact,) = facts.of(result.schema)
    assert fact.startswith("Two rows of a group (one premise, say) have the same label 0.0")


def test_a_choice_that_is_right_in_another_row_with_the_same_choices_is_doubted() -> None:
    rng = np.random.default_rng(1)
    examples = []
    for three in range(100):
        for at in range(3):
            choices = (*(f"{three} {one}" for one in ("cup", "box", "bag")), f"only {three} {at}")
            prompt = f"{rng.integers(10**12)} {rng.integers(10**12)}"
            examples.append(Example(prompt=prompt, choices=choices, label=at, group=str(three)))
    examples[1] = replace(examples[1], label=0)
    found = rng.dirichlet([2, 2, 2, 2], 300)
    found[[0, 1]] = [[0.5, 0.2, 0.2, 0.1], [0.35, 0.35, 0.2, 0.1]]
    result = whole("choice", examples, found.tolist())
    second = result.slice(1, 1).to_pylist()[0]
    assert second["score"] < 0.3
    assert second["suggested_label"] == "choice 2 ('0 box')"
    assert "the probe and rows with the same choices say choice 2 ('0 box') with 0." in second["why"]
    assert second["why"].endswith("; '0 cup' is right in another row")
    (fact,) = facts.of(result.schema)
    assert fact.startswith("Where rows share choices")


def test_groups_whose_labels_do_not_depend_on_each_other_change_nothing() -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(3, size=300).tolist()
    examples = [Example(text_a=f"a{i // 3}", text_b=f"b{i}", label=y, group=str(i // 3)) for i, y in enumerate(labels)]
    found = rng.dirichlet([2, 2, 2], 300)
    result = whole("pair", examples, found.tolist())
    assert result["score"].to_pylist() == pytest.approx([p[y] for p, y in zip(found, labels, strict=True)], abs=1e-6)
    assert facts.of(result.schema) == []
