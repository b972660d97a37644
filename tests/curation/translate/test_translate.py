import importlib
import json
import random
import re
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from ruamel.yaml import YAML

from curation.core import files, paths, records, registry
from curation.core.errors import CairnError
from curation.core.task import Answer, Example
from curation.translate import drafts
from curation.translate.__main__ import run as run_translate

TASK = """
from curation.tasks import Source, Task
TASK = Task(kind="{kind}", metric="accuracy", labels=("no", "yes"), train=Source("bundled:none"),
            translations=Source("bundled:none", languages=("de", "es")))
def to_example(row): raise NotImplementedError
"""
BACKEND = """
import re
from curation.translate.translators import CUT, UNKNOWN
MARKERS = ("[", "]")
def describe(src, tgt, params): return {"engine": "suffix", "to": tgt}
def translate(texts, src, tgt, params): return [one(text) for text in texts]
def one(text):
    if "losemarks" in text:
        text = text.replace("[", "").replace("]", "")
    if "vanish" in text:
        text = re.sub("vanish[a-z]*", "", text)
    if "endless" in text:
        return text[: len(text) // 2] + CUT
    text = re.sub(r"\\b(?!zxqw)([a-z]+)\\b", r"\\1o", text)
    return re.sub(r"\\bzxqw\\b", UNKNOWN + "zxqw", text)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(registry, "_folders", {})
    for folder in ("mine", "backends"):
        Path(folder).mkdir()
    Path("backends/suffix.py").write_text(BACKEND)
    registry.add_folder("translators", Path("backends"))
    return tmp_path


def prepare(kind, examples, **changes):
    Path(f"mine/{kind}_task.py").write_text(TASK.format(kind=kind))
    task = f"{kind}_task"
    ids = [f"{task}-{i:03}" for i in range(len(examples))]
    records.write(
        paths.fetched("intermediate", task) / "train.parquet", records.table(kind, ids, ["en"] * len(ids), examples)
    )
    section = {
        "languages": ["de"], "backend": "suffix", "batch_size": 4, "model": None, "revision": None, "beams": 1,
        "min_quality": 0.3, **changes,
    }  # fmt: skip
    value = {
        "profile": "test", "seed": 5, "seeds": [1], "task_folder": "mine", "intermediate": [task], "targets": [task],
        "retrieval": [], "scorers": registry.names("scorers")[:1], "translate": section,
    }  # fmt: skip
    YAML().dump(value, Path("params.yaml"))
    return task


def run(task, lang="qx"):  # a language that nobody knows, as the backend's words are none
    run_translate(task, lang)
    folder = paths.translated(task, lang)
    kept = {row["id"]: row for row in records.read(folder / "train.parquet").to_pylist()}
    listed = {row["id"]: row for row in files.read_parquet(folder / "checks.parquet").to_pylist()}
    return kept, listed, json.loads((folder / "manifest.json").read_text())


def pairs(n=5):
    return [
        Example(text_a=f"a dog ran {i} times. it slept", text_b="", label=i % 2, key=str(i), group="g")
        for i in range(n)
    ]


def test_pairs_keep_id_key_group_and_label(place):
    kept, listed, manifest = run(prepare("pair", [*pairs(), Example(text_a="one zxqw dog", text_b="x", key="9")]))
    assert kept["pair_task-001"] == {
        "id": "pair_task-001", "lang": "qx", "key": "1", "group": "g", "text_a": "ao dogo rano 1 timeso. ito slepto",
        "text_b": "", "label": 1,
    }  # fmt: skip
    assert kept["pair_task-005"]["text_a"] == "oneo zxqw dogo"
    assert kept["pair_task-005"]["label"] is None
    assert len(listed) == manifest["rows"] == manifest["kept"] == 6
    assert manifest["unknown_words"] == 1
    assert listed["pair_task-005"]["known_words"] < 1
    assert manifest["engine"] == {"engine": "suffix", "to": "qx"}


def test_choices_are_translated_each(place):
    example = Example(prompt="a man", choices=("runs", "", "sits"), label=2, key="1")
    kept, _, _ = run(prepare("choice", [example]))
    assert kept["choice_task-000"]["choices"] == ["runso", "", "sitso"]
    assert kept["choice_task-000"]["label"] == 2


def span(context, *answers, key="1"):
    found = tuple(Answer(text, context.index(text)) for text in answers)
    return Example(question="who ran?", context=context, answers=found, key=key)


def test_spans_are_projected_verified_and_dropped_with_a_reason(place):
    rows = [
        span("a dog ran. a big cat sat. it ended", "big cat"),
        span("a dog losemarks sat. it ended", "dog"),
        span("a dog sat near vanishing", "vanishing"),
        span("nothing was said"),
        span("a dog saw a dog. a cat saw a cat", "cat", "dog"),
        span("a [cat] sat", "cat"),
    ]
    kept, listed, manifest = run(prepare("span", rows, min_quality=0))
    assert kept["span_task-000"]["answers"] == [{"text": "bigo cato", "start": 17}]
    assert kept["span_task-001"]["answers"] == [{"text": "dogo", "start": 3}]
    assert kept["span_task-003"]["answers"] == []
    assert [a["text"] for a in kept["span_task-004"]["answers"]] == ["cato", "dogo"]
    assert kept["span_task-005"]["answers"] == [{"text": "cato", "start": 4}]
    for row in kept.values():
        assert all(row["context"][a["start"] :].startswith(a["text"]) for a in row["answers"])
    assert listed["span_task-002"]["reason"] == "answer not found in translation"
    assert listed["span_task-002"]["translation_quality"] is None
    assert manifest["dropped"] == {"answer not found in translation": 1}
    assert manifest["projected"] == {"alone": 2, "markers and alone": 2}


@pytest.mark.parametrize("kind", ["pair", "choice", "span"])
def test_what_the_model_cut_short_is_dropped_and_counted(place, kind):
    rows = {
        "pair": [*pairs(2), Example(text_a="a dog ran an endless mile", text_b="x", label=0, key="9")],
        "choice": [
            Example(prompt="a man", choices=("runs", what), label=0, key=what) for what in ("sits", "an endless mile")
        ],
        "span": [span("a big cat sat", "big cat"), span("a dog ran an endless mile", "dog", key="2")],
    }[kind]
    kept, listed, manifest = run(prepare(kind, rows, min_quality=0))
    cut = f"{kind}_task-{len(rows) - 1:03}"
    assert cut not in kept
    assert listed[cut]["reason"] == drafts.TOO_LONG
    assert manifest["dropped"] == {drafts.TOO_LONG: 1}


def test_low_quality_is_dropped_and_named(place):
    draw = random.Random(1)
    some = ["dog", "cat", "horse", "ran", "sat", "saw", "big", "small", "red", "green", "house", "river"]
    texts = [" ".join(draw.choices(some, k=8)) for _ in range(300)]
    rows = [Example(text_a=texts[i], text_b=texts[150 + i], label=0, key=str(i)) for i in range(150)]
    rows.append(Example(text_a="the dog saw " + "vanishing " * 12, text_b=texts[0], label=0, key="x"))
    kept, listed, manifest = run(prepare("pair", rows))
    assert "pair_task-150" not in kept
    assert listed["pair_task-150"]["reason"].startswith("low quality: ")
    assert listed["pair_task-150"]["translation_quality"] < 0.3
    assert manifest["kept"] >= 145
    assert manifest["drop_rate"]["good_translations_below"] == 0.007943
    assert manifest["drop_rate"]["calibrated_on"] == "all languages together"


def test_two_runs_give_the_same_bytes_and_the_second_needs_no_backend(place, monkeypatch):
    task = prepare("span", [span("a dog ran. a big cat sat", "big cat")], min_quality=0)
    run(task)
    first = {file.name: file.read_bytes() for file in paths.translated(task, "qx").iterdir()}
    assert set(first) == {"train.parquet", "checks.parquet", "manifest.json", "checksums.json"}
    shutil.rmtree("data/translated")
    Path("backends/suffix.py").write_text(BACKEND.replace("return [one(text) for text in texts]", "raise RuntimeError"))
    run(task)
    assert {file.name: file.read_bytes() for file in paths.translated(task, "qx").iterdir()} == first


def test_a_provided_translation_brings_its_own_texts_and_answers_but_not_the_label(place, monkeypatch):
    task = prepare("pair", pairs(4), backend="provided")
    german = {
        str(i): Example(text_a=f"ein Hund lief {i} mal. er schlief", text_b="", label=1, key=str(i)) for i in range(3)
    }
    module = importlib.import_module("curation.translate.existing")
    monkeypatch.setattr(module, "provided", lambda name, lang, keys: {k: german[k] for k in keys if k in german})
    kept, listed, manifest = run(task, "de")
    assert [row["label"] for row in kept.values()] == [0, 1, 0]
    assert kept["pair_task-002"]["text_a"].startswith("ein Hund lief 2")
    assert listed["pair_task-003"]["reason"] == "no translation provided"
    assert manifest["dropped"] == {"no translation provided": 1}


def test_a_provided_label_that_differs_is_counted_and_its_rows_are_named(place, monkeypatch, capsys):
    rows = [*pairs(9), Example(text_a="a cat", text_b="", key="9")]
    task = prepare("pair", rows, backend="provided", min_quality=0)
    labels = [0, 1, None, 0, 1, 1, 1, 0, 1, 1]  # others than theirs: rows 3, 4, 6, 7 and 8; row 9 has none
    german = {
        str(i): Example(text_a=f"ein Hund lief {i} mal. er schlief", text_b="", label=label, key=str(i))
        for i, label in enumerate(labels)
    }
    module = importlib.import_module("curation.translate.existing")
    monkeypatch.setattr(module, "provided", lambda name, lang, keys: german)
    kept, listed, manifest = run(task, "de")
    others = {id_: row["other_label"] for id_, row in listed.items() if row["other_label"]}
    assert others == {f"pair_task-00{i}": "yes" if labels[i] else "no" for i in (3, 4, 6, 7, 8)}
    assert manifest["other_label"] == 5
    assert [row["label"] for row in kept.values()] == [row.label for row in rows]
    said = capsys.readouterr().err
    assert "pair_task de: 5 of 10 translations come with another label than their row; the row's label stays" in said
    assert "They are pair_task-003, pair_task-004" in said
    del german["3"]  # and only rows that are kept count
    assert run(task, "de")[2]["other_label"] == 4


def test_a_translation_by_a_model_has_no_label_of_its_own(place, capsys):
    _, listed, manifest = run(prepare("pair", pairs()))
    assert manifest["other_label"] == 0
    assert {row["other_label"] for row in listed.values()} == {None}
    assert "another label" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "row", "example", "reason"),
    [
        ("span", {"answers": [{}]}, span("abc", "b"), None),
        ("span", {"answers": []}, span("abc", "b"), "answerable in one language only"),
        (
            "span",
            {"answers": [{}]},
            Example(question="q", context="abc", answers=(Answer("c", 1),)),
            "answer not at its offset",
        ),
        ("choice", {"choices": ["a", "b"]}, Example(prompt="p", choices=("a",)), "other number of choices"),
        ("tags", {}, Example(tokens=("a", "b"), tags=(1,)), "tags and tokens differ in number"),
        ("tags", {}, Example(tokens=("a", "b"), tags=(1, 0)), None),
        ("pair", {}, Example(text_a="a"), "incomplete translation"),
        ("pair", {}, Example(text_a=" ", text_b=""), "empty translation"),
    ],
)
def test_provided_examples_are_verified(kind, row, example, reason):
    draft = drafts.from_examples(kind, [{"key": "1", **row}], {"1": example})[0]
    assert draft.reason == reason
    assert (draft.fields is None) == (reason is not None)


@pytest.mark.parametrize(
    ("kind", "example", "changes", "message"),
    [
        ("tags", Example(tokens=("a",), tags=(0,), key="1"), {}, "has a label per word, and translate.aligner is null"),
        ("bitext", Example(pool="p", side="source", text="a", gold=(), key="1"), {}, "parallel text already"),
        ("pair", pairs()[0], {"backend": "apertum"}, "unknown translator 'apertum'. Did you mean 'apertium'"),
        ("pair", pairs()[0], {"min_quality": 2}, "min_quality is 2"),
        ("pair", Example(text_a="vanish", text_b="x", key="1"), {}, "lower translate.min_quality (0.3)"),
    ],
)
def test_mistakes_are_named(place, kind, example, changes, message):
    with pytest.raises(CairnError, match=re.escape(message)):
        run(prepare(kind, [example], **changes))


def test_the_language_of_the_data_is_no_target(place):
    with pytest.raises(CairnError, match="is in en already"):
        run_translate(prepare("pair", pairs()), "en")


@pytest.mark.apertium
def test_apertium_projects_answers_for_real(place):
    context = "The red house is in the park. My father has a big dog and a small cat."
    task = prepare(
        "span",
        [span(context, "big dog"), span(context, "The red house", key="2")],
        backend="apertium",
        languages=["es"],
    )
    run_translate(task, "es")
    rows = records.read(paths.translated(task, "es") / "train.parquet").to_pylist()
    assert [row["answers"][0]["text"] for row in rows] == ["perro grande", "La casa roja"]
    assert pa.__version__
