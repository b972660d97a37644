"""``curation new-task``: every kind from every sort of file to fetched records; and every mistake it explains."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from curation import cli, fetch, files, paths, records, registry
from curation.cli import _interview, _labels, _task_code
from curation.errors import CairnError

ROOT = Path(__file__).parents[3]
CONTEXT = "The tower of {} was built in 1889."
N = 12


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project with the demo's parameters."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_folders", {})
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    monkeypatch.delenv("CAIRN_HUB_MIRROR", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "tasks").mkdir()
    change()
    return tmp_path


def change(**changed):
    values = YAML(typ="safe", pure=True).load((ROOT / "profiles/demo.yaml").read_text(encoding="utf-8"))
    values |= {"task_folder": "tasks", **changed}
    with Path("params.yaml").open("w", encoding="utf-8") as handle:
        YAML(typ="safe", pure=True).dump(values, handle)


def run(*args: str, code: int = 0) -> str:
    """Run ``curation new-task`` and return what it printed."""
    done = CliRunner().invoke(cli.group, ["new-task", *args], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    assert done.return_value == code, done.output
    assert max(map(len, done.output.splitlines()), default=0) <= 80
    return done.output


def fetched(name: str, role: str = "intermediate") -> dict[str, list[dict]]:
    """Fetch a task as a stage does, and return its records per split in the order of the upstream keys."""
    change(**{"intermediate": [name]} if role == "intermediate" else {"targets": [name]})
    fetch.run(role, name)
    folder = paths.fetched(role, name)
    there = [folder / f"{split}.parquet" for split in fetch.SPLITS[role]]
    found = {file.stem: records.read(file).to_pylist() for file in there}
    return {split: sorted(rows, key=lambda r: (len(r["key"]), r["key"])) for split, rows in found.items()}


# per kind: upstream rows, and what a record of row n holds
def pair(n):
    return {
        "id": f"p{n}",
        "premise": f"A dog runs {n}.",
        "hypothesis": f"It moves, {n}.",
        "label": ("no", "yes")[n % 2],
    }


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


MAKE = {"pair": pair, "choice": choice, "span": span, "tags": tags, "text": text}
EXPECTED = {
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


def bring(kind: str, how: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Write the rows the way ``how`` says, and return the arguments that name them."""
    train, dev = [MAKE[kind](n) for n in range(N)], [MAKE[kind](n + N) for n in range(4)]
    if how == "saved":
        import datasets

        made = {"train": train, "validation": dev}
        whole = datasets.DatasetDict({name: datasets.Dataset.from_list(rows) for name, rows in made.items()})
        if kind == "pair":
            whole = whole.cast_column("label", datasets.ClassLabel(names=["no", "yes"]))
        datasets.disable_progress_bars()
        whole.save_to_disk(str(project / "saved"))
        return ["--from", "saved"]
    if how == "hub":
        monkeypatch.setenv("CAIRN_HUB_MIRROR", str(project / "hub"))
        save(kind, train, project / "hub/org/own/plain/train-00000-of-00001.parquet")
        save(kind, dev, project / "hub/org/own/plain/validation-00000-of-00001.parquet")
        return ["--from", "org/own"]
    save(kind, train, project / f"some.{how}")
    save(kind, dev, project / f"other.{how}")
    return ["--from", f"some.{how}", "--dev", f"other.{how}"]


@pytest.mark.parametrize("how", ["csv", "tsv", "jsonl", "parquet", "saved", "hub"])
@pytest.mark.parametrize("kind", MAKE)
def test_from_rows_to_records(kind, how, project, monkeypatch):
    said = run("own_rows", *bring(kind, how, project, monkeypatch))
    assert f" kind {kind} " in " ".join(said.split())
    assert "dvc repro" in said.splitlines()[-1]
    found = fetched("own_rows")
    assert [len(found[split]) for split in ("train", "dev")] == [N, 4]
    for split, first in (("train", 0), ("dev", N)):
        for n, row in enumerate(found[split], start=first):
            expected = EXPECTED[kind](n)
            assert {name: row[name] for name in expected} == expected
    manifest = files.read_json(paths.fetched("intermediate", "own_rows") / "manifest.json")
    assert manifest["splits"]["train"]["en"]["served_by"] == ("mirror" if how == "hub" else "file")
    tidy("tasks/own_rows.py")


