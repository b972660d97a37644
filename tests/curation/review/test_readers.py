"""Review sheets through the readers of the programs they are for, where argilla and label-studio-sdk are installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curation.review import forms

CONTENT: dict[str, dict[str, Any]] = {
    "classify": {"text": "=My parcel is late."},
    "pair": {"text_a": "One.", "text_b": 'Two; "three"\nfour.'},
    "choice": {"prompt": "Where?", "choices": ["in", "at"]},
    "span": {"question": "Who?", "context": "Ann ran."},
    "tags": {"tokens": "by Ann"},
}
LABELS = {
    "classify": ("a", "b"), "pair": ("n", "y"), "choice": ("in", "at"), "span": ("Ann", "ran"),
    "tags": ("O O", "O B-PER"),
}  # fmt: skip


def sheet(kind: str) -> forms.Sheet:
    given, suggested = LABELS[kind]
    empty: dict[str, Any] = dict.fromkeys(forms.FILLED)
    facts = {"given": given, "flags": ["label_quality", "conflicts"], "why": "because"}
    return [
        {
            "task": "t", "id": f"t-{n}", "row": "0" * 12, **CONTENT[kind], **facts,
            "suggested": suggested if n % 2 else None, "quality": 0.1 * n if n else None, **empty,
        }
        for n in range(4)
    ]  # fmt: skip


def said(found: Any, kind: str, author: str) -> None:
    rows = [(row["task"], row["id"], row["row"], row["decision"], row["new_label"], row["author"]) for row in found]
    assert rows == [("t", f"t-{n}", "0" * 12, "relabel", LABELS[kind][1], author) for n in range(4)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", CONTENT)
def test_argilla_reads_a_sheet_and_what_it_writes_comes_back(kind: str, tmp_path: Path) -> None:
    argilla = pytest.importorskip("argilla")
    from argilla.records._io import JsonIO  # what Dataset.records.from_json and to_json call, without a server

    (tmp_path / "sheet.json").write_text(forms.to_argilla(sheet(kind), ()), encoding="utf-8")
    records = JsonIO._records_from_json(tmp_path / "sheet.json")
    assert records[1].suggestions["decision"].value == "relabel"
    assert dict(records[0].fields)["given"] == LABELS[kind][0]
    user = "3f0b7a6e-0000-4000-8000-000000000001"
    answers = {"decision": "relabel", "new_label": LABELS[kind][1]}
    filled = [
        argilla.Record(
            id=one.id, fields=dict(one.fields), metadata=dict(one.metadata),
            responses=[argilla.Response(name, value, user_id=user) for name, value in answers.items()],
        )
        for one in records
    ]  # fmt: skip
    JsonIO.to_json(filled, tmp_path / "filled.json")
    said(forms.read(tmp_path / "filled.json"), kind, user)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", CONTENT)
def test_label_studio_takes_tasks_predictions_and_annotations(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("label_studio_sdk")
    from label_studio_sdk.label_interface import LabelInterface

    interface = LabelInterface(forms.label_studio_interface(list(CONTENT[kind])))
    interface.validate()
    tasks = json.loads(forms.to_label_studio(sheet(kind), ()))
    for task in tasks:
        assert interface.validate_task({"data": task["data"]})  # with predictions in it this call of theirs fails
        for prediction in task["predictions"]:
            assert not interface.validate_prediction(prediction, return_errors=True)
        results = [("decision", "choices", "choices", "relabel"), ("new_label", "textarea", "text", LABELS[kind][1])]
        result = [
            {"from_name": name, "to_name": "text", "type": type_, "value": {key: [value]}}
            for name, type_, key, value in results
        ]
        made = {"id": 1, "completed_by": {"email": "ann@x.org"}, "created_at": "2026-01-01T00:00:00Z", "result": result}
        assert interface.validate_annotation(made)
        task["annotations"] = [made]
    (tmp_path / "filled.json").write_text(json.dumps(tasks), encoding="utf-8")
    said(forms.read(tmp_path / "filled.json"), kind, "ann@x.org")
