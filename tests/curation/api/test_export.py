"""Exports: every row accounted for, every format read back by its own reader, the card and Croissant in order."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from curation import tasks
from curation.api import export
from curation.core import files, paths, records
from curation.core.errors import CairnError
from curation.core.task import Answer, Example, Source, Task
from curation.quality import Params, combine
from curation.review import log
from curation.review.__main__ import run as merge

NAMES = {"classify": ("billing", "delivery", "other"), "pair": ("no", "yes"), "tags": ("O", "B-PER")}
N = 12


def example(kind: str, n: int) -> Example:
    return {
        "classify": Example(text=f"My parcel {n} is «late», ok.", label=n % 3),
        "pair": Example(text_a=f"One {n}.", text_b='Two; "three"\nfour.', label=n % 2),
        "choice": Example(prompt=f"Where is {n}?", choices=("in", "at", f"by {n}"), label=n % 3),
        "span": Example(question=f"Who is {n}?", context=f"Ann met Bo {n}.", answers=(Answer("Ann", 0),) * (n % 2)),
        "tags": Example(tokens=("Ann", "met", f"Bo{n}"), tags=(1, 0, 1)),
        "text": Example(text=f"Plain {n}."),
    }[kind]


@pytest.fixture(params=["classify", "pair", "choice", "span", "tags", "text"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def project(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Task:
    """A task ``t`` of twelve train rows and four dev rows, scored, one row dropped and one kept by a person."""
    monkeypatch.chdir(tmp_path)
    source = Source("file:t/train.csv")
    task = Task(kind=kind, metric="accuracy", labels=NAMES.get(kind, ()), train=source, licence="CC BY 4.0")  # type: ignore[arg-type]
    monkeypatch.setattr(tasks, "load", lambda name, where="": task)
    folder = paths.fetched("intermediate", "t")
    for split, first, count in (("train", 0, N), ("dev", N, 4)):
        made = [Example(**{**vars(example(kind, n)), "key": str(n)}) for n in range(first, first + count)]
        ids = [f"t-{n:02d}" for n in range(first, first + count)]
        records.write(folder / f"{split}.parquet", records.table(kind, ids, ["en"] * count, made))  # type: ignore[arg-type]
    brought = [{"text": "as it was", "ticket": n, "agent": "é" if n else None} for n in range(N + 4)]
    own = [{"split": "train", "id": f"t-{n:02d}", "row": json.dumps(row)} for n, row in enumerate(brought)]
    files.write_parquet(folder / "brought.parquet", pa.Table.from_pylist(own))
    table = records.read(folder / "train.parquet")
    mark = {row["id"]: log.fingerprint(kind, row) for row in table.to_pylist()}  # type: ignore[arg-type]
    log.append("t", [log.Decision(id_, mark[id_], verdict, None, "Ann", log.now())
                     for id_, verdict in (("t-00", "keep"), ("t-01", "drop"))])  # fmt: skip
    merge("t")
    found = pa.table({"id": table["id"], "score": np.linspace(0.1, 1, N), "why": pa.array([None] * N, pa.string())})
    from curation import review

    section = Params(weights={"surface": 1.0}, flags={"surface": 0.35})
    files.write_parquet(
        paths.quality("t"), combine.table(table["id"].to_pylist(), {"surface": found}, section, 1, review.load("t"))
    )
    return task


CHOSEN = [f"t-{n:02d}" for n in (0, 3, 4, 5, 6, 7, 8, 9)]


def test_what_is_loaded_back_is_what_was_there(project: Task, kind: str) -> None:
    import datasets

    datasets.disable_progress_bars()
    told = export.write("t", CHOSEN, Path("out"))
    assert (told.rows, told.of, told.dev) == (8, N, 4)
    loaded = datasets.load_dataset("out", cache_dir="hf")
    left = datasets.load_dataset("out", "left_out", cache_dir="hf")["train"]
    assert {name: len(rows) for name, rows in loaded.items()} == {"train": 8, "validation": 4}
    assert sorted([*loaded["train"]["id"], *left["id"]]) == [f"t-{n:02d}" for n in range(N)]
    assert dict(zip(left["id"], left["reason"], strict=True))["t-01"] == "dropped_in_review"
    assert loaded["train"]["ticket"] == [0, 3, 4, 5, 6, 7, 8, 9]
    assert loaded["train"]["agent"][:2] == [None, "é"]
    own = "original_text" if kind in ("classify", "text") else "text"
    assert loaded["train"][own] == ["as it was"] * 8
    assert loaded["train"][0]["decision"] == "keep"
    assert sum(loaded["train"]["weight"]) == pytest.approx(8)
    assert min(loaded["train"]["weight"]) >= 0
    first, was = loaded["train"][1], example(kind, 3)
    if kind == "span":
        assert first["answers"] == {"text": ["Ann"], "answer_start": [0]}
    elif kind == "tags":
        assert loaded["train"].features["tags"].feature.names == ["O", "B-PER"]
        assert tuple(first["tags"]) == was.tags
    elif kind in NAMES:
        assert loaded["train"].features["label"].names == list(NAMES[kind])
        assert first["label"] == was.label
    for name in records.content_fields(kind):  # type: ignore[arg-type]
        value = getattr(was, name)
        assert first[name] == (list(value) if isinstance(value, tuple) else value)


def test_the_card_and_croissant_say_what_was_left_out(project: Task, kind: str) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    export.write("t", CHOSEN, Path("out"))
    card = Path("out/README.md").read_text(encoding="utf-8")
    assert "8 of 12 train rows of `t`" in card
    assert "- 1 dropped_in_review" in card
    assert "CC BY 4.0" in card
    said = mlcroissant.Dataset(jsonld="out/croissant.json")
    assert not said.metadata.ctx.issues.errors
    if kind != "span":  # answers are a struct, which Croissant's columns are not
        rows = list(said.records("left_out"))
        assert len(rows) == 4
        assert {row["left_out/id"].decode() for row in rows} == {"t-01", "t-02", "t-10", "t-11"}


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_other_formats_through_their_readers(project: Task, kind: str, form: str) -> None:
    export.write("t", CHOSEN, Path("out"), form)
    found: dict[str, list[dict[str, Any]]] = {}
    for part in ("train", "validation", "left_out"):
        file = Path(f"out/{part}.{form}")
        if form == "jsonl":
            found[part] = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        elif form == "csv":
            with file.open(encoding="utf-8", newline="") as handle:
                found[part] = list(csv.DictReader(handle))
        else:
            found[part] = files.read_parquet(file).to_pylist()
    assert [len(rows) for rows in found.values()] == [8, 4, 4]
    if kind == "classify" and form != "parquet":
        assert [row["label"] for row in found["train"][:2]] == ["billing", "billing"]
    if kind == "pair":
        assert found["train"][0]["text_b"] == 'Two; "three"\nfour.'
    if kind == "tags" and form == "csv":
        assert json.loads(found["train"][0]["tags"]) == ["B-PER", "O", "B-PER"]


@pytest.mark.parametrize("kind", ["classify"], indirect=True)
def test_nothing_is_overwritten_and_unknown_rows_are_refused(project: Task, kind: str) -> None:
    export.write("t", CHOSEN, Path("out"))
    with pytest.raises(CairnError, match="out is not empty"):
        export.write("t", CHOSEN, Path("out"))
    export.write("t", CHOSEN, Path("out"), force=True)
    with pytest.raises(CairnError, match="has no row 't-99'"):
        export.write("t", ["t-99"], Path("new"))
    with pytest.raises(CairnError, match="unknown format 'xml'"):
        export.write("t", CHOSEN, Path("new"), "xml")
    assert not Path("new").exists()
    export.write("t", [f"t-{n:02d}" for n in range(N)], Path("all"))
    import datasets

    assert datasets.get_dataset_config_names("all") == ["default"]


@pytest.mark.parametrize("kind", ["classify"], indirect=True)
def test_a_carriage_return_begins_no_row(kind: str, project: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spreadsheet, and every reader with universal line ends, begins a row at a lone one that is not quoted."""
    found = export.columns.in_words
    monkeypatch.setattr(
        export.columns, "in_words", lambda table, task: [{**row, "text": "late\r=1+1"} for row in found(table, task)]
    )
    written = export.write("t", [f"t-{n:02d}" for n in range(N)], Path("out"), "csv")
    with Path("out/train.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == written.rows == N
    assert {row["text"] for row in rows} == {"late\r=1+1"}