def tidy(*names: str) -> None:
    """Assert that a written task file is one that ruff would leave as it is, by this repository's rules."""
    config = str(ROOT / "pyproject.toml")
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "ruff", *command, "--config", config, *names],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr + Path(names[0]).read_text(encoding="utf-8")


def jsonl(name: str, rows: list[dict]) -> str:
    Path(name).write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return name


def test_the_report_says_how_many_rows_are_usable_and_why_others_are_not(project):
    rows = [pair(n) for n in range(20)]
    rows[3] |= {"hypothesis": " "}
    rows[4] |= {"label": None}
    said = run("own", "--from", jsonl("a.jsonl", rows), "--dev", jsonl("b.jsonl", rows[5:]), code=1)
    train = next(line for line in said.splitlines() if line.startswith("train"))
    assert train.split()[1:4] == ["20", "20", "18"]
    assert "1 hypothesis is empty; 1 unlabelled" in " ".join(said.split())
    assert "fetch.max_dropped" in said
    told = json.loads(run("own2", "--from", "a.jsonl", "--dev", "b.jsonl", "--json", code=1))
    assert told["splits"]["train"]["not_usable"] == {"hypothesis is empty": 1, "unlabelled": 1}
    assert told["too_many_unusable"] == ["train"]


def test_a_test_split_of_placeholders_is_named(project):
    rows = [pair(n) for n in range(20)]
    jsonl("t.jsonl", [{**row, "label": -1} for row in rows])
    train = jsonl("a.jsonl", rows)
    said = run("own", "--from", train, "--dev", train, "--test", "t.jsonl")
    assert "Note: test has no gold labels, only placeholders: it cannot be scored." in said
    said = run("own2", "--from", train, "--dev", train, "--test", train)
    assert "placeholders" not in said


def test_held_out_rows_are_whole_groups_and_the_same_ones_every_time(project):
    rows = [{**pair(n), "premise": f"A dog runs {n // 3}."} for n in range(60)]
    for name in ("one", "two"):
        run(name, "--from", jsonl("a.jsonl", rows), "--hold-out", "0.2")
    found = fetched("one")
    groups = {split: {row["text_a"] for row in rows} for split, rows in found.items()}
    assert not groups["train"] & groups["dev"]
    assert (len(groups["train"]), len(groups["dev"])) == (16, 4)
    assert (len(found["train"]), len(found["dev"])) == (48, 12)
    assert Path("tasks/one/dev.jsonl").read_bytes() == Path("tasks/two/dev.jsonl").read_bytes()


def test_a_file_in_the_task_folder_is_named_where_it_is_and_others_can_be_linked(project):
    Path("tasks/mine").mkdir()
    jsonl("tasks/mine/rows.jsonl", [pair(n) for n in range(20)])
    jsonl("far.jsonl", [pair(n) for n in range(20, 30)])
    run("mine", "--from", "tasks/mine/rows.jsonl", "--dev", "far.jsonl", "--link")
    written = Path("tasks/mine.py").read_text(encoding="utf-8")
    assert 'train=Source("file:mine/rows.jsonl")' in written
    assert Path("tasks/mine/dev.jsonl").is_symlink()
    assert [len(rows) for rows in fetched("mine").values()] in ([20, 10], [10, 20])


def test_test_rows_in_several_languages(project):
    for lang in ("en", "de", "pt-BR"):
        jsonl(f"test.{lang}.jsonl", [pair(n) for n in range(10)])
    jsonl("test.txt.jsonl.bak", [])
    train = jsonl("a.jsonl", [pair(n) for n in range(20)])
    said = run("many", "--from", train, "--hold-out", "0.2", "--test", "test.{lang}.jsonl")
    assert "test pt-BR" in said
    found = fetched("many", "target")["test"]
    assert {row["lang"] for row in found} == {"en", "de", "pt-BR"}
    tidy("tasks/many.py")


