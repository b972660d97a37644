"""Decisions of people: the log, sheets in every format and back, and what the flow makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation import review, tasks
from curation.core import files, kinds, paths, records
from curation.core.errors import CairnError
from curation.core.task import Answer, Example, Task
from curation.quality import Params, combine
from curation.review import forms, labels, log, sheets
from curation.review.__main__ import run

LABELS = ("billing", "delivery", "other")
NAMES = {"classify": LABELS, "pair": LABELS, "tags": ("O", "B-PER", "I-PER")}


def example(kind: str, n: int) -> Example:
    return {
        "classify": Example(text=f"=My parcel {n} is late.", label=n % 3),
        "pair": Example(text_a=f"One {n}.", text_b='Two; "three"\nfour.', label=n % 3),
        "choice": Example(prompt=f"Where is {n}?", choices=("in", "at", f"by {n}"), label=n % 3),
        "span": Example(question=f"Who is {n}?", context=f"Ann met Bo {n}.", answers=(Answer("Ann", 0),)),
        "tags": Example(tokens=("Ann", "met", f"Bo{n}"), tags=(1, 0, 1)),
    }[kind]


NEW = {"classify": "other", "pair": "other", "choice": "at", "span": "Bo", "tags": "B-PER O O"}
"""Kind to a new label in words, for row 0."""
VALUE = {"classify": 2, "pair": 2, "choice": 1, "span": [{"text": "Bo", "start": 8}], "tags": [1, 0, 0]}


@pytest.fixture(params=NEW)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def project(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A task ``t`` of ten rows, fetched and scored; its rows."""
    monkeypatch.chdir(tmp_path)
    task = Task(kind=kind, metric="accuracy", labels=NAMES.get(kind, ()))  # type: ignore[arg-type]
    monkeypatch.setattr(tasks, "load", lambda name, where="": task)
    made = [example(kind, n) for n in range(10)]
    ids = [f"t-{n:02d}" for n in range(10)]
    table = records.table(kind, ids, ["en"] * 10, [Example(**{**vars(e), "key": str(n)}) for n, e in enumerate(made)])  # type: ignore[arg-type]
    records.write(paths.fetched("intermediate", "t") / "train.parquet", table)
    score("t", table)
    return table.to_pylist()


def score(name: str, table: pa.Table) -> None:
    n = table.num_rows
    found = {
        "id": table["id"], "score": pa.array(np.linspace(0.1, 1, n)), "why": pa.array([None] * n, pa.string()),
        "suggested_label": pa.array([None] * n, pa.string()), "suggested_index": pa.array([None] * n, pa.int32()),
    }  # fmt: skip
    section = Params(weights={"label_quality": 1.0}, flags={"label_quality": 0.35})
    made = combine.table(table["id"].to_pylist(), {"label_quality": pa.table(found)}, section, 1, review.load(name))
    files.write_parquet(paths.quality(name), made)


def sheet(form: str, ids: list[str], decisions: dict[str, tuple[str, str]], name: str = "sheet") -> Path:
    """Write a sheet as ``curation export --review`` does, fill it as a person does, and return its file."""
    rows, task = sheets.rows("t", ids)
    write, suffix = forms.FORMATS[form]
    file = Path(f"{name}{suffix}")
    text = write(rows, task.labels)
    if form in ("csv", "jsonl"):
        filled = [
            {**row, **dict(zip(("decision", "new_label"), decisions.get(row["id"], (None, None)), strict=True))}
            for row in rows
        ]
        text = write(filled, task.labels)
    else:
        value = json.loads(text)
        for one in value:
            said = decisions.get(one["id"] if form == "argilla" else one["data"]["id"])
            if said is None:
                continue
            if form == "argilla":
                answers = {"decision": said[0], "new_label": said[1]}
                one["responses"] = {k: [{"value": v, "user_id": "u1"}] for k, v in answers.items() if v}
            else:
                chosen = {"from_name": "decision", "type": "choices", "value": {"choices": [said[0]]}}
                typed = {"from_name": "new_label", "type": "textarea", "value": {"text": [said[1]]}}
                one["annotations"] = [{"result": [chosen, *([typed] if said[1] else [])], "completed_by": 7}]
        text = json.dumps(value)
    files.write_text(file, text)
    return file


@pytest.mark.parametrize("form", forms.FORMATS)
def test_every_sheet_comes_back_as_it_was_filled(form: str, kind: str, project: list[dict[str, Any]]) -> None:
    said = {"t-00": ("relabel", NEW[kind]), "t-01": ("keep", ""), "t-02": ("drop", ""), "t-03": ("unsure", "")}
    file = sheet(form, [row["id"] for row in project], said)
    outcome = sheets.bring(file, "Ann")["t"]
    assert {d.id: d.decision for d in outcome.added} == {id_: verdict for id_, (verdict, _) in said.items()}
    assert next(d for d in outcome.added if d.id == "t-00").label == VALUE[kind]
    assert all(d.author and d.time for d in outcome.added)
    before = paths.reviews("t").read_bytes()
    again = sheets.bring(file, "Bob")["t"]
    assert (again.added, len(again.same)) == ([], 4)
    assert paths.reviews("t").read_bytes() == before


