"""The task files of the miniworld: every row of every split in every language can be used, and fetch takes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from curation import metrics, miniworld, tasks
from curation.core import files, paths, records, registry
from curation.fetch import conversion, sources
from curation.fetch.__main__ import run as run_fetch
from curation.miniworld import content
from curation.translate.__main__ import run as run_translate
from curation.translate.existing import provided

ROOT = Path(__file__).parents[3]
TASKS = {
    "mini_nli": "pair", "mini_xnli": "pair", "mini_paraphrase": "pair", "mini_qa": "span", "mini_choice": "choice",
    "mini_pos": "tags", "mini_ner": "tags", "mini_topic": "classify", "mini_bitext": "bitext", "mini_text": "text",
}  # fmt: skip
PLANT = {
    "label_noise": 0.1, "noise_kind": "uniform", "near_duplicates": 0.05, "conflicts": 0.05, "off_topic": 0.05,
    "garbled": 0.05, "leaks": 0.05, "leak_from": "mini_xnli", "translation_errors": 0.1,
}  # fmt: skip


def test_these_are_the_bundled_tasks():
    found = [name for name in registry.names("tasks") if name.startswith("mini_")]
    assert {name: tasks.load(name).kind for name in found} == TASKS


@pytest.mark.parametrize("name", TASKS)
def test_every_row_of_every_split_and_language_becomes_an_example(name):
    module = tasks.module(name)
    metrics.load(module.TASK.metric)
    seen = set()
    for split in ("train", "dev", "test"):
        for source in filter(None, (module.TASK.split(split), module.TASK.translations if split == "train" else None)):
            for lang in source.languages:
                seen.add(lang)
                planted = PLANT if split == "train" else None
                loaded = sources.rows(source, lang, module.TASK.config_names, sources.Bundled(40, 3, planted))
                found = conversion.convert(loaded, source, module.TASK, module.to_example, lang, need_label=False)
                assert not found.drops, found.drops[0]
                assert len(found.items) == (80 if name == "mini_bitext" else 40)
    assert seen | {"en"} == set(miniworld.LANGUAGES)


@pytest.mark.parametrize("name", [name for name in TASKS if name not in ("mini_bitext", "mini_text")])
def test_labels_are_balanced(name):
    module = tasks.module(name)
    loaded = sources.rows(module.TASK.train, "en", {}, sources.Bundled(600, 3))
    found = [module.to_example(row) for row in loaded.rows]
    if TASKS[name] in ("classify", "pair"):
        counts = [sum(e.label == i for e in found) / 600 for i in range(len(module.LABELS))]
        assert max(counts) < 1.15 / len(counts)
    elif TASKS[name] == "choice":
        first = sum(e.label == 0 for e in found) - sum(1 / len(e.choices) for e in found)
        assert abs(first) < 45  # of 600; three standard deviations are 36
    elif TASKS[name] == "span":
        assert all(len(e.answers) == 1 for e in found)
    else:
        assert all(e.tags is not None for e in found)


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    values = YAML(typ="safe", pure=True).load((ROOT / "profiles/demo.yaml").read_text(encoding="utf-8"))
    values["fetch"]["rows"] = {
        "intermediate": {"train": 200, "dev": 20},
        "target": {"train": 20, "dev": 20, "test": 20},
        "retrieval": {"dev": 20, "test": 20},
    }
    (tmp_path / values["task_folder"]).mkdir()
    YAML(pure=True).dump(values, tmp_path / "params.yaml")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAIRN_PARAMS", str(tmp_path / "params.yaml"))
    return values


def test_fetch_takes_the_tasks_of_the_demo_and_drops_nothing(experiment):
    for role, name in (("intermediate", "mini_nli"), ("target", "mini_xnli"), ("retrieval", "mini_bitext")):
        run_fetch(role, name)
        manifest = files.read_json(paths.fetched(role, name) / "manifest.json")
        assert manifest["rows_dropped"] == 0
    test = records.read(paths.fetched("target", "mini_xnli") / "test.parquet").to_pylist()
    assert {row["lang"] for row in test} == set(miniworld.LANGUAGES)
    assert len({row["id"] for row in test}) == 20  # parallel: the same ids in six languages
    pairs = records.read(paths.fetched("retrieval", "mini_bitext") / "test.parquet").to_pylist()
    assert {(row["pool"], row["side"]) for row in pairs} == {
        (lang, side) for lang in miniworld.LANGUAGES if lang != "en" for side in ("source", "target")
    }


def test_leaks_are_in_the_target_as_fetched_and_every_planted_key_in_the_intermediate_rows(experiment):
    run_fetch("intermediate", "mini_nli")
    run_fetch("target", "mini_xnli")
    train = {
        row["key"]: row for row in records.read(paths.fetched("intermediate", "mini_nli") / "train.parquet").to_pylist()
    }
    truth = miniworld.truth("nli", "train", 200, experiment["miniworld"]["seed"], experiment["miniworld"]["plant"])
    assert {entry["key"] for entry in truth} <= set(train)
    assert sum(train[entry["key"]]["text_a"] != "" for entry in truth) == len(truth) == 38
    splits = {}
    for split in ("dev", "test"):
        rows = records.read(paths.fetched("target", "mini_xnli") / f"{split}.parquet").to_pylist()
        splits |= {row["key"]: row for row in rows if row["lang"] == "en"}
    leaks = [entry for entry in truth if entry["defect"] == "leaks"]
    verbatim = [entry for entry in leaks if entry["detail"]["kind"] == "verbatim"]
    assert len(leaks) == len(verbatim) == 2
    for entry in verbatim:
        row, leaked = train[entry["key"]], splits[entry["detail"]["leaked"]]
        assert (row["text_a"], row["text_b"]) == (leaked["text_a"], leaked["text_b"])


def test_provided_translations_say_the_same_as_the_planted_train_rows(experiment):
    run_fetch("intermediate", "mini_nli")
    train = {
        row["key"]: row for row in records.read(paths.fetched("intermediate", "mini_nli") / "train.parquet").to_pylist()
    }
    found = provided("mini_nli", "de", set(train))
    assert set(found) == set(train)
    assert all(found[key].label == train[key]["label"] for key in train)
    plant, seed = experiment["miniworld"]["plant"], experiment["miniworld"]["seed"]
    rows = {row["key"]: row for row in miniworld.rows("nli", "train", "de", 200, seed, plant)}
    assert all(
        (found[key].text_a, found[key].text_b) == (rows[key]["premise"], rows[key]["hypothesis"]) for key in train
    )


def test_every_generated_config_but_one_has_a_task():
    configs = {tasks.load(name).test.config for name in TASKS}
    assert set(content.GENERATORS) - configs == {"qa2"}


def test_the_demo_translates_through_the_real_backend(experiment):
    """No stand-in: fetch, then the stage as dvc runs it."""
    run_fetch("intermediate", "mini_nli")
    run_translate("mini_nli", "de")
    found = records.read(paths.translated("mini_nli", "de") / "train.parquet").to_pylist()
    source = records.read(paths.fetched("intermediate", "mini_nli") / "train.parquet")["id"].to_pylist()
    assert len(found) > 150
    assert {row["lang"] for row in found} == {"de"}
    assert {row["id"] for row in found} <= set(source)
