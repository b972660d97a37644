"""The real data of the mirror: every task it serves, whole, with the number of rows counted by hand from its tables."""

from __future__ import annotations

import os
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from curation import tasks
from curation.core import files, paths, records, registry
from curation.core.errors import CairnError
from curation.fetch import conversion, splits, validity
from curation.fetch.__main__ import run as run_fetch
from curation.fetch.sources import Loaded
from curation.rows import tables

pytestmark = pytest.mark.real


@pytest.fixture(autouse=True)
def real_mirror():
    if not Path(os.environ.get("CAIRN_HUB_MIRROR", "/nowhere")).is_dir():
        pytest.skip("CAIRN_HUB_MIRROR names no folder")


def manifest(role, task):
    run_fetch(role, task)
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
    assert all(entry["as_expected"] for entry in found["splits"]["test"].values())
    rows = records.read(paths.fetched("retrieval", "tatoeba") / "test.parquet").to_pylist()
    for pool in ("de", "kk"):
        source = [r for r in rows if r["pool"] == pool and r["side"] == "source"]
        place = {r["key"]: n for n, r in enumerate(r for r in rows if r["pool"] == pool and r["side"] == "target")}
        assert sum(place[r["gold"][0]] == n for n, r in enumerate(source)) < 0.02 * len(source)


def test_caps_keep_the_same_rows_in_every_language(params):
    params(languages=["en", "de", "ru"], train=1000, dev=100, test=250)
    found = manifest("target", "xnli")
    assert found["rows"] == {"train": 1000, "dev": 100, "test": 750, "zero_shot": 200}
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
        ("intermediate", "anli", "splits: test_r1, test_r2, test_r3"),
        ("intermediate", "anli_plus", "facebook/anli, config 'plain_text', split 'train_r1'"),
        ("intermediate", "cosmos_qa", "Config 'default' is there with the splits: validation."),
        ("intermediate", "ccg_substitute", "eriktks/conll2000 is not in this mirror"),
        ("intermediate", "social_iqa", "allenai/social_i_qa is not in this mirror"),
        ("target", "xcopa", "aps/super_glue is not in this mirror"),
        ("retrieval", "bucc2018", "config 'bucc18.de', split 'validation'"),
    ],
)
def test_what_the_mirror_lacks(params, role, task, said):
    with pytest.raises(CairnError, match=said):
        run_fetch(role, task)


@pytest.mark.parametrize(
    ("task", "split", "lang", "rows"),
    [
        ("pawsx", "dev", "en", 2_000),
        ("pawsx", "test", "fr", 2_000),
        ("tydiqa", "train", "en", 3_696),
        ("squad_v2", "dev", "en", 6_078),
        ("mlqa", "dev", "en", 3_753),
        ("panx", "dev", "en", 10_000),
        ("anli", "test", "en", 3_200),
        ("cosmos_qa", "dev", "en", 2_985),
        ("xcopa", "test", "qu", 500),
        ("bucc2018", "dev", "zh", 2 * 257),
    ],
)
def test_single_splits_of_tasks_the_mirror_has_in_part(params, task, split, lang, rows):
    job = splits.open_job("target", task)
    source = job.task.split(split)
    _, found = splits.convert_split(job, split, source, lang)
    assert found.found == rows
    assert len(found.drops) <= 0.01 * rows


def _dropped(role, task):
    return files.read_parquet(paths.fetched(role, task) / "dropped.parquet").to_pylist()


