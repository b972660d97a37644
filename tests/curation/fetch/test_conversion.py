"""Ids and samples do not depend on the order of the rows; the same keys are chosen in every language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import CairnError
from curation.core.task import Answer, Example, Reject, Source, Task
from curation.fetch import conversion
from curation.fetch.conversion import Item
from curation.fetch.sources import Loaded
from curation.rows import columns

TASK = Task(kind="pair", metric="accuracy", labels=("a", "b", "c"))
ROWS = st.lists(
    st.tuples(st.sampled_from(["x", "y", "zz"]), st.sampled_from(["p", "q"]), st.integers(0, 2)),
    min_size=1,
    max_size=12,
)


def items(rows, keys=None):
    return [
        Item("en", Example(text_a=a, text_b=b, label=label, key=str(key)))
        for (a, b, label), key in zip(rows, keys or range(len(rows)), strict=True)
    ]


@given(ROWS, st.randoms())
def test_ids_name_the_same_rows_after_shuffling(rows, random):
    keyed = list(zip(rows, [f"k{n}" for n in range(len(rows))], strict=True))
    shuffled = random.sample(keyed, len(keyed))
    named = []
    for some in (keyed, shuffled):
        content, keys = zip(*some, strict=True)
        named.append(sorted(zip(conversion.ids("t", TASK, items(content, keys)), some, strict=True)))
    assert named[0] == named[1]
    assert len({id_ for id_, _ in named[0]}) == len(rows)


@given(ROWS, st.data())
def test_a_corrected_label_changes_no_id_not_even_of_a_copy(rows, data):
    other = [(a, b, data.draw(st.integers(0, 2))) for a, b, _ in rows]
    assert conversion.ids("t", TASK, items(rows)) == conversion.ids("t", TASK, items(other))


def test_copies_are_numbered_in_the_order_of_their_row_numbers():
    found = conversion.ids("t", TASK, items([("x", "p", 0)] * 3, ["10", "9", "100"]))
    assert [id_.partition("~")[2] for id_ in found] == ["2", "", "3"]


@given(st.sets(st.integers(0, 500), min_size=1, max_size=60), st.integers(1, 60), st.integers(0, 5), st.randoms())
def test_samples_are_nested_exact_and_independent_of_order(keys, cap, seed, random):
    def chosen(order, size):
        some = items([("x", "y", 0)] * len(order), order)
        return {some[n].example.key for n in conversion.sample(some, size, seed)}

    order = sorted(keys)
    assert len(chosen(order, cap)) == min(cap, len(keys))
    assert chosen(order, cap) == chosen(random.sample(order, len(order)), cap)
    assert chosen(order, cap) <= chosen(order, cap + 1)
    assert chosen(order, None) == {str(key) for key in keys}


@given(st.sets(st.integers(0, 500), min_size=1, max_size=60), st.integers(1, 60), st.integers(0, 5), st.randoms())
def test_samples_of_whole_groups_are_nested_exact_and_break_one_group_at_most(keys, cap, seed, random):
    def chosen(order, size):
        some = [
            replace(item, example=replace(item.example, group=f"g{key // 5}"))
            for item, key in zip(items([("x", "y", 0)] * len(order), order), order, strict=True)
        ]
        return {int(some[n].example.key) for n in conversion.sample(some, size, seed, whole=True)}

    order = sorted(keys)
    found = chosen(order, cap)
    assert len(found) == min(cap, len(keys))
    assert found == chosen(random.sample(order, len(order)), cap)
    assert found <= chosen(order, cap + 1)
    broken = {key // 5 for key in found} & {key // 5 for key in keys - found}
    assert len(broken) <= 1


def test_samples_are_not_the_first_rows_and_differ_by_seed():
    some = items([("x", "y", 0)] * 1000)
    first, second = (set(conversion.sample(some, 100, seed)) for seed in (1, 2))
    assert len(first & set(range(100))) < 30
    assert len(first & second) < 30


def test_parallel_rows_take_the_id_of_their_key():
    rows = items([("x", "p", 0), ("y", "q", 1)], ["k1", "k2"])
    german = items([("Y", "Q", 1), ("X", "P", 0), ("Z", "R", 0)], ["k2", "k1", "k3"])
    pivot = dict(zip(["k1", "k2"], conversion.ids("t", TASK, rows), strict=True))
    found = conversion.ids("t", TASK, german, pivot)
    assert found[:2] == [pivot["k2"], pivot["k1"]]
    assert found[2].startswith("t-")


def convert(rows, to_example, task=TASK):
    loaded = Loaded(list(rows), [str(n) for n in range(len(rows))], "file", None, place="here.jsonl")
    return conversion.convert(loaded, Source("file:here.jsonl"), task, to_example, "en", need_label=False)


def test_a_task_file_that_fails_is_named_with_the_row():
    with pytest.raises(
        CairnError, match=r"here.jsonl: to_example of the task file failed on row 2 of the file: ZeroDivisionError"
    ):
        convert([{"n": 1}, {"n": 0}], lambda row: Example(text_a="a", text_b="b", label=int(1 / row["n"])))


def test_a_task_file_that_returns_something_else_is_refused():
    with pytest.raises(CairnError, match="returned dict for row 1 of the file, not an Example"):
        convert([{"n": 1}], dict)


@pytest.mark.parametrize(("served_by", "shown"), [("file", "First: row 3 of the file,"), ("mirror", "First: row 2,")])
def test_the_first_bad_row_of_a_file_is_counted_from_1(served_by, shown):
    rows = [{"b": "y"}, {"b": "y"}, {"b": " "}]
    loaded = Loaded(rows, ["0", "1", "2"], served_by, None, place="here")
    found = conversion.convert(
        loaded, Source("file:x.csv"), TASK, lambda row: Example(text_a="a", text_b=row["b"]), "en", need_label=False
    )
    with pytest.raises(CairnError, match=shown):
        conversion.check_share(found, 0.1, "here")


@pytest.mark.parametrize(
    ("kind", "example", "reason"),
    [
        ("pair", Example(text_a="a", text_b=" "), "text_b is empty"),
        ("pair", Example(text_a="a", text_b="b", label="a"), "label is not a number"),
        ("choice", Example(prompt="p", choices=("a",)), "fewer than two choices"),
        ("choice", Example(prompt="p", choices=("a", "")), "a choice is empty"),
        ("choice", Example(prompt="p", choices="xy"), "choices is one text, not a sequence of texts"),
        ("tags", Example(tokens="xy", tags=(0, 1)), "tokens is one text, not a sequence of texts"),
        ("choice", Example(prompt="p", choices=("a", "b"), label=2), "label out of range"),
        ("tags", Example(tokens=(), tags=()), "no tokens"),
        ("tags", Example(tokens=("a", " "), tags=(0, 0)), "a token is empty"),
        ("tags", Example(tokens=("a",), tags=(0, 1)), "not one tag per token"),
        ("tags", Example(tokens=("a",), tags=(3,)), "tag out of range"),
        ("span", Example(question="q", context="c d", answers=(Answer("d", 1),)), "answer text is not at its offset"),
        ("bitext", Example(text="a", pool="de", side="left"), "side is none of source, target, query, candidate"),
        ("text", Example(text=""), "text is empty"),
        ("text", Example(text="broken \ud800"), "invalid UTF-8"),
    ],
)
def test_rows_that_are_not_whole(kind, example, reason):
    task = Task(kind=kind, metric="accuracy", labels=("a", "b", "c"))
    found = convert([{}], lambda row: example, task)
    assert [drop.reason for drop in found.drops] == [reason]
    assert not found.items


@pytest.mark.parametrize("value", [3, -2, "d", "7", 1.5, True, [0]])
def test_labels_out_of_range(value):
    with pytest.raises(Reject, match="label out of range"):
        columns.label({"label": value}, "label", ("a", "b", "c"))


@pytest.mark.parametrize(
    ("value", "labels", "expected"),
    [
        (1.0, ("a", "b"), 1),
        (0.0, ("a", "b"), 0),
        ("1.0", ("a", "b"), 1),
        (float("nan"), ("a", "b"), None),
        (-1.0, ("a", "b"), None),
        ("-1", ("-1", "1"), 0),
        (-1, ("-1", "1"), 0),
        (1, ("-1", "1"), 1),
        ("1", ("-1", "1"), 1),
        ("", ("", "b"), 0),
        (3, ("1", "2", "3"), 2),
    ],
)
def test_labels_as_files_write_them(value, labels, expected):
    assert columns.label({"label": value}, "label", labels) == expected


def test_no_answers_is_unanswerable_and_null_is_unlabelled():
    assert columns.answers({"answers": {"text": [], "answer_start": []}}) == ()
    assert columns.answers({"answers": []}) == ()
    assert columns.answers({"answers": None}) is None


def test_tags_are_all_there_or_none():
    assert columns.tags({"t": [1, "a"]}, "t", ("a", "b")) == (1, 0)
    assert columns.tags({"t": [-1, -1]}, "t", ("a", "b")) is None
    with pytest.raises(Reject, match="only partly labelled"):
        columns.tags({"t": [1, -1]}, "t", ("a", "b"))