def test_what_the_flow_makes_of_decisions(kind: str, project: list[dict[str, Any]]) -> None:
    said = {"t-00": ("relabel", NEW[kind]), "t-01": ("keep", ""), "t-02": ("drop", "")}
    sheets.bring(sheet("csv", [row["id"] for row in project], said), "Ann")
    run("t")
    decided = review.load("t")
    table = records.read(paths.fetched("intermediate", "t") / "train.parquet")
    found = review.apply(table, decided)
    field = records.LABEL_FIELD[kind]  # type: ignore[index]
    assert found.schema == table.schema
    assert found.slice(0, 1)[field].to_pylist() == [VALUE[kind]]
    assert found.slice(1) == table.slice(1)
    translated = review.apply(table, decided, original=False)
    assert translated.num_rows == (10 if kinds.KINDS[kind].type == "int" else 9)  # type: ignore[index]
    score("t", table)
    quality = {row["id"]: row for row in files.read_parquet(paths.quality("t")).to_pylist()}
    assert [quality[id_]["flags"] for id_ in ("t-00", "t-01", "t-02", "t-03")] == [[], [], ["label_quality"], []]
    assert [quality[id_]["flagged"] for id_ in ("t-00", "t-01", "t-02")] == [["label_quality"]] * 3
    assert [quality[id_]["quality"] for id_ in ("t-00", "t-01", "t-02")] == [1.0, 1.0, 0.0]
    assert quality["t-03"]["decision"] is None


def test_a_changed_row_is_refused_by_name(kind: str, project: list[dict[str, Any]]) -> None:
    file = sheet("csv", ["t-00", "t-01"], {"t-00": ("keep", ""), "t-01": ("keep", "")})
    table = records.read(paths.fetched("intermediate", "t") / "train.parquet")
    rows = table.to_pylist()
    field = records.LABEL_FIELD[kind]  # type: ignore[index]
    rows[0] = {**rows[0], field: VALUE[kind]}
    changed = pa.Table.from_pylist(rows[:1] + rows[2:], schema=table.schema)
    records.write(paths.fetched("intermediate", "t") / "train.parquet", changed)
    outcome = sheets.bring(file, "Ann")["t"]
    assert (outcome.changed, outcome.gone, outcome.added) == (["t-00"], ["t-01"], [])
    assert not paths.reviews("t").exists()


