"""``curation new-task``: extractive questions: the shapes of answers, and questions without one."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from curation import cli
from curation.cli.drafting import interview

CONTEXT = "The tower of {:02} was built in 1889."
START = CONTEXT.format(0).index("1889")
N = 12


def span(n, **more):
    return {"question": f"When, {n}?", "context": CONTEXT.format(n), **more}


def both(project, rows):
    """Write rows; return the arguments that take them as train and dev."""
    return ["--from", project.jsonl("rows.jsonl", rows), "--dev", "rows.jsonl"]


SHAPES = {
    "texts": {"answers": ["1889", "1889"]},
    "one text": {"answers": "1889"},
    "scalars": {"answers": {"text": "1889", "answer_start": START}},
    "whole floats": {"answers": {"text": ["1889"], "answer_start": [float(START)]}},
    "structs": {"answers": [{"text": "1889", "answer_start": START}]},
    "offset": {"answer": "1889", "answer_start": float(START)},
    "offset as text": {"answer": "1889", "answer_start": f"{START}.0"},
    "lists beside": {"answer": ["1889"], "answer_start": [START]},
    "JSON": {"answers": f'{{"text": ["1889"], "answer_start": [{START}]}}'},
    "Python": {"answers": f"{{'text': ['1889'], 'answer_start': [{START}]}}"},
    "texts as Python": {"answers": "['1889']"},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_answers_in_every_shape(project, shape):
    project.run("own", *both(project, [span(n, **SHAPES[shape]) for n in range(N)]))
    found = project.fetched("own")["train"]
    assert [row["answers"] for row in found] == [[{"text": "1889", "start": START}]] * N
    assert project.task("own").metric == "squad"
    project.tidy("own")


def test_an_answer_without_an_offset_is_looked_for(project):
    rows = [span(n, answer="1889") for n in range(40)]
    rows[1] |= {"context": "1889 and 1889."}
    rows[2] |= {"answer": "1890"}
    said = project.run("own", "--from", project.jsonl("a.jsonl", rows), "--dev", project.jsonl("b.jsonl", rows[3:]))
    assert "1 answer not in context; 1 answer occurs twice" in said
    assert project.fetched("own")["train"][0]["answers"] == [{"text": "1889", "start": START}]
    project.tidy("own")


@pytest.mark.parametrize("there", ["caf\u00e9", "cafe\u0301"])
def test_an_answer_is_found_whether_its_accents_are_composed_or_not(project, there):
    rows = [{"question": f"What, {n}?", "context": f"A {there}, {n}.", "answer": "caf\u00e9"} for n in range(N)]
    for row in rows[::2]:
        row["answer"] = "cafe\u0301"
    project.run("own", *both(project, rows))
    assert [row["answers"] for row in project.fetched("own")["train"]] == [[{"text": there, "start": 2}]] * N


@pytest.mark.parametrize("beside", [{}, {"answer_start": START}])
def test_an_empty_answer_is_rejected_unless_it_means_that_there_is_none(project, monkeypatch, beside):
    rows = [span(n, **(beside | {"answer": "1889"})) for n in range(N)]
    rows[4] |= {"answer": ""} | dict.fromkeys(beside, "")
    args = ["--from", project.csv("a.csv", rows), "--dev", "a.csv"]
    said = project.run("own", *args, code=1)
    assert "train 12 12 11 1 answer is empty" in said
    assert "column 'answer' is empty in 2 of 24 rows. They were rejected; if a question without an answer" in said
    assert "is meant: --unanswerable" in said
    assert project.task("own").metric == "squad"
    project.run("two", *args, "--unanswerable")
    assert project.task("two").metric == "squad_v2"
    assert project.fetched("two")["train"][4]["answers"] == []
    project.tidy("own", "two")
    monkeypatch.setattr(interview, "terminal", lambda: True)
    done = CliRunner().invoke(cli.group, ["new-task", "asked", *args], input="unanswerable\n")
    assert done.exit_code == 0, done.output
    assert project.task("asked").metric == "squad_v2"


@pytest.mark.parametrize("shape", ["JSON", "Python", "texts as Python"])
def test_an_empty_cell_among_lists_as_text(project, shape):
    rows = [span(n, **SHAPES[shape]) for n in range(N)]
    rows[4]["answers"] = ""
    args = ["--from", project.csv("a.csv", rows), "--dev", "a.csv"]
    assert "train 12 12 11 1 answers is empty" in project.run("own", *args, code=1)
    project.run("two", *args, "--unanswerable")
    assert project.task("two").metric == "squad_v2"
    assert [len(row["answers"]) for row in project.fetched("two")["train"]] == [1, 1, 1, 1, 0, *[1] * 7]


def test_a_flag_for_empty_answers_that_are_not_there(project):
    said = project.refused("own", *both(project, [span(n, answer="1889") for n in range(N)]), "--unanswerable")
    assert "--unanswerable: column 'answer' has no empty cell. Leave the flag out." in said


@pytest.mark.parametrize("none", [{"text": [], "answer_start": []}, []])
def test_empty_lists_are_questions_without_an_answer(project, none):
    given = {"text": ["1889"], "answer_start": [START]} if isinstance(none, dict) else ["1889"]
    rows = [span(n, answers=none if n == 3 else given) for n in range(N)]
    project.run("own", *both(project, rows))
    assert project.task("own").metric == "squad_v2"
    assert [len(row["answers"]) for row in project.fetched("own")["train"]] == [1, 1, 1, 0, *[1] * 8]


def test_hidden_answers_of_a_test_split_do_not_change_the_metric(project):
    rows = [span(n, answers={"text": ["1889"], "answer_start": [START]}) for n in range(N)]
    hidden = project.jsonl("t.jsonl", [{**row, "answers": {"text": [], "answer_start": []}} for row in rows])
    project.run("own", *both(project, rows), "--test", hidden)
    assert project.task("own").metric == "squad"
