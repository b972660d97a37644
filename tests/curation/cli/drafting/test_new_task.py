"""``curation new-task``: every kind from every sort of file to fetched records, and what it says of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.cli.drafting import task_code
from curation.core import files, paths

CONTEXT = "The tower of {} was built in 1889."
N = 12


# per kind: upstream rows, and what a record of row n holds
def choice(n):
    return {"question": f"Where is {n}?", "options": [f"in {n}", f"at {n}", f"by {n}"], "answer": n % 3}


def span(n):
    context = CONTEXT.format(n)
    answers = {"text": ["1889"], "answer_start": [context.index("1889")]}
    return {"id": f"s{n}", "question": f"When was {n} built?", "context": context, "answers": answers}


def tags(n):
    return {"tokens": ["Ann", "sees", f"Bo{n}"], "ner_tags": ["B-PER", "O", "B-PER" if n % 2 else "B-LOC"]}


def text(n):
    return {"text": f"Plain words, number {n}."}


def classify(n):
    return {
        "subject": f"Ticket {n}",
        "body": f"My parcel {n} is late.",
        "queue": ("billing", "delivery", "other")[n % 3],
    }


MAKE = {"classify": classify, "choice": choice, "span": span, "tags": tags, "text": text}
EXPECTED = {
    "classify": lambda n: {"text": f"My parcel {n} is late.", "label": n % 3},
    "pair": lambda n: {"text_a": f"A dog runs {n}.", "text_b": f"It moves, {n}.", "label": n % 2, "key": f"p{n}"},
    "choice": lambda n: {"prompt": f"Where is {n}?", "choices": [f"in {n}", f"at {n}", f"by {n}"], "label": n % 3},
    "span": lambda n: {
        "question": f"When was {n} built?",
        "context": CONTEXT.format(n),
        "answers": [{"text": "1889", "start": CONTEXT.format(n).index("1889")}],
        "key": f"s{n}",
    },
    "tags": lambda n: {"tokens": ["Ann", "sees", f"Bo{n}"], "tags": [2, 0, 2 if n % 2 else 1]},
    "text": lambda n: {"text": f"Plain words, number {n}."},
}


def flat(kind: str, row: dict) -> dict:
    """A row as people write it in a table: words between blanks, a column a choice, answer and offset beside it."""
    if kind == "choice":
        return {"question": row["question"], "optionA": row["options"][0], "optionB": row["options"][1],
                "optionC": row["options"][2], "answer": "ABC"[row["answer"]]}  # fmt: skip
    if kind == "span":
        answer = {"answer": row["answers"]["text"][0], "answer_start": row["answers"]["answer_start"][0]}
        return {**{k: v for k, v in row.items() if k != "answers"}, **answer}
    return {k: " ".join(v) if isinstance(v, list) else v for k, v in row.items()}


def save(kind: str, rows: list[dict], to: Path) -> None:
    if to.suffix in (".csv", ".tsv"):
        told = [flat(kind, row) for row in rows]
        quoting = {"quoting": csv.QUOTE_NONE, "delimiter": "\t", "quotechar": None} if to.suffix == ".tsv" else {}
        with to.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, told[0], **quoting)
            writer.writeheader()
            writer.writerows(told)
    elif to.suffix == ".jsonl":
        to.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    else:
        to.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows), to)


def bring(kind: str, how: str, project, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write the rows the way ``how`` says, and return the arguments that name them."""
    make = MAKE.get(kind, project.pair)
    train, dev = [make(n) for n in range(N)], [make(n + N) for n in range(4)]
    if how == "saved":
        import datasets

        made = {"train": train, "validation": dev}
        whole = datasets.DatasetDict({name: datasets.Dataset.from_list(rows) for name, rows in made.items()})
        if kind == "pair":
            whole = whole.cast_column("label", datasets.ClassLabel(names=["no", "yes"]))
        datasets.disable_progress_bars()
        whole.save_to_disk(str(project.root / "saved"))
        return ["--from", "saved"]
    if how == "hub":
        monkeypatch.setenv("CAIRN_HUB_MIRROR", str(project.root / "hub"))
        save(kind, train, project.root / "hub/org/own/plain/train-00000-of-00001.parquet")
        save(kind, dev, project.root / "hub/org/own/plain/validation-00000-of-00001.parquet")
        return ["--from", "org/own"]
    save(kind, train, project.root / f"some.{how}")
    save(kind, dev, project.root / f"other.{how}")
    return ["--from", f"some.{how}", "--dev", f"other.{how}"]


@pytest.mark.parametrize("how", ["csv", "tsv", "jsonl", "parquet", "saved", "hub"])
@pytest.mark.parametrize("kind", EXPECTED)
def test_from_rows_to_records(kind, how, project, monkeypatch):
    said = project.run("own_rows", *bring(kind, how, project, monkeypatch))
    assert f" kind {kind} " in said
    assert said.endswith("dvc repro")
    assert ("not used subject" if kind == "classify" else "not used no column") in said
    found = project.fetched("own_rows")
    assert [len(found[split]) for split in ("train", "dev")] == [N, 4]
    for split, first in (("train", 0), ("dev", N)):
        for n, row in enumerate(found[split], start=first):
            expected = EXPECTED[kind](n)
            assert {name: row[name] for name in expected} == expected
    manifest = files.read_json(paths.fetched("intermediate", "own_rows") / "manifest.json")
    assert manifest["splits"]["train"]["en"]["served_by"] == ("mirror" if how == "hub" else "file")
    project.tidy("own_rows")