def test_labels_by_number_by_name_and_as_booleans(project):
    rows = [{**pair(n), "label": n % 3 - (n == 7)} for n in range(30)]
    rows[7]["label"] = -1  # unlabelled, as data sets write it
    dev = jsonl("b.jsonl", [row for row in rows if row["label"] != -1])
    said = run("numbers", "--from", jsonl("a.jsonl", rows), "--dev", dev)
    assert "labels have their numbers for names" in said
    assert registry.load("tasks", "numbers").TASK.labels == ("0", "1", "2")
    run("names", "--from", "a.jsonl", "--dev", dev, "--labels", "yes, maybe, no")
    assert registry.load("tasks", "names").TASK.labels == ("yes", "maybe", "no")
    assert [row["label"] for row in fetched("names")["dev"]] == [row["label"] for row in rows if row["label"] != -1]
    with pytest.raises(
        CairnError, match="--labels gives 2 names, for the numbers 0 to 1; column 'label' holds 0, 1, 2"
    ):
        run("few", "--from", "a.jsonl", "--dev", dev, "--labels", "yes,no")
    with pytest.raises(CairnError, match=r"unknown label 'no'. Did you mean 'not'"):
        run("odd", "--from", jsonl("c.jsonl", [pair(n) for n in range(9)]), "--hold-out", "0.3", "--labels", "not,yes")
    truth = [{**pair(n), "is_duplicate": bool(n % 2)} for n in range(20)]
    for row in truth:
        del row["label"]
    run("truth", "--from", jsonl("d.jsonl", truth), "--hold-out", "0.3")
    assert registry.load("tasks", "truth").TASK.labels == ("false", "true")
    assert registry.load("tasks", "truth").TASK.metric == "f1"
    found = fetched("truth")
    assert all(row["label"] == int(row["key"][1:]) % 2 for rows in found.values() for row in rows)


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (lambda n: n % 3, "zero"),
        (lambda n: str(n % 3), "zero"),
        (lambda n: n % 3 + 1, "one"),
        (lambda n: "ABC"[n % 3], "letters"),
        (lambda n: ("in", "at", "by")[n % 3] + f" {n}", "text"),
    ],
)
def test_the_right_choice_in_every_way_of_counting(project, answer, count):
    rows = [{**choice(n), "answer": answer(n)} for n in range(N)]
    shown = _labels.labels("choice", rows, {"choices": ("options",), "label": ("answer",)}, (), {})
    assert shown.count == count
    run("own", "--from", jsonl("a.jsonl", rows), "--dev", jsonl("b.jsonl", rows))
    assert [row["label"] for row in fetched("own")["train"]] == [n % 3 for n in range(N)]
    tidy("tasks/own.py")


def test_columns_that_are_structs_joined_or_json(project):
    nested = [{"question": f"Where is {n}?", "context": f"Story {n}.", "answerKey": "AB"[n % 2],
               "choices": {"label": ["A", "B"], "text": [f"in {n}", f"at {n}"]}} for n in range(N)]  # fmt: skip
    run("nested", "--from", jsonl("a.jsonl", nested), "--dev", jsonl("b.jsonl", nested))
    first = fetched("nested")["train"][0]
    assert (first["prompt"], first["choices"], first["label"]) == ("Story 0. Where is 0?", ["in 0", "at 0"], 0)
    as_json = [
        {"tokens": json.dumps(tags(n)["tokens"]), "ner_tags": json.dumps(tags(n)["ner_tags"])} for n in range(40)
    ]
    as_json[5]["tokens"] = '["Ann", "sees"'
    dev = jsonl("d.jsonl", [as_json[n] for n in range(40) if n != 5])
    said = run("texts", "--kind", "tags", "--from", jsonl("c.jsonl", as_json), "--dev", dev)
    assert "1 tokens is no JSON" in said
    assert fetched("texts")["train"][0]["tokens"] == ["Ann", "sees", "Bo0"]
    tidy("tasks/nested.py", "tasks/texts.py")


def test_an_answer_without_an_offset_is_looked_for(project):
    rows = [{"question": f"When, {n}?", "context": CONTEXT.format(n), "answer": "1889"} for n in range(40)]
    rows[1] |= {"context": "1889 and 1889."}
    rows[2] |= {"answer": "1890"}
    said = run("own", "--from", jsonl("a.jsonl", rows), "--dev", jsonl("b.jsonl", rows[3:]))
    assert "1 answer not in context; 1 answer occurs twice" in " ".join(said.split())
    assert fetched("own")["train"][0]["answers"] == [{"text": "1889", "start": CONTEXT.format(0).index("1889")}]
    tidy("tasks/own.py")