MOST = 800
"""Rows of one config and split that are converted, spread over the file; all of them are counted."""
READ_BY = {
    "facebook/anli": "anli",
    "nyu-mll/glue/mnli": "mnli",
    "nyu-mll/glue/mnli_pooled": "mnli",
    "nyu-mll/glue/qqp": "qqp",
    "nyu-mll/glue/qqp_pooled": "qqp",
    "stanfordnlp/snli": "snli",
    "facebook/xnli": "xnli",
    "google-research-datasets/paws-x": "pawsx",
    "rajpurkar/squad": "squad",
    "rajpurkar/squad_v2": "squad_v2",
    "google/xquad": "xquad",
    "facebook/mlqa": "mlqa",
    "google-research-datasets/tydiqa": "tydiqa",
    "Rowan/hellaswag": "hellaswag",
    "allenai/cosmos_qa": "cosmos_qa",
    "tau/commonsense_qa": "commonsense_qa",
    "cambridgeltl/xcopa": "xcopa",
    "google/xtreme/udpos": "udpos",
    "google/xtreme/tatoeba": "tatoeba",
    "google/xtreme/bucc18": "bucc2018",
    "unimelb-nlp/wikiann": "panx",
}
"""Data set of the mirror, with the config or its beginning where the data set holds several tasks, to the task."""
OTHERS = {
    *("PhilipMay/stsb_multi_mt", "RobZamp/sick", "allenai/ai2_arc", "allenai/openbookqa", "christos-c/bible-corpus"),
    *("mteb/NTREX", "mteb/tatoeba-bitext-mining", "sagnikrayc/snli-cf-kaushik"),
}
"""Data sets of the mirror that no task reads: other tasks, and other copies of the same sentences."""


def test_every_config_of_every_data_set_that_belongs_to_a_task(capsys):
    """One run over the mirror: each file of each config is read and its rows validated as the task would."""
    mirror = Path(os.environ["CAIRN_HUB_MIRROR"])
    counts: dict[str, Counter[str]] = {}
    for folder in sorted(
        file.parent for file in mirror.glob("*/*/README.md") if next(file.parent.glob("*/*.parquet"), 0)
    ):
        repo = str(folder.relative_to(mirror))
        if repo in OTHERS:
            continue
        for config, there in tables.configs(folder).items():
            if repo == "nyu-mll/glue" and config == "rte":
                continue  # no task of ours
            name = next((n for n in (repo, f"{repo}/{config}", f"{repo}/{config.split('.')[0]}") if n in READ_BY), None)
            assert name is not None, f"{repo} {config} belongs to no task, and is not among OTHERS"
            for split in there:
                found = counts.setdefault(name, Counter())
                found += converted(READ_BY[name], folder, config, split)
                found["configs and splits"] += 1
    with capsys.disabled():
        sys.stdout.write("\n")
        for name, found in counts.items():
            reasons = {
                key: count
                for key, count in found.items()
                if key not in ("configs and splits", "rows", "tried", "usable")
            }
            sys.stdout.write(
                f"{READ_BY[name]:15} {name:33} {found['configs and splits']:3} files {found['rows']:7,} rows, "
                f"{found['tried']:6,} tried, {found['usable']:6,} usable {reasons or ''}\n"
            )
    assert set(counts) == set(READ_BY)
    assert all(found["usable"] >= 0.98 * found["tried"] for found in counts.values())


