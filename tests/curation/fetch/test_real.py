"""The real data of the mirror: every task it serves, whole, with the number of rows counted by hand from its tables."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from curation import fetch, files, paths, records
from curation.errors import CairnError

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def real_mirror():
    if not Path(os.environ.get("CAIRN_HUB_MIRROR", "/nowhere")).is_dir():
        pytest.skip("CAIRN_HUB_MIRROR names no folder")


def manifest(role, task):
    fetch.run(role, task)
    return files.read_json(paths.fetched(role, task) / "manifest.json")


@pytest.mark.parametrize(
    ("task", "rows"),
    [
        ("snli", {"train": 19_999, "dev": 9_842}),
        ("mnli", {"train": 5_192, "dev": 9_815}),
        ("squad", {"train": 8_149, "dev": 3_753}),
        ("udpos", {"train": 21_253, "dev": 3_974}),
        ("panx", {"train": 20_000, "dev": 10_000}),
    ],
)
def test_intermediate_tasks(params, task, rows):
    found = manifest("intermediate", task)
    dropped = Counter(d["split"] for d in _dropped("intermediate", task))
    assert {name: count + dropped[name] for name, count in found["rows"].items()} == rows
    assert found["rows_dropped"] <= 0.005 * sum(rows.values())


@pytest.mark.parametrize(
    ("task", "languages", "test"),
    [
        ("xnli", ["ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "th", "tr", "vi", "zh"], 5_010),
        ("xquad", ["ar", "de", "el", "en", "es", "hi", "ro", "ru", "th", "tr", "vi", "zh"], 1_190),
    ],
)
def test_parallel_targets(params, task, languages, test):
    params(languages=languages)
    found = manifest("target", task)
    assert found["rows"]["test"] == test * len(languages)
    assert found["rows_dropped"] == 0
    table = records.read(paths.fetched("target", task) / "test.parquet")
    ids = {lang: set() for lang in languages}
    for id_, lang in zip(table["id"].to_pylist(), table["lang"].to_pylist(), strict=True):
        ids[lang].add(id_)
    assert all(of_lang == ids["en"] for of_lang in ids.values())
    assert all(entry["as_expected"] for entry in found["splits"]["test"].values())


def test_tatoeba(params):
    params(languages=["de", "es", "fr", "ru", "tr", "vi", "zh", "kk"])
    found = manifest("retrieval", "tatoeba")
    assert found["rows"]["test"] == 2 * (7 * 1_000 + 575)
    rows = records.read(paths.fetched("retrieval", "tatoeba") / "test.parquet").to_pylist()
    for pool in ("de", "kk"):
        source = [r for r in rows if r["pool"] == pool and r["side"] == "source"]
        place = {r["key"]: n for n, r in enumerate(r for r in rows if r["pool"] == pool and r["side"] == "target")}
        assert sum(place[r["gold"][0]] == n for n, r in enumerate(source)) < 0.02 * len(source)


def test_caps_keep_the_same_rows_in_every_language(params):
    params(languages=["en", "de", "ru"], train=1000, dev=100, test=250)
    found = manifest("target", "xnli")
    assert found["rows"] == {"train": 1000, "dev": 100, "test": 750}
    rows = records.read(paths.fetched("target", "xnli") / "test.parquet").to_pylist()
    assert set(Counter(r["key"] for r in rows).values()) == {3}
    labels = {(r["key"], r["label"]) for r in rows}
    assert len(labels) == 250  # a translation has the label of its original


@pytest.mark.parametrize(
    ("role", "task", "said"),
    [
        ("target", "pawsx", "config 'en', split 'train'"),
        ("target", "tydiqa", "Config 'secondary_task' is there with the splits: train."),
        ("intermediate", "squad_v2", "Config 'squad_v2' is there with the splits: validation."),
        ("target", "mlqa", "config 'mlqa.en.en', split 'test'"),
    ],
)
def test_what_the_mirror_lacks(params, role, task, said):
    with pytest.raises(CairnError, match=said):
        fetch.run(role, task)


@pytest.mark.parametrize(
    ("task", "split", "lang", "rows"),
    [
        ("pawsx", "dev", "en", 2_000),
        ("pawsx", "test", "fr", 2_000),
        ("tydiqa", "train", "en", 3_696),
        ("squad_v2", "dev", "en", 6_078),
        ("mlqa", "dev", "en", 3_753),
        ("panx", "dev", "en", 10_000),
    ],
)
def test_single_splits_of_tasks_the_mirror_has_in_part(params, task, split, lang, rows):
    job = fetch.open_job("target", task)
    source = job.task.split(split)
    _, found = fetch.convert_split(job, split, source, lang)
    assert found.found == rows
    assert len(found.drops) <= 0.01 * rows


def _dropped(role, task):
    return files.read_parquet(paths.fetched(role, task) / "dropped.parquet").to_pylist()