def test_names_and_groups_of_ones_own_columns(project):
    rows = [{"a": f"One {n}", "b": f"Two {n}", "c": "xy"[n % 2], "doc": n // 4, "no": n} for n in range(20)]
    maps = [f"--map={one}" for one in ("text_a=a", "text_b=b,doc_title", "label=c", "group=doc", "key=no")]
    for row in rows:
        row["doc_title"] = f"Title {row['doc']}"
    run("own", "--from", jsonl("a.jsonl", rows), "--hold-out", "0.2", *maps)
    found = fetched("own")
    assert {r["group"] for r in found["train"]} & {r["group"] for r in found["dev"]} == set()
    assert found["dev"][0]["text_b"].split(" Title ")[0] == f"Two {found['dev'][0]['key']}"
    tidy("tasks/own.py")


MISTAKES = [
    (["--from", "a.jsonl"], "no dev split, which every use of a task needs. Say it: --dev FILE, or --hold-out 0.1"),
    (
        ["--from", "no.csv"],
        "--from: there is no file no.csv. Allowed: .csv, .tsv, .jsonl, .parquet, a folder, or a hub id",
    ),
    (["--from", "a.txt"], "a.txt: unknown suffix '.txt'"),
    (["--from", "tasks"], "tasks is no folder saved by datasets.save_to_disk"),
    (["--from", "a.jsonl", "--kind", "pairs"], "--kind: unknown kind 'pairs'. Did you mean 'pair'?"),
    (["--from", "a.jsonl", "--map", "text_a=premisse"], "unknown column 'premisse'. Did you mean 'premise'?"),
    (["--from", "a.jsonl", "--map", "text_c=premise"], "--map: unknown field 'text_c'. Did you mean 'text_b'?"),
    (["--from", "a.jsonl", "--map", "premise"], "write FIELD=COLUMN, such as --map text_a=id"),
    (["--from", "a.jsonl", "--kind", "pair", "--map", "label=id,label"], "--map label: one column, not 2"),
    (["--from", "a.jsonl", "--kind", "tags"], "which column is tokens of a tags task? There are: id, premise"),
    (["--from", "odd.jsonl"], "do not tell the kind of task: pair, choice, span, tags, text. Say it: --kind pair"),
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
    rows = [pair(n) for n in range(10)]
    jsonl("a.jsonl", rows)
    jsonl("odd.jsonl", [{"x": "1", "label": "2"}])
    jsonl("empty.jsonl", [])
    jsonl("score.jsonl", [{**row, "label": n + 0.5} for n, row in enumerate(rows * 2)])
    jsonl("one.jsonl", [{**row, "label": "yes"} for row in rows])
    jsonl("bad.jsonl", [{**row, "premise": " "} for row in rows])
    jsonl("same.jsonl", [{**row, "premise": "one"} for row in rows])
    jsonl("flat.jsonl", [{**choice(n), "options": "in, at, by"} for n in range(10)])
    Path("a.txt").write_text("x", encoding="utf-8")
    more = ["--kind", "choice", "--map", "choices=options"] if "flat.jsonl" in args else []
    more += ["--map", "group=label"] if "bad.jsonl" in args else []
    with pytest.raises(CairnError) as caught:
        run("own", *args, *more)
    assert said in str(caught.value)
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
    jsonl("tasks/filled/train.jsonl", [pair(0)])
    with pytest.raises(CairnError) as caught:
        run(name, "--from", jsonl("a.jsonl", [pair(n) for n in range(10)]), "--hold-out", "0.2")
    assert said in str(caught.value)
    assert Path("tasks/taken.py").read_text(encoding="utf-8") == "TASK = 1\n"
    assert not Path("tasks/filled.py").exists()


def test_without_a_task_folder(project):
    change(task_folder=None)
    with pytest.raises(CairnError, match=r"task_folder is None. Name the folder of your tasks"):
        run("own", "--from", "a.jsonl")


def test_on_a_terminal_it_asks_until_the_answer_fits(project, monkeypatch):
    monkeypatch.setattr(_interview, "terminal", lambda: True)
    rows = [{"left": f"One {n}", "right": f"Two {n}", "label": "xy"[n % 2]} for n in range(20)]
    jsonl("a.jsonl", rows)
    answers = "pairs\npair\nleft\nrihgt\nright\n0.2\n"
    done = CliRunner().invoke(cli.group, ["new-task", "own", "--from", "a.jsonl"], input=answers)
    assert done.exit_code == 0, done.output
    assert "Did you mean 'pair'" in done.stderr
    assert "Did you mean 'right'" in done.stderr
    assert "Kind" not in done.stdout
    found = fetched("own")
    assert (len(found["train"]), len(found["dev"])) == (16, 4)
    assert found["dev"][0]["text_a"].startswith("One")


def test_a_hub_data_set_of_several_configs_needs_one(project, monkeypatch):
    args = bring("pair", "hub", project, monkeypatch)
    save("pair", [pair(n) for n in range(9)], project / "hub/org/own/other/train-00000-of-00001.parquet")
    with pytest.raises(CairnError, match=r"org/own has several configs: other, plain. Name one: --config other"):
        run("own", *args)
    run("own", *args, "--config", "plain", "--test", "validation", "--lang", "de")
    written = Path("tasks/own.py").read_text(encoding="utf-8")
    assert 'test=Source("org/own", "plain", "validation", languages=("de",)),' in written
    assert len(fetched("own")["train"]) == N


def test_class_names_of_a_data_set_keep_the_order_of_their_numbers(project):
    import datasets

    rows = datasets.Dataset.from_list([{**pair(n), "label": n % 2} for n in range(N)])
    features = rows.cast_column("label", datasets.ClassLabel(names=["yes", "no"]))
    features.to_parquet("some.parquet")
    features.save_to_disk("saved")
    for name, given in (("one", "some.parquet"), ("two", "saved")):
        run(name, "--from", given, "--hold-out", "0.3")
        assert registry.load("tasks", name).TASK.labels == ("yes", "no")
        found = fetched(name)
        assert {row["key"]: row["label"] for row in found["train"] + found["dev"]} == {f"p{n}": n % 2 for n in range(N)}


def test_rows_held_out_of_a_hub_data_set_stay_on_the_hub(project, monkeypatch):
    args = bring("pair", "hub", project, monkeypatch)
    (project / "hub/org/own/plain/validation-00000-of-00001.parquet").unlink()
    printed = run("own", *args, "--hold-out", "0.4")
    assert [file.name for file in Path("tasks").iterdir() if file.suffix != ".py" and file.is_file()] == []
    assert 'dev=Source("org/own", "plain", "train", unfold=parts.Part(0, 0.4, "premise")),' in Path(
        "tasks/own.py"
    ).read_text(encoding="utf-8")
    tidy("tasks/own.py")
    found = fetched("own")
    assert sorted(row["key"] for split in found.values() for row in split) == sorted(f"p{n}" for n in range(N))
    assert found["train"]
    assert found["dev"]
    assert all(
        [split, *[str(len(found[split]))] * 3] == line.split()
        for split in found
        for line in printed.splitlines()
        if line.startswith(split)
    )
    with pytest.raises(CairnError, match=r"no group of 'premise' falls into a share of 1e-06. Give another --hold-out"):
        run("other", *args, "--hold-out", "0.000001")


def test_names_of_files_and_columns_cannot_become_code():
    assert _task_code.text('x"); import os #') == r'"x\"); import os #"'
    assert _task_code._safe('a"""\nimport os\\') == "a????import os?"


def test_long_label_sets_and_awkward_columns_stay_tidy(project):
    names = [f"label number {n}" for n in range(40)]
    rows = [{"pre mise's": f"One {n}", "hypo": f"Two {n}", "label": names[n % 40]} for n in range(200)]
    maps = ["--map", "text_a=pre mise's", "--map", "text_b=hypo"]
    run("own", "--kind", "pair", "--from", jsonl("a.jsonl", rows), "--dev", "a.jsonl", *maps)
    assert len(registry.load("tasks", "own").TASK.labels) == 40
    tidy("tasks/own.py")
