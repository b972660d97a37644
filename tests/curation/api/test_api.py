"""The door for Python: tables of every sort in, judgement and subsets out, without files of a project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from curation import api
from curation.api import convert
from curation.core.errors import CairnError

WORDS = ("invoice payment refund card", "parcel courier package order", "password login account username")
NAMES = ("billing", "delivery", "account")


def rows(n: int = 60) -> list[dict[str, Any]]:
    found = []
    for i in range(n):
        said = WORDS[i % 3].split()
        text = f"My {said[i % 4]} and the {said[(i // 4) % 4]} were wrong in week {i}."
        found.append({"text": text, "label": NAMES[i % 3], "ticket": i})
    if n > 7:
        found[7]["label"] = "account"  # week 7 is about delivery
    return found


def test_a_wrong_label_in_a_table_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))
    scored = api.score(rows(), "classify")
    assert scored["ticket"].to_pylist() == list(range(60))
    assert scored["label_name"].to_pylist()[:3] == list(NAMES)
    worst = scored.sort_by("label_quality").slice(0, 1).to_pylist()[0]
    assert (worst["ticket"], worst["label_quality.suggested_label"]) == (7, "delivery")
    small, large = (api.subset(scored, "classify", size) for size in (12, 24))
    assert small["id"].to_pylist() == large["id"].to_pylist()[:12]
    assert {name: small["label_name"].to_pylist().count(name) for name in NAMES} == dict.fromkeys(NAMES, 4)
    with pytest.raises(CairnError, match="size is 99, but 6"):
        api.subset(scored, "classify", 99)
    assert not [file for file in tmp_path.iterdir() if file.name != "cache"]


@pytest.mark.parametrize("sort", ["dicts", "arrow", "pandas", "datasets"])
def test_tables_of_every_sort_give_the_same_records(sort: str) -> None:
    given = rows(6)
    table: Any = given
    if sort == "arrow":
        table = pa.Table.from_pylist(given)
    elif sort == "pandas":
        table = pytest.importorskip("pandas").DataFrame(given)
    elif sort == "datasets":
        import datasets

        table = datasets.Dataset.from_list(given).cast_column("label", datasets.ClassLabel(names=list(NAMES)))
    plain = convert.plain(table)
    found = convert.records_of(plain, "classify", NAMES)
    assert found.equals(convert.records_of(given, "classify", NAMES))


@pytest.mark.parametrize(
    ("kind", "row", "label"),
    [
        ("pair", {"text_a": "a", "text_b": "b", "label": "yes"}, 1),
        ("choice", {"prompt": "a", "choices": ["b", "c"], "label": 1}, 1),
        ("span", {"question": "q", "context": "a b", "answers": {"text": ["b"], "answer_start": [2]}},
         [{"text": "b", "start": 2}]),
        ("tags", {"tokens": ["a", "b"], "tags": ["no", "yes"]}, [0, 1]),
        ("text", {"text": "a"}, None),
    ],
)  # fmt: skip
def test_rows_of_every_kind(kind: Any, row: dict[str, Any], label: Any) -> None:
    found = convert.records_of([row], kind, ("no", "yes")).to_pylist()[0]
    assert found.get("label", found.get("answers", found.get("tags"))) == label


def test_rows_that_cannot_be_used_are_counted_by_reason() -> None:
    bad = [*rows(3), {"text": " ", "label": "billing"}, {"text": "x", "label": "bill"}]
    with pytest.raises(CairnError) as caught:
        convert.records_of(bad, "classify", NAMES)
    said = "2 of 5 rows cannot be used: 1 label out of range, 1 text is empty. First: row 3"
    assert str(caught.value).startswith(said)
    with pytest.raises(CairnError, match="the table lacks text_b"):
        convert.records_of([{"text_a": "a"}], "pair", NAMES)


@pytest.mark.slow
def test_two_lines_of_transformers_train_on_an_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of docs/own-data.md, run as they stand there."""
    import re

    from datasets import Dataset, DatasetDict, load_dataset
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

    root = Path(__file__).parents[3]
    monkeypatch.chdir(tmp_path)
    found = DatasetDict({name: Dataset.from_list(rows(24)) for name in ("train", "validation")})
    for name, part in found.items():
        Path("clean").mkdir(exist_ok=True)
        part.class_encode_column("label").to_parquet(f"clean/{name}.parquet")
    encoder = root / "training/encoders/tiny"
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    model = AutoModelForSequenceClassification.from_pretrained(encoder, num_labels=3)
    arguments = TrainingArguments("out", max_steps=2, report_to=[], use_cpu=True)
    page = (root / "docs/own-data.md").read_text(encoding="utf-8")
    lines = next(block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "Trainer(" in block)
    exec(lines, {**globals(), "load_dataset": load_dataset, "tokenizer": tokenizer, "model": model,  # noqa: S102
                 "arguments": arguments, "Trainer": Trainer})  # fmt: skip
