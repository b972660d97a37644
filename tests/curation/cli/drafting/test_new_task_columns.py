"""``curation new-task``: columns that are parts of structs, bear a dot in their name, or hold lists as text."""

from __future__ import annotations

import json

import pytest

from curation.core.task import Reject
from curation.rows import cells

N = 12
CONTEXT = "The tower was built in 1889."
ROWS = {
    "pair": lambda n: {"text_a": f"One {n}", "text_b": f"Two {n}", "label": "xy"[n % 2]},
    "choice": lambda n: {"prompt": f"Where, {n}?", "choices": ["in", "at"], "label": n % 2},
    "span": lambda n: {"question": f"When, {n}?", "context": CONTEXT, "answers": "1889"},
    "tags": lambda n: {"tokens": ["Ann", f"runs{n}"], "tags": ["B-PER", "O"]},
    "text": lambda n: {"text": f"Words {n}."},
}


@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize("kind", ROWS)
def test_every_field_may_be_a_part_of_a_struct_or_have_a_dot_in_its_name(project, kind, dotted):
    rows = [{**ROWS[kind](n), "key": f"k{n}", "group": n // 2} for n in range(N)]
    names = [f"--map={name}=d.{name}" for name in rows[0]]
    stored = [{f"d.{name}": value for name, value in row.items()} if dotted else {"d": row} for row in rows]
    project.run(
        "plain", "--kind", kind, "--from", project.jsonl("a.jsonl", rows), "--dev", "a.jsonl", "--map=group=group"
    )
    project.run("own", "--kind", kind, "--from", project.jsonl("b.jsonl", stored), "--dev", "b.jsonl", *names)
    expected = [{**row, "id": ""} for row in project.fetched("plain")["train"]]
    assert [{**row, "id": ""} for row in project.fetched("own")["train"]] == expected
    assert expected[3]["key"] == "k3"
    project.tidy("own")


def test_a_table_with_a_dot_in_a_name(project):
    rows = [{"doc.id": n // 2, **ROWS["pair"](n)} for n in range(N)]
    args = ["--from", project.csv("a.csv", rows), "--hold-out", "0.3", "--map", "group=doc.id"]
    project.run("own", *args)
    assert {row["group"] for row in project.fetched("own")["train"]} <= {str(n) for n in range(6)}


def test_a_part_that_no_row_has(project):
    rows = [{"data": {"premise": "One", "hypothesis": f"Two {n}"}, "label": "xy"[n % 2]} for n in range(N)]
    maps = ["--map", "text_a=data.premisse", "--map", "text_b=data.hypothesis"]
    said = project.refused("own", "--from", project.jsonl("a.jsonl", rows), "--dev", "a.jsonl", *maps)
    assert "--map text_a: unknown column 'data.premisse'. Did you mean 'data.premise'?" in said


def test_structs_and_lists_as_json(project):
    rows = [{"tokens": json.dumps(["Ann", f"runs{n}"]), "ner_tags": json.dumps(["B-PER", "O"])} for n in range(40)]
    rows[5]["tokens"] = '["Ann", "sees"'
    dev = project.jsonl("d.jsonl", [row for row in rows if row["tokens"].endswith("]")])
    said = project.run("own", "--kind", "tags", "--from", project.jsonl("c.jsonl", rows), "--dev", dev)
    assert "1 tokens is no JSON" in said
    assert project.fetched("own")["train"][0]["tokens"] == ["Ann", "runs0"]
    project.tidy("own")


def test_lists_in_a_table_as_pandas_writes_them(project):
    rows = [{"tokens": str(["Ann's", f"runs{n}"]), "ner_tags": str(["B-PER", "O"])} for n in range(N)]
    project.run("own", "--from", project.csv("a.csv", rows), "--dev", "a.csv")
    assert project.fetched("own")["train"][3]["tokens"] == ["Ann's", "runs3"]
    assert project.fetched("own")["train"][3]["tags"] == [1, 0]


def test_arrays_in_a_table_as_numpy_prints_them(project):
    rows = [{"tokens": f"['Ann' 'runs{n}']", "ner_tags": "['B-PER' 'O']"} for n in range(N)]
    said = project.refused("own", "--from", project.csv("a.csv", rows), "--dev", "a.csv")
    assert "column 'tokens' holds lists as text that cannot be read (tokens is a NumPy array as text" in said
    assert "Write each cell as JSON (json.dumps)" in said


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('["a", "b"]', ["a", "b"]),
        ("['a', \"b's\"]", ["a", "b's"]),
        ("('a', 'b')", ["a", "b"]),
        ("{'text': ['a b'], 'answer_start': [1]}", {"text": ["a b"], "answer_start": [1]}),
        ("['a' 'b']", "NumPy"),
        ("['a'\n 'b']", "NumPy"),
        ("[1 0 3]", "NumPy"),
        ("{'text': array(['a'], dtype=object)}", "NumPy"),
        ("[a, b c]", "no JSON"),
        ("__import__('os')", "no JSON"),
        ('"ab"', "no list"),
    ],
)
def test_what_a_cell_may_hold(cell, expected):
    if isinstance(expected, str):
        with pytest.raises(Reject, match=expected):
            cells.parsed({"x": cell}, "x")
    else:
        assert cells.parsed({"x": cell}, "x") == expected


def test_a_field_that_is_told_twice_is_refused(project):
    args = ["--from", project.jsonl("rows.jsonl", project.pairs(12)), "--hold-out", "0.3"]
    said = project.refused("own", *args, "--map", "text_a=premise", "--map", "text_a=hypothesis")
    assert "--map gives text_a twice" in said
