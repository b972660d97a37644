"""``curation new-task``: every mistake it explains, and what it asks on a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from curation import cli
from curation.cli.drafting import interview
from curation.core import registry

MISTAKES = [
    (
        ["--from", "a.jsonl"],
        "no dev split, which training needs. To look for wrong rows only, hold out 0. Say it: --dev FILE",
    ),
    (
        ["--from", "no.csv"],
        "--from: there is no file no.csv. Allowed: .csv, .tsv, .jsonl, .json, .parquet, a folder, or a hub id",
    ),
    (["--from", "a.txt"], "a.txt: unknown suffix '.txt'"),
    (["--from", "tasks"], "tasks is no folder saved by datasets.save_to_disk"),
    (["--from", "a.jsonl", "--kind", "pairs"], "--kind: unknown kind 'pairs'. Did you mean 'pair'?"),
    (["--from", "a.jsonl", "--map", "text_a=premisse"], "unknown column 'premisse'. Did you mean 'premise'?"),
    (["--from", "a.jsonl", "--map", "text_c=premise"], "--map: unknown field 'text_c'. Did you mean 'text_b'?"),
    (["--from", "a.jsonl", "--map", "premise"], "write FIELD=COLUMN, such as --map text_a=id"),
    (["--from", "a.jsonl", "--kind", "pair", "--map", "label=id,label"], "--map label: one column, not 2"),
    (["--from", "a.jsonl", "--kind", "tags"], "which column is tokens of a tags task? There are: id, premise"),
    (
        ["--from", "odd.jsonl"],
        "do not tell the kind of task: classify, pair, choice, span, tags, text. Say it: --kind pair",
    ),
    (["--from", "a.jsonl", "--dev", "no.jsonl"], "--dev: there is no file no.jsonl"),
    (["--from", "a.jsonl", "--dev", "odd.jsonl"], "dev: odd.jsonl: unknown column 'premise'"),
    (["--from", "a.jsonl", "--hold-out", "1.5"], "--hold-out 1.5: a share between 0 and 1"),
    (["--from", "a.jsonl", "--hold-out", "0.1", "--dev", "a.jsonl"], "--dev and --hold-out both make the dev split"),
    (["--from", "a.jsonl", "--hold-out", "0.1", "--metric", "acuracy"], "Did you mean 'accuracy'"),
    (["--from", "a.jsonl", "--hold-out", "0.1", "--test", "t.{lang}.csv"], "there is no such file for any language"),
    (["--from", "empty.jsonl"], "empty.jsonl has no rows"),
    (["--from", "score.jsonl", "--hold-out", "0.1"], "different values, such as 0.5, 1.5, 10.5: no classes"),
    (["--from", "one.jsonl", "--hold-out", "0.1"], "column 'label' holds one label only: yes. A task needs two"),
    (["--from", "bad.jsonl", "--hold-out", "0.1"], "none of 5 rows is usable: 5 premise is empty"),
    (["--from", "same.jsonl", "--hold-out", "0.1"], "all rows belong together, so none can be held out"),
    (["--from", "flat.jsonl", "--dev", "flat.jsonl"], "is one text, not a list of choices"),
    (["--from", "org/own", "--kind", "pair"], "Config and split are named by --config and --split"),
]


@pytest.mark.parametrize(("args", "said"), MISTAKES)
def test_mistakes_are_explained_and_leave_nothing(project, args, said):
    rows = project.pairs(10)
    project.jsonl("a.jsonl", rows)
    project.jsonl("odd.jsonl", [{"x": "1", "label": "2"}])
    project.jsonl("empty.jsonl", [])
    project.jsonl("score.jsonl", [{**row, "label": n + 0.5} for n, row in enumerate(rows * 2)])
    project.jsonl("one.jsonl", [{**row, "label": "yes"} for row in rows])
    project.jsonl("bad.jsonl", [{**row, "premise": " "} for row in rows])
    project.jsonl("same.jsonl", [{**row, "premise": "one"} for row in rows])
    project.jsonl(
        "flat.jsonl", [{"question": f"Where is {n}?", "options": "in, at, by", "answer": n % 3} for n in range(10)]
    )
    Path("a.txt").write_text("x", encoding="utf-8")
    more = ["--kind", "choice", "--map", "choices=options"] if "flat.jsonl" in args else []
    more += ["--map", "group=label"] if "bad.jsonl" in args else []
    assert said in project.refused("own", *args, *more)
    assert list(Path("tasks").iterdir()) == []
    assert registry.names("tasks") == sorted({*registry.names("tasks")} - {"own"})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("my-task", "'my-task' is no name for a task: small letters, digits and _, a letter first. Try my_task."),
        ("2nd", "Try my_2nd."),
        ("class", "Try my_class."),
        ("../x", "Try x."),
        ("_own", "Try own."),
        ("snli", "there is a task snli already; it comes with Cairn. Choose another name, such as my_snli."),
        ("taken", "there is a task taken already; it is tasks/taken.py."),
        ("filled", "tasks/filled/train.jsonl exists already."),
    ],
)
def test_names_that_cannot_be(project, name, said):
    Path("tasks/taken.py").write_text("TASK = 1\n", encoding="utf-8")
    Path("tasks/filled").mkdir()
    project.jsonl("tasks/filled/train.jsonl", [project.pair(0)])
    assert said in project.refused(name, "--from", project.jsonl("a.jsonl", project.pairs(10)), "--hold-out", "0.2")
    assert Path("tasks/taken.py").read_text(encoding="utf-8") == "TASK = 1\n"
    assert not Path("tasks/filled.py").exists()


def test_without_a_task_folder(project):
    project.change(task_folder=None)
    assert "task_folder is None. Name the folder of your tasks" in project.refused("own", "--from", "a.jsonl")


def test_on_a_terminal_it_asks_until_the_answer_fits(project, monkeypatch):
    monkeypatch.setattr(interview, "terminal", lambda: True)
    rows = [{"left": f"One {n}", "right": f"Two {n}", "label": "xy"[n % 2]} for n in range(20)]
    project.jsonl("a.jsonl", rows)
    answers = "pairs\npair\nleft\nrihgt\nright\n0.2\n"
    done = CliRunner().invoke(cli.group, ["new-task", "own", "--from", "a.jsonl"], input=answers)
    assert done.exit_code == 0, done.output
    assert "Did you mean 'pair'" in done.stderr
    assert "Did you mean 'right'" in done.stderr
    assert "Kind" not in done.stdout
    found = project.fetched("own")
    assert (len(found["train"]), len(found["dev"])) == (16, 4)
    assert found["dev"][0]["text_a"].startswith("One")