def test_decisions_about_rows_that_changed_later_do_not_count(
    kind: str, project: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    log.append("t", [log.Decision("t-00", "0" * 12, "drop", None, "Ann", log.now())])
    run("t")
    assert review.load("t") == {}
    assert (
        "1 decisions are about rows that have changed or gone since, and do not count: t-00" in capsys.readouterr().err
    )


def test_a_contradiction_is_listed_and_not_taken(kind: str, project: list[dict[str, Any]]) -> None:
    first = sheet("csv", ["t-00", "t-01"], {"t-00": ("keep", ""), "t-01": ("keep", "")})
    second = sheet("csv", ["t-00", "t-01"], {"t-00": ("drop", ""), "t-01": ("keep", "")}, "second")
    sheets.bring(first, "Ann")
    outcome = sheets.bring(second, "Bob")["t"]
    assert [(new.decision, old.decision, old.author) for new, old in outcome.conflicts] == [("drop", "keep", "Ann")]
    assert log.standing(log.read("t"))["t-00"].decision == "keep"
    assert len(sheets.bring(second, "Bob", replace=True)["t"].added) == 1
    assert log.standing(log.read("t"))["t-00"].decision == "drop"
    assert [one.decision for one in log.read("t") if one.id == "t-00"] == ["keep", "drop"]


@pytest.mark.parametrize("kind", ["classify"], indirect=True)
def test_mistakes_in_a_sheet_name_the_row_and_change_nothing(kind: str, project: list[dict[str, Any]]) -> None:
    for said, why in (
        (("kep", ""), "unknown decision 'kep'. Did you mean 'keep'?"),
        (("relabel", ""), "relabel, but new_label is empty"),
        (("relabel", "biling"), "unknown label 'biling'. Did you mean 'billing'?"),
    ):
        with pytest.raises(CairnError, match=r"t-01") as caught:
            sheets.bring(sheet("csv", ["t-00", "t-01"], {"t-00": ("keep", ""), "t-01": said}), "Ann")
        assert why in str(caught.value)
        assert not paths.reviews("t").exists()
    Path("other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(CairnError, match="it lacks the column task, id, row"):
        sheets.bring(Path("other.csv"), "Ann")


@pytest.mark.parametrize("kind", ["classify"], indirect=True)
def test_a_sheet_that_a_spreadsheet_saved_with_semicolons(kind: str, project: list[dict[str, Any]]) -> None:
    import csv

    file = sheet("csv", ["t-00"], {"t-00": ("drop", "")})
    rows = list(csv.reader(file.read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1][3].startswith("'=")  # a formula it is not
    with Path("saved.csv").open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle, delimiter=";").writerows(rows)
    assert [d.decision for d in sheets.bring(Path("saved.csv"), "Ann")["t"].added] == ["drop"]


@pytest.mark.parametrize("kind", ["classify"], indirect=True)
@pytest.mark.parametrize("form", forms.FORMATS)
def test_line_ends_of_unicode_in_a_note_are_part_of_it(
    kind: str, project: list[dict[str, Any]], form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON writes U+2028 and U+0085 as they are: they end no line of the log, nor of a sheet."""
    decision = log.Decision(
        "t-00", log.fingerprint("classify", project[0]), "drop", None, "Ann", log.now(), "a\u2028b\x85c"
    )
    log.append("t", [decision])
    assert log.read("t") == [decision]
    file = sheet(form, ["t-00", "t-01"], {"t-01": ("keep", "")})
    assert sheets.bring(file, "Ann", replace=True)["t"].added[-1].id == "t-01"
    assert len(log.read("t")) == 2


@pytest.mark.parametrize("kind", ["classify"], indirect=True)
@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (
            "a.jsonl",
            lambda text: text.replace('"decision"', '"id": "t-01", "decision"', 1),
            "the name 'id' occurs twice",
        ),
        ("a.jsonl", lambda text: "[" * 99_999, "nested too deeply"),
        ("a.jsonl", lambda text: text.replace('"decision": "drop"', '"decision": "\\ud83d"'), "half a surrogate"),
        ("a.jsonl", lambda text: text + "7\n", "'7' is no row with names"),
        ("a.json", lambda text: "[" * 99_999, "nested too deeply"),
        ("a.json", lambda text: "7", "is no review sheet"),
        ("a.csv", lambda text: "id,id\n1,2\n", "two columns are called 'id'"),
    ],
)
def test_a_broken_sheet(kind: str, project: list[dict[str, Any]], name: str, change: Any, said: str) -> None:
    file = sheet("jsonl", ["t-00"], {"t-00": ("drop", "")})
    Path(name).write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(CairnError, match=said):
        sheets.bring(Path(name), "Ann")
    assert log.read("t") == []


def test_a_text_in_a_sheet_may_be_longer_than_csv_allows() -> None:
    row = {"task": "t", "id": "x", "row": "y", "text": "word " * 40_000, "decision": "keep"}
    assert list(forms.from_csv(forms.to_csv([row], ()))) == [row]


@given(st.text(), st.text())
def test_cells_come_back_through_a_spreadsheet(decision: str, note: str) -> None:
    row = {"task": "t", "id": "x", "row": "y", "note": note.replace("\r", "").strip("\n"), "new_label": "x"}
    found = list(forms.from_csv(forms.to_csv([row], ())))
    assert found == [row] or not row["note"].isprintable()


def test_labels_of_every_kind_are_read_in_words() -> None:
    row = {"choices": ["1", "two"], "context": "a b a", "tokens": ["x"]}
    assert labels.parse("choice", "1", row, (), "") == 0  # the text of a choice comes before its number
    assert labels.parse("span", "(no answer)", row, (), "") == []
    for kind, said, why in (
        ("span", "a", "occurs 2 times"), ("span", "zz", "occurs 0 times"), ("tags", "O O", "2 tags for 1 words"),
        ("choice", "3", "unknown choice"), ("text", "x", "no label to correct"),
    ):  # fmt: skip
        with pytest.raises(CairnError, match=why):
            labels.parse(kind, said, row, ("O",), "here")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "index", "said", "value"),
    [("classify", 1, "delivery", 1), ("choice", 2, "choice 3 ('by 0')", 2), ("tags", 2, "I-PER", [1, 0, 2]),
     ("span", 8, "'Bo'", [{"text": "Bo", "start": 8}]), ("span", -1, "(no answer)", []), ("pair", None, None, None)],
)  # fmt: skip
def test_suggestions_become_labels(kind: str, index: Any, said: Any, value: Any) -> None:
    row = records.table(kind, ["x"], ["en"], [Example(**{**vars(example(kind, 0)), "key": "0"})]).to_pylist()[0]  # type: ignore[arg-type]
    scored = {"label_quality.suggested_index": index, "label_quality.suggested_label": said}
    assert labels.suggestion(kind, row, scored, NAMES.get(kind, ())) == value  # type: ignore[arg-type]