def converted(task, folder, config, split):
    """Return how many rows a file has, how many were tried, how many were usable, and why the others were not."""
    module = tasks.module("bucc2018_pool" if config.endswith(".pool") else task)
    rows = tables.read(tables.shards(folder, config, split))
    some = rows if len(rows) <= MOST else [rows[n * len(rows) // MOST] for n in range(MOST)]
    source = module.TASK.test or module.TASK.train
    lang = {"bucc18.zh.pool": "zh"}.get(config, "xx")
    if task == "tydiqa":  # the config holds all languages
        source = replace(source, unfold=None)
    loaded = Loaded(some, [str(n) for n in range(len(some))], "mirror", None, place=f"{folder.name} {config} {split}")
    found = conversion.convert(loaded, source, module.TASK, module.to_example, lang, need_label=False)
    validity.check_set([item.example for item in found.items], module.TASK, loaded.place)
    if split != "test" or task != "commonsense_qa":  # whose answers are not public
        assert all(validity.labelled(item.example, module.TASK) for item in found.items)
    return Counter({"rows": len(rows), "tried": found.found, "usable": len(found.items), **found.reasons()})


@pytest.mark.parametrize(
    ("task", "rows"),
    [
        ("qqp", {"train": 2_000, "dev": 7_600}),
        ("commonsense_qa", {"train": 9_741, "dev": 1_221}),
        ("hellaswag", {"train": 1_000, "dev": 1_000}),
    ],
)
def test_intermediate_tasks_of_pairs_and_choices(params, task, rows):
    found = manifest("intermediate", task)
    assert {name: entry["en"]["rows_found"] for name, entry in found["splits"].items()} == rows
    assert found["rows_dropped"] <= 0.005 * sum(rows.values())
    assert all(entry["en"]["as_expected"] is (task == "commonsense_qa") for entry in found["splits"].values())


def test_the_sample_pool_of_bucc_is_fetched_from_links_in_the_task_folder(params, tmp_path):
    params(languages=["zh"])
    there, here = (
        Path(os.environ["CAIRN_HUB_MIRROR"]) / "google/xtreme/bucc18.zh.pool",
        tmp_path / "tasks/bucc2018/zh-en",
    )
    here.mkdir(parents=True)
    for side in ("zh", "en"):
        (here / f"sample.{side}.parquet").symlink_to(there / f"{side}-00000-of-00001.parquet")
    found = manifest("retrieval", "bucc2018_sample")
    assert sum(found["rows"].values()) == 8_624 + 13_589
    assert found["rows_dropped"] == 0
    halves = [records.read(paths.fetched("retrieval", "bucc2018_sample") / f"{s}.parquet") for s in ("dev", "test")]
    pairs = [sum(map(len, half["gold"].to_pylist())) / 2 for half in halves]
    assert sum(pairs) == 257
    assert min(pairs) > 100


@pytest.mark.parametrize(
    ("role", "task", "rows"),
    [
        ("intermediate", "mirror_mnli", {"train": 17_933, "dev": 986}),
        ("intermediate", "mirror_qqp", {"train": 9_080, "dev": 520}),
        ("intermediate", "mirror_anli_plus", {"train": 40_013, "dev": 2_105}),
        ("intermediate", "mirror_squad_v2", {"train": 5_598, "dev": 480}),
        ("intermediate", "mirror_cosmos_qa", {"train": 2_670, "dev": 315}),
        ("target", "mirror_xnli", {"train": 5_192, "dev": 9_815, "test": 13 * 5_010}),
        ("target", "mirror_pawsx", {"test": 5 * 2_000}),
        ("target", "mirror_udpos", {}),
        ("target", "mirror_panx", {}),
        ("target", "mirror_xquad", {"train": 8_149, "dev": 3_753, "test": 12 * 1_190}),
        ("target", "mirror_mlqa", {"train": 8_149, "dev": 3_753, "test": 517 + 512 + 1_148 + 500 + 507 + 511 + 504}),
        ("target", "mirror_tydiqa", {}),
        ("target", "mirror_xcopa", {"train": 9_741, "dev": 1_221, "test": 11 * 500}),
        ("retrieval", "mirror_tatoeba", {"test": 2 * (24_000 + 205 + 575 + 687 + 307 + 234 + 548)}),
        ("retrieval", "mirror_bucc2018", {}),
    ],
)
def test_the_tasks_of_the_grid(params, monkeypatch, role, task, rows):
    """The task files of benchmarks/mirror: whole splits, and of one split no group in two parts."""
    monkeypatch.setattr(registry, "_folders", {})
    registry.add_folder("tasks", Path(__file__).parents[3] / "benchmarks/mirror")
    params()
    found = manifest(role, task)
    dropped = Counter(d["split"] for d in _dropped(role, task))
    assert {split: found["rows"][split] + dropped[split] for split in rows} == rows
    assert found["rows_dropped"] <= 0.01 * sum(found["rows"].values())
    if task in (
        "mirror_mnli",
        "mirror_qqp",
        "mirror_anli_plus",
        "mirror_squad_v2",
        "mirror_cosmos_qa",
        "mirror_pawsx",
        "mirror_udpos",
        "mirror_panx",
        "mirror_tydiqa",
    ):
        tables = [records.read(paths.fetched(role, task) / f"{split}.parquet") for split in ("train", "dev")]
        texts = "tokens" if task in ("mirror_udpos", "mirror_panx") else "group"
        train, dev = ({str(value) for value in table[texts].to_pylist()} for table in tables)
        assert not train & dev