def test_the_report_says_how_many_rows_are_usable_and_why_others_are_not(project):
    rows = project.pairs(20)
    rows[3] |= {"hypothesis": " "}
    rows[4] |= {"label": None}
    dev = project.jsonl("b.jsonl", rows[5:])
    said = project.run("own", "--from", project.jsonl("a.jsonl", rows), "--dev", dev, code=1)
    assert "train 20 20 18 1 hypothesis is empty; 1 unlabelled" in said
    assert "fetch.max_dropped" in said
    told = json.loads(project.run("own2", "--from", "a.jsonl", "--dev", "b.jsonl", "--json", code=1))
    assert told["splits"]["train"]["not_usable"] == {"hypothesis is empty": 1, "unlabelled": 1}
    assert told["too_many_unusable"] == ["train"]


def test_a_test_split_of_placeholders_is_named(project):
    rows = project.pairs(20)
    project.jsonl("t.jsonl", [{**row, "label": -1} for row in rows])
    train = project.jsonl("a.jsonl", rows)
    said = project.run("own", "--from", train, "--dev", train, "--test", "t.jsonl")
    assert "Note: test has no gold labels, only placeholders: it cannot be scored." in said
    said = project.run("own2", "--from", train, "--dev", train, "--test", train)
    assert "placeholders" not in said


def test_held_out_rows_are_whole_groups_and_the_same_ones_every_time(project):
    rows = [{**project.pair(n), "premise": f"A dog runs {n // 3}."} for n in range(60)]
    for name in ("one", "two"):
        project.run(name, "--from", project.jsonl("a.jsonl", rows), "--hold-out", "0.2")
    found = project.fetched("one")
    groups = {split: {row["text_a"] for row in rows} for split, rows in found.items()}
    assert not groups["train"] & groups["dev"]
    assert (len(groups["train"]), len(groups["dev"])) == (16, 4)
    assert (len(found["train"]), len(found["dev"])) == (48, 12)
    assert Path("tasks/one/dev.jsonl").read_bytes() == Path("tasks/two/dev.jsonl").read_bytes()


def test_a_file_in_the_task_folder_is_named_where_it_is_and_others_can_be_linked(project):
    Path("tasks/mine").mkdir()
    project.jsonl("tasks/mine/rows.jsonl", project.pairs(20))
    project.jsonl("far.jsonl", [project.pair(n) for n in range(20, 30)])
    project.run("mine", "--from", "tasks/mine/rows.jsonl", "--dev", "far.jsonl", "--link")
    written = project.code("mine")
    assert 'train=Source("file:mine/rows.jsonl")' in written
    assert Path("tasks/mine/dev.jsonl").is_symlink()
    assert [len(rows) for rows in project.fetched("mine").values()] in ([20, 10], [10, 20])


def test_names_and_groups_of_ones_own_columns(project):
    rows = [{"a": f"One {n}", "b": f"Two {n}", "c": "xy"[n % 2], "doc": n // 4, "no": n} for n in range(20)]
    maps = [f"--map={one}" for one in ("text_a=a", "text_b=b,doc_title", "label=c", "group=doc", "key=no")]
    for row in rows:
        row["doc_title"] = f"Title {row['doc']}"
    project.run("own", "--from", project.jsonl("a.jsonl", rows), "--hold-out", "0.2", *maps)
    found = project.fetched("own")
    assert {r["group"] for r in found["train"]} & {r["group"] for r in found["dev"]} == set()
    assert found["dev"][0]["text_b"].split(" Title ")[0] == f"Two {found['dev'][0]['key']}"
    project.tidy("own")


def test_a_label_beside_a_text_is_never_dropped_in_silence(project):
    rows = [{"text": f"Words, number {n}.", "kwed": "ab"[n % 2], "no": n} for n in range(20)]
    project.jsonl("a.jsonl", rows)
    said = project.refused("own", "--from", "a.jsonl", "--hold-out", "0.2")
    assert "Say it: --kind classify --map label=kwed, or --kind text" in said
    project.run("own", "--from", "a.jsonl", "--hold-out", "0.2", "--kind", "classify", "--map", "label=kwed")
    assert project.task("own").labels == ("a", "b")
    assert project.task("own").metric == "f1"
    project.tidy("own")


def test_columns_that_are_not_read_are_named(project):
    rows = [{**row, "idx": n, "annotator": "x", "doc": {"id": n}} for n, row in enumerate(project.pairs(20))]
    train = project.jsonl("a.jsonl", rows)
    said = project.run("own", "--from", train, "--hold-out", "0.2", "--map", "group=doc.id")
    assert "not used idx, annotator train from" in said
    told = json.loads(project.run("two", "--from", train, "--hold-out", "0.2", "--json"))
    assert told["not_used"] == ["idx", "annotator", "doc"]


def test_names_of_files_and_columns_cannot_become_code():
    assert task_code.text('x"); import os #') == r'"x\"); import os #"'
    assert task_code._safe('a"""\nimport os\\') == "a????import os?"


def test_long_label_sets_and_awkward_columns_stay_tidy(project):
    names = [f"label number {n}" for n in range(40)]
    rows = [{"pre mise's": f"One {n}", "hypo": f"Two {n}", "label": names[n % 40]} for n in range(200)]
    maps = ["--map", "text_a=pre mise's", "--map", "text_b=hypo"]
    project.run("own", "--kind", "pair", "--from", project.jsonl("a.jsonl", rows), "--dev", "a.jsonl", *maps)
    assert len(project.task("own").labels) == 40
    project.tidy("own")
