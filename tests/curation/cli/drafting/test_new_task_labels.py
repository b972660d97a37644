"""``curation new-task``: labels of pairs and tags: their names, their order, their spelling, and the metric."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from curation import cli, metrics
from curation.cli.drafting import interview, usual_metric
from curation.core.task import Reject
from curation.rows import columns


def labelled(project, *labels, rows=20, column="label"):
    """Write rows whose labels are these in turn; return the arguments that name them."""
    made = [{**project.pair(n), column: labels[n % len(labels)]} for n in range(rows)]
    for row in made if column != "label" else []:
        del row["label"]
    return ["--from", project.jsonl("rows.jsonl", made), "--hold-out", "0.3"]


def tagged(project, *tags, rows=12):
    """Write rows whose tags are these, a word each; return the arguments that name them."""
    made = [{"tokens": [f"word{n}{m}" for m in range(len(tags))], "ner_tags": list(tags)} for n in range(rows)]
    return ["--from", project.jsonl("rows.jsonl", made), "--hold-out", "0.3"]


def test_labels_by_number_and_by_name(project):
    rows = [{**project.pair(n), "label": n % 3 - (n == 7)} for n in range(30)]
    rows[7]["label"] = -1  # unlabelled, as data sets write it
    dev = project.jsonl("b.jsonl", [row for row in rows if row["label"] != -1])
    said = project.run("numbers", "--from", project.jsonl("a.jsonl", rows), "--dev", dev)
    assert "labels have their numbers for names" in said
    assert project.task("numbers").labels == ("0", "1", "2")
    project.run("names", "--from", "a.jsonl", "--dev", dev, "--labels", "yes, maybe, no")
    assert project.task("names").labels == ("yes", "maybe", "no")
    expected = [row["label"] for row in rows if row["label"] != -1]
    assert [row["label"] for row in project.fetched("names")["dev"]] == expected
    said = project.refused("few", "--from", "a.jsonl", "--dev", dev, "--labels", "yes,no")
    assert "--labels gives 2 names, for the numbers 0 to 1; column 'label' holds 0, 1, 2" in said
    said = project.refused("odd", *labelled(project, "no", "yes"), "--labels", "not,yes")
    assert "unknown label 'no'. Did you mean 'not'" in said


@pytest.mark.parametrize("names", ["false,true", "true,false", "same,different"])
def test_booleans(project, names):
    args = labelled(project, False, True, column="is_duplicate")
    project.run("truth", *args, *([] if names == "false,true" else ["--labels", names]))
    task = project.task("truth")
    assert (",".join(task.labels), task.metric) == (names, "f1")
    turned = names == "true,false"
    for rows in project.fetched("truth").values():
        assert all(row["label"] == (int(row["key"][1:]) + turned) % 2 for row in rows)


def test_labels_that_differ_in_capitals_are_not_two_classes_unasked(project):
    args = labelled(project, "entailment", "Entailment", "neutral", "entailment")
    said = project.refused("own", *args)
    assert "column 'label' holds 'Entailment' (5 times) and 'entailment' (10 times)" in said
    assert "Write them alike in the file; if they are classes of their own, name all labels" in said
    project.run("own", *args, "--labels", "entailment,Entailment,neutral")
    assert project.task("own").labels == ("entailment", "Entailment", "neutral")


def test_blanks_around_labels_and_blank_labels(project):
    rows = [
        {**row, "label": ("entailment ", "entailment", " neutral")[n % 3]} for n, row in enumerate(project.pairs(60))
    ]
    rows[0]["label"] = "  "
    said = project.run("own", "--from", project.jsonl("a.jsonl", rows), "--dev", "a.jsonl")
    assert project.task("own").labels == ("entailment", "neutral")
    assert "train 60 60 59 1 unlabelled" in said
    found = project.fetched("own")["dev"]
    assert [row["label"] for row in found] == [None] + [int(n % 3 == 2) for n in range(1, 60)]


def test_what_cannot_be_seen_in_a_label_makes_no_other_class(project):
    """Accents composed or not, zero-width spaces and marks of direction around a label; letters of full width."""
    spelt = ("caf\u00e9", "cafe\u0301", "\u200bcaf\u00e9", "the", "the\u200e", "\ufeffthe\u00a0")
    rows = [{**row, "label": spelt[n % 6]} for n, row in enumerate(project.pairs(60))]
    for name, more in (("own", ()), ("named", ("--labels", "the,cafe\u0301"))):
        project.run(name, "--from", project.jsonl("a.jsonl", rows), "--dev", "a.jsonl", *more)
        labels = project.task(name).labels
        assert set(labels) == {"caf\u00e9", "the"}
        found = [labels[row["label"]] for row in project.fetched(name)["dev"]]
        assert found == ["caf\u00e9" if n % 6 < 3 else "the" for n in range(60)]
    said = project.refused("wide", *labelled(project, "yes", "no", "\uff59es"))
    assert "which differ only in capitals (or width)" in said
    for twice in ("a,b,a", "caf\u00e9,b,cafe\u0301"):
        said = project.refused("twice", *labelled(project, "a", "b"), "--labels", twice)
        assert f"--labels names '{twice[: twice.index(',')]}' twice" in said
        assert "tasks/twice" not in said, "not a file that is gone"


def test_blanks_after_the_commas_of_a_table(project):
    lines = [f"A dog runs {n}., It moves {n}., {'xy'[n % 2]}" for n in range(20)]
    (project.root / "a.csv").write_text("\n".join(["premise, hypothesis, label", *lines]), encoding="utf-8")
    project.run("own", "--from", "a.csv", "--hold-out", "0.3")
    assert project.task("own").labels == ("x", "y")
    found = [row for rows in project.fetched("own").values() for row in rows]
    assert {row["label"] for row in found} == {0, 1}
    assert all(row["text_b"].startswith("It moves") for row in found)


def test_what_programs_write_into_empty_cells_is_pointed_out(project):
    said = project.run("own", *labelled(project, "yes", "no", "nan", "no"))
    assert "Note: 'nan' (5 times) counts as a class; where it means unlabelled, empty the cells." in said


@pytest.mark.parametrize(
    ("labels", "order", "other"),
    [
        (("duplicate", "not_duplicate"), ("not_duplicate", "duplicate"), "duplicate,not_duplicate"),
        (("related", "unrelated"), ("unrelated", "related"), "related,unrelated"),
        (("hate", "non-hate"), ("non-hate", "hate"), "hate,non-hate"),
        (("yes", "no"), ("no", "yes"), "yes,no"),
        ((1, 0), ("0", "1"), "1,0"),
        (("b", "a"), ("a", "b"), "b,a"),
    ],
)
def test_f1_is_of_the_class_that_does_not_say_no(project, labels, order, other):
    said = project.run("own", *labelled(project, *labels))
    assert project.task("own").labels == order
    assert f"Note: F1 is of class {order[1]!r}; the other way: --labels {other}" in said
    said = project.run("turned", *labelled(project, *labels), "--labels", other)
    assert project.task("turned").labels == order[::-1]
    assert f"F1 is of class {order[0]!r}; the other way: --labels {','.join(order)}" in said
    first = {row["key"]: row["label"] for rows in project.fetched("own").values() for row in rows}
    assert first == {row["key"]: 1 - row["label"] for rows in project.fetched("turned").values() for row in rows}


def test_names_for_numbers_have_no_other_order(project):
    said = project.run("own", *labelled(project, 0, 1), "--labels", "no,yes")
    assert "F1 is of class 'yes'" in said
    assert "the other way" not in said


@pytest.mark.parametrize(
    ("tags", "metric"),
    [
        (("O", "B-PER", "I-PER"), "seqeval"),
        (("O", "S-PER", "E-LOC"), "seqeval"),
        (("O", "B", "I"), "seqeval"),
        (("A", "N", "V"), "token_accuracy"),
        (("ADJ", "NOUN", "X"), "token_accuracy"),
        (("B-PER", "PAD", "O"), "token_accuracy"),
    ],
)
def test_a_perfect_prediction_of_tags_scores_1(project, tags, metric):
    said = project.run("own", *tagged(project, *tags))
    task = project.task("own")
    assert task.metric == metric
    assert ("tags such as" in said) == (metric == "token_accuracy")
    gold = [row["tags"] for row in project.fetched("own")["train"]]
    found = metrics.score(task.metric, gold, gold, lang="en", labels=task.labels)
    assert found[metrics.load(task.metric).PRIMARY] == 1.0


def test_seqeval_for_tags_that_it_cannot_read_is_pointed_out(project):
    said = project.run("own", *tagged(project, "A", "N", "V"), "--metric", "seqeval")
    assert "seqeval finds no chunks in tags such as 'A': even a perfect prediction scores 0" in said
    assert usual_metric.default("tags", ("0", "1"), unanswerable=False) == "token_accuracy"


def test_numbered_tags_need_names(project, monkeypatch):
    args = tagged(project, 1, 0, 3, 0)
    said = project.refused("own", *args)
    assert "column 'ner_tags' holds tags by number, 0, 1, 3, and no names" in said
    assert "Say it: --labels O,B-PER,I-PER,..." in said
    names = ["O", "B-PER", "I-PER", "B-LOC"]
    project.run("own", *args, "--labels", ",".join(names))
    assert (project.task("own").labels, project.task("own").metric) == (tuple(names), "seqeval")
    assert project.fetched("own")["train"][0]["tags"] == [1, 0, 3, 0]
    monkeypatch.setattr(interview, "terminal", lambda: True)
    done = CliRunner().invoke(cli.group, ["new-task", "asked", *args], input=f"{', '.join(names)}\n")
    assert done.exit_code == 0, done.output
    assert project.task("asked").labels == tuple(names)


@pytest.mark.parametrize(("value", "labels"), [(0, ("1", "2", "3")), ("4", ("1", "2", "3")), (2, ("0", "1", "3"))])
def test_a_number_is_no_index_where_labels_are_numbers(value, labels):
    with pytest.raises(Reject, match="label out of range"):
        columns.index(value, labels, "label")


def test_flags_of_other_kinds_are_refused(project):
    args = labelled(project, "no", "yes")
    assert "--label-says is for tasks of kind choice; this one is pair" in project.refused(
        "own", *args, "--label-says", "text"
    )
    assert "--unanswerable is for tasks of kind span; this one is pair" in project.refused(
        "own", *args, "--unanswerable"
    )
    assert "--metric is 'squad', which scores tasks of kind span; this one is of kind pair" in project.refused(
        "own", *args, "--metric", "squad"
    )
