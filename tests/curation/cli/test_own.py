"""A file of one's own, curated: the commands that new-task prints work as they stand, on every kind."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from curation import cli
from curation.api import columns
from curation.core import files, kinds, paths
from curation.core.errors import CairnError

ROOT = Path(__file__).parents[3]
COLOURS = ("red", "green", "blue")
WORDS = (
    "market", "river", "garden", "winter", "station", "letter", "music", "kitchen", "forest", "harbour", "evening",
    "window",
)  # fmt: skip


def sentence(n: int) -> str:
    return f"In the {WORDS[n % 12]} a {COLOURS[n % 3]} thing lay by the {WORDS[(n * 7 + 3) % 12]}, number {n}."


ROWS = {
    "classify": lambda n: {"text": sentence(n), "queue": COLOURS[n % 3], "agent": f"A{n}"},
    "pair": lambda n: {"premise": sentence(n), "hypothesis": f"It is {COLOURS[n % 3]}.", "label": "ny"[n % 2]},
    "choice": lambda n: {"question": sentence(n), "choices": ["one", "two", f"x{n}"], "label": n % 3},
    "span": lambda n: {"question": "What is there?", "context": sentence(n), "answer": COLOURS[n % 3]},
    "tags": lambda n: {"tokens": sentence(n).split(), "tags": ["BO"[(i + n) % 5 > 0] for i in range(12)]},
    "text": lambda n: {"text": sentence(n)},
}


def whole() -> Any:
    spec = importlib.util.spec_from_file_location("cairn_test_whole", ROOT / "tests/test_whole.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project as a clone is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    shutil.copytree(ROOT / "profiles", tmp_path / "profiles")
    shutil.copy(ROOT / "profiles/demo.yaml", tmp_path / "params.yaml")
    shutil.copy(ROOT / "dvc.yaml", tmp_path / "dvc.yaml")
    (tmp_path / "tasks").mkdir()
    return tmp_path


def curation(*args: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli.group, list(args), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    assert (done.return_value or 0) == code, done.output
    return done.output


def bring(kind: str) -> list[str]:
    """Write a file of 60 rows and return the first command of the way."""
    Path("own.jsonl").write_text("".join(json.dumps(ROWS[kind](n)) + "\n" for n in range(60)), encoding="utf-8")
    return ["new-task", "own", "--from", "own.jsonl", "--hold-out", "0.1", "--kind", kind]


def repro(only: tuple[str, ...] = ()) -> None:
    """Run what `dvc repro` runs, in this process: all stages, or those of these names."""
    module = whole()
    for name, _, command in module.stages(YAML(typ="safe", pure=True).load(Path("params.yaml"))):
        if not only or name in only:
            module._run(command)


def after_reviews() -> tuple[str, ...]:
    """Return the stages of dvc.yaml that a decision makes run again, in their order."""
    made = {"reviews"}
    found = []
    for name, stage in YAML(typ="safe", pure=True).load(ROOT / "dvc.yaml")["stages"].items():
        inputs = [(dep, one) for dep in stage["deps"] for one in made]
        if any(dep == one or dep.startswith(f"{one}/") or one.startswith(f"{dep}/") for dep, one in inputs):
            found.append(name)
            made |= {next(iter(out)) if isinstance(out, dict) else out for out in stage["outs"]}
    return tuple(found)


def test_a_decision_runs_nothing_before_quality_again() -> None:
    again = after_reviews()
    assert again[:3] == ("review", "quality", "subset")
    assert not {"fetch-intermediate", "fetch-target", "embed", "probe", "neighbours", "score", "translate"} & set(again)


NEW = {"classify": "red", "pair": "n", "choice": "1", "span": "(no answer)", "tags": " ".join("O" * 12)}
"""Kind to a label that a person may write."""


SLOW = [pytest.param(kind, marks=pytest.mark.slow) for kind in ROWS if kind != "classify"]


@pytest.mark.parametrize("kind", ["classify", *SLOW])
def test_the_whole_way_from_a_file_to_a_clean_one(kind: str, clone: Path) -> None:
    said = curation(*bring(kind))
    printed = next(line.removeprefix("Next: ") for line in said.splitlines() if line.startswith("Next: "))
    assert printed == "curation profile own --task own"
    curation(*shlex.split(printed)[1:])
    assert "note: params.yaml: seeds is empty: curate only." in " ".join(curation("check").split())
    repro()
    train = files.read_parquet(paths.fetched("intermediate", "own") / "train.parquet")
    report = Path("reports/report.md").read_text(encoding="utf-8")
    assert report.startswith("# own, curated")
    assert "No zero-shot scores" not in report
    assert "<h1>own, curated</h1>" in Path("reports/report.html").read_text(encoding="utf-8")
    if kind != "text":
        _correct(kind, train.num_rows)
        repro(tuple(name for name in after_reviews() if name in ("review", "quality", "subset", "report")))
        assert "2 rows of own were looked at: 1 drop, 1 relabel" in Path("reports/report.md").read_text(
            encoding="utf-8"
        )
    curation("export", "own", "--to", "clean")
    _all_there(kind, train)


def _correct(kind: str, rows: int) -> None:
    """Fill a sheet of all rows: the first is relabelled, the second dropped; bring it in twice."""
    curation("export", "own", "--review", "--where", "true", "--to", "sheet.csv")
    with Path("sheet.csv").open(encoding="utf-8-sig", newline="") as handle:
        sheet = list(csv.DictReader(handle))
    assert len(sheet) == rows
    sheet[0] |= {"decision": "relabel", "new_label": NEW[kind]}
    sheet[1] |= {"decision": "drop"}
    with Path("sheet.csv").open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, sheet[0])
        writer.writeheader()
        writer.writerows(sheet)
    assert "2 added (1 drop, 1 relabel)" in curation("import", "sheet.csv")
    assert "0 added, 2 there already" in curation("import", "sheet.csv")
    Path("decided.json").write_text(json.dumps([sheet[0]["id"], sheet[1]["id"]]), encoding="utf-8")


def _all_there(kind: str, train: Any) -> None:
    """Hold the export against what was fetched: no row more or less, and only the one label changed."""
    import datasets

    chosen = datasets.load_dataset("clean", cache_dir="hf")
    there = chosen["train"].to_list()
    more = "left_out" in datasets.get_dataset_config_names("clean")
    left = datasets.load_dataset("clean", "left_out", cache_dir="hf")["train"].to_list() if more else []
    assert sorted(row["id"] for row in (*there, *left)) == sorted(train["id"].to_pylist())
    assert len(chosen["validation"]) + train.num_rows == 60
    assert kind != "classify" or {row["queue"] for row in there} == set(COLOURS)
    if kind == "text":
        return
    relabelled, dropped = json.loads(Path("decided.json").read_text(encoding="utf-8"))
    assert {row["id"]: row["reason"] for row in left}[dropped] == "dropped_in_review"
    field = kinds.KINDS[kind].label
    was = dict(zip(train["id"].to_pylist(), train[field].to_pylist(), strict=True))
    for row in there:
        value = row[field]
        if kind == "span":
            pairs = zip(value["text"], value["answer_start"], strict=True)
            value = [{"text": text, "start": start} for text, start in pairs]
        if row["id"] == relabelled:
            assert row["decision"] == "relabel"
        else:
            assert value == was[row["id"]]


@pytest.mark.parametrize("kind", ["classify", *(one for one in SLOW if one.values[0] != "text")])
def test_the_page_is_what_works(kind: str, clone: Path) -> None:
    """The commands of docs/own-data.md, in their order, on a file as it describes; lists are in JSON lines."""
    rows = [ROWS[kind](n) for n in range(60)]
    with Path("tickets.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    Path("tickets.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    page = (ROOT / "docs/own-data.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL) for line in block.splitlines()]
    assert len(lines) == 8
    made = False
    for line in lines:
        words = shlex.split(line.removeprefix("$ "))
        if kind in ("choice", "tags"):
            words = [word.replace("tickets.csv", "tickets.jsonl") for word in words]
        if words == ["curation", "repro"] or words[0] == "dvc":
            repro(after_reviews()[:3] if made else ())
            made = True
        else:
            found = CliRunner().invoke(cli.group, words[1:], standalone_mode=False)
            assert found.exception is None, line
    assert (Path("clean") / "README.md").exists()


def test_own_parameters_are_not_overwritten_unasked(clone: Path) -> None:
    rows = "".join(json.dumps(ROWS["classify"](n)) + "\n" for n in range(60))
    Path("own.jsonl").write_text(rows, encoding="utf-8")
    curation("new-task", "one", "--from", "own.jsonl", "--hold-out", "0.1")
    curation("profile", "own", "--task", "one")
    assert "params.yaml is now" in curation("profile", "demo")  # as it was made, it is nobody's work
    curation("profile", "own", "--task", "one")
    text = Path("params.yaml").read_text(encoding="utf-8").replace("folds: 5", "folds: 3")
    Path("params.yaml").write_text(text, encoding="utf-8")
    said = curation("new-task", "two", "--from", "own.jsonl", "--hold-out", "0.1")
    assert "curation profile own --task two --force" in said
    with pytest.raises(CairnError, match=r"probe.folds: 3 \(profile own: 5\)"):
        curation("profile", "own", "--task", "two")
    for mistake, why in (
        (("demo", "--task", "one"), "go with own"), (("own",), "go with own"),
        (("own", "--task", "mini_bitext"), "intermediate"), (("own", "--task", "x"), "unknown task"),
    ):  # fmt: skip
        with pytest.raises(CairnError, match=why):
            curation("profile", *mistake)


def test_without_a_hold_out_every_row_is_judged_and_none_trained_on(clone: Path) -> None:
    Path("own.jsonl").write_text("".join(json.dumps(ROWS["classify"](n)) + "\n" for n in range(60)), encoding="utf-8")
    curation("new-task", "own", "--from", "own.jsonl", "--hold-out", "0")
    curation("profile", "own", "--task", "own")
    assert "0 problems" in curation("check")
    repro(("fetch-intermediate",))
    folder = paths.fetched("intermediate", "own")
    assert files.read_parquet(folder / "train.parquet").num_rows == 60
    assert not (folder / "dev.parquet").exists()
    with pytest.raises(CairnError, match="task own has no dev split, so it cannot be used as intermediate"):
        curation("profile", "own", "--task", "own", "--target", "mini_topic", "--force")
    text = Path("params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("seeds: []", "seeds: [1]"), encoding="utf-8")
    assert "has no dev split" in " ".join(curation("check", code=1).split())


def test_columns_of_a_hub_data_set_come_along_too(clone: Path, put: Any) -> None:
    rows = [ROWS["classify"](n) for n in range(60)]
    put("org/tickets", "default", "train", rows)
    curation("new-task", "own", "--from", "org/tickets", "--hold-out", "0.1")
    curation("profile", "own", "--task", "own")
    repro(("fetch-intermediate",))
    brought = columns.brought("own")
    train = files.read_parquet(paths.fetched("intermediate", "own") / "train.parquet")
    agents = {row["text"]: row["agent"] for row in rows}
    assert 40 < train.num_rows < 60
    assert all(brought[row["id"]]["agent"] == agents[row["text"]] for row in train.to_pylist())


def test_with_a_target_the_whole_protocol(clone: Path) -> None:
    curation("profile", "own", "--task", "mini_topic", "--target", "mini_topic")
    values = YAML(typ="safe", pure=True).load(Path("params.yaml"))
    assert (values["seeds"], values["targets"], values["subset"]["decontaminate"]) == ([1, 2, 3], ["mini_topic"], True)
    assert "0 problems" in curation("check")
