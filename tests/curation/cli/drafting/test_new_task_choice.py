"""``curation new-task``: multiple choice: what the label says, what comes before the question, how many choices."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from curation import cli
from curation.cli.drafting import answer_key, interview
from curation.core.task import Reject
from curation.rows import options

N = 12
FOUND = {"choices": ("options",), "label": ("answer",)}


def choice(n, **more):
    return {"question": f"Where is {n}?", "options": [f"in {n}", f"at {n}", f"by {n}"], **more}


def both(project, rows):
    """Write rows; return the arguments that take them as train and dev."""
    return ["--from", project.jsonl("rows.jsonl", rows), "--dev", "rows.jsonl"]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda n: n % 3, "zero"),
        (lambda n: str(n % 3), "zero"),
        (lambda n: n % 3 + 1, "one"),
        (lambda n: "ABC"[n % 3], "letter"),
        (lambda n: "abc"[n % 3], "letter"),
        (lambda n: ("in", "at", "by")[n % 3] + f" {n}", "text"),
        (lambda n: ("in", "at", "by")[n % 3] + f" {n} ", "text"),
    ],
)
def test_the_right_choice_in_every_way_of_saying_it(project, answer, says):
    rows = [choice(n, answer=answer(n)) for n in range(N)]
    assert answer_key.key(rows, FOUND, "list", None) == (says, [])
    project.run("own", *both(project, rows))
    assert [row["label"] for row in project.fetched("own")["train"]] == [n % 3 for n in range(N)]
    project.tidy("own")


def test_a_choice_is_found_whether_its_accents_are_composed_or_not(project):
    rows = [choice(n, options=["caf\u00e9", "th\u00e9", "eau"], answer=("cafe\u0301", "eau")[n % 2]) for n in range(N)]
    project.run("own", *both(project, rows), "--label-says", "text")
    assert [row["label"] for row in project.fetched("own")["train"]] == [2 * (n % 2) for n in range(N)]


def test_answers_that_are_numbers_as_text_and_no_index(project):
    rows = [{"question": f"{n} + {n}?", "choices": [str(2 * n), str(2 * n + 7), "9"], "answer": str(2 * n)}
            for n in range(20, 20 + N)]  # fmt: skip
    project.run("own", *both(project, rows))
    assert {row["label"] for row in project.fetched("own")["train"]} == {0}
    assert '"text")' in project.code("own")


def test_answers_that_are_both_index_and_text_have_to_be_told_apart(project, monkeypatch):
    rows = [{"question": f"How many, {n}?", "choices": ["1", "2", "0", "3"], "answer": "1230"[n % 4]} for n in range(N)]
    args = both(project, rows)
    said = project.refused("own", *args)
    assert (
        "column 'answer' can be read as a number from 0 or as the text of a choice, which differs in 18 of 24 rows"
        in said
    )
    assert "Say it: --label-says zero or text" in said
    project.run("own", *args, "--label-says", "text")
    assert [row["label"] for row in project.fetched("own")["train"]][:4] == [0, 1, 3, 2]
    project.run("number", *args, "--label-says", "zero")
    assert [row["label"] for row in project.fetched("number")["train"]][:4] == [1, 2, 3, 0]
    monkeypatch.setattr(interview, "terminal", lambda: True)
    done = CliRunner().invoke(cli.group, ["new-task", "asked", *args], input="one\ntext\n")
    assert done.exit_code == 0, done.output
    assert project.fetched("asked")["train"][0]["label"] == 0
    assert "unknown reading 'index'" in project.refused("odd", *args, "--label-says", "index")


def test_numbers_that_never_say_0_are_pointed_out(project):
    said = project.run("own", *both(project, [choice(n, answer=1 + n % 2) for n in range(N)]))
    assert "no answer is 0; numbers were taken to count from 0. If they count from 1: --label-says one" in said
    project.run("one", *both(project, [choice(n, answer=1 + n % 2) for n in range(N)]), "--label-says", "one")
    assert [row["label"] for row in project.fetched("one")["train"]] == [n % 2 for n in range(N)]


def test_a_label_that_says_nothing_of_the_choices(project):
    said = project.refused("own", *both(project, [choice(n, answer=f"x{n}") for n in range(N)]))
    assert "column 'answer' does not say which choice is right" in said
    assert "but 'x0'. Name another one: --map label=COLUMN" in said


@pytest.mark.parametrize("column", ["premise", "context", "situation", "passage"])
def test_what_the_question_is_about_comes_before_it(project, column):
    rows = [{**choice(n, answer=n % 3), column: f"Story {n // 2}.", "changed": False} for n in range(N)]
    said = project.run("own", *both(project, rows))
    assert f"prompt {column} question" in said
    assert "not used changed" in said
    found = project.fetched("own")["train"]
    assert found[2]["prompt"] == "Story 1. Where is 2?"
    assert found[2]["group"] == found[3]["group"] == "Story 1."


def test_cause_or_effect(project):
    rows = [{"premise": f"It rained, {n}.", "choice1": f"wet {n}", "choice2": f"dry {n}", "label": n % 2,
             "question": ("cause", "effect")[n % 2], "idx": n % 5, "changed": False} for n in range(N)]  # fmt: skip
    said = project.run("own", *both(project, rows))
    assert "prompt premise question" in said
    assert "not used idx, changed" in said
    found = project.fetched("own")["train"]
    assert [row["prompt"] for row in found[:2]] == [
        "It rained, 0. What was the cause?",
        "It rained, 1. What was the effect?",
    ]
    assert found[0]["group"] == "It rained, 0."
    project.tidy("own")


def test_questions_with_fewer_choices_than_there_are_columns(project):
    rows = [{"question": f"Q {n}?", "A": f"a {n}", "B": f"b {n}", "C": "" if n < 4 else f"c {n}", "D": "",
             "answer": "AB"[n % 2]} for n in range(40)]  # fmt: skip
    rows[5] |= {"answer": "C"}
    rows[6] |= {"B": " "}
    rows[7] |= {"B": "", "C": "", "answer": "A"}
    rows[8] |= {"answer": "D"}
    args = ["--from", project.csv("a.csv", rows), "--dev", project.csv("b.csv", rows[9:]), "--map", "choices=A,B,C,D"]
    said = project.run("own", *args, code=1)
    assert "40 40 37 1 a choice is empty; 1 answer is none of the choices; 1 fewer than two choices" in said
    project.run("own2", *args[:1], "b.csv", *args[2:])
    assert project.fetched("own2")["train"][0]["choices"] == ["a 9", "b 9", "c 9"]
    assert options.filled(["a", "b", "", None, float("nan")]) == ("a", "b")
    with pytest.raises(Reject, match="answer is none of the choices"):
        options.right({"answer": "C"}, "answer", ("a", "b"), "letter")


def test_choices_with_names_of_their_own(project):
    rows = [{"question": f"Where is {n}?", "answerKey": ("1234" if n % 5 == 0 else "ABCD")[n % 4],
             "choices": {"text": [f"{word} {n}" for word in ("in", "at", "by", "on")],
                         "label": list("1234" if n % 5 == 0 else "ABCD")}} for n in range(N)]  # fmt: skip
    project.run("own", *both(project, rows))
    assert [row["label"] for row in project.fetched("own")["train"]] == [n % 4 for n in range(N)]
    project.tidy("own")


def test_choices_as_numbers_and_as_text_of_lists(project):
    rows = [{"question": f"{n} + 1?", "options": str([f"{n}!", f"it's {n + 1}"]), "answer": f"it's {n + 1}"}
            for n in range(N)]  # fmt: skip
    project.run("own", "--from", project.csv("a.csv", rows), "--dev", "a.csv")
    assert project.fetched("own")["train"][3]["choices"] == ["3!", "it's 4"]
    numbers = [{"question": f"{n}?", "options": [n + 20, n + 30], "answer": n + 30} for n in range(N)]
    project.run("two", *both(project, numbers))
    assert project.fetched("two")["train"][0]["choices"] == ["20", "30"]
    assert json.loads(project.run("three", *both(project, numbers), "--json"))["not_used"] == []
