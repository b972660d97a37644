"""``curation new-task``: data sets of the hub and folders saved by ``datasets``: configs, splits, class names."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

N = 12


@pytest.fixture
def put(project, monkeypatch):
    """Put rows into the mirror; return the arguments that name them."""
    monkeypatch.setenv("CAIRN_HUB_MIRROR", str(project.root / "hub"))

    def put(config="plain", **splits):
        for split, rows in splits.items():
            file = project.root / f"hub/org/own/{config}/{split}-00000-of-00001.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.Table.from_pylist(rows), file)
        return ["--from", "org/own"]

    return put


@pytest.fixture
def saved(project):
    """Save splits as a folder of ``datasets``; return its name."""
    import datasets

    datasets.disable_progress_bars()

    def saved(folder, **splits):
        made = {name: datasets.Dataset.from_list(rows) for name, rows in splits.items()}
        datasets.DatasetDict(made).save_to_disk(str(project.root / folder))
        return folder

    return saved


def test_a_hub_data_set_of_several_configs_needs_one(project, put):
    put("other", train=project.pairs(9))
    args = put(train=project.pairs(N), validation=project.pairs(4))
    said = project.refused("own", *args)
    assert "org/own has several configs: other, plain. Name one: --config other" in said
    project.run("own", *args, "--config", "plain", "--test", "validation", "--lang", "de")
    assert 'test=Source("org/own", "plain", "validation", languages=("de",)),' in project.code("own")
    assert len(project.fetched("own")["train"]) == N


def test_class_names_of_a_data_set_keep_the_order_of_their_numbers(project):
    import datasets

    rows = datasets.Dataset.from_list([{**project.pair(n), "label": n % 2} for n in range(N)])
    features = rows.cast_column("label", datasets.ClassLabel(names=["yes", "no"]))
    features.to_parquet("some.parquet")
    features.save_to_disk("saved")
    for name, given in (("one", "some.parquet"), ("two", "saved")):
        project.run(name, "--from", given, "--hold-out", "0.3")
        assert project.task(name).labels == ("yes", "no")
        found = project.fetched(name)
        assert {row["key"]: row["label"] for row in found["train"] + found["dev"]} == {f"p{n}": n % 2 for n in range(N)}


def test_rows_held_out_of_a_hub_data_set_stay_on_the_hub(project, put):
    args = put(train=project.pairs(N))
    said = project.run("own", *args, "--hold-out", "0.4")
    assert [file.name for file in Path("tasks").iterdir() if file.suffix != ".py" and file.is_file()] == []
    assert 'dev=Source("org/own", "plain", "train", unfold=parts.Part(0, 0.4, "premise")),' in project.code("own")
    project.tidy("own")
    found = project.fetched("own")
    assert sorted(row["key"] for split in found.values() for row in split) == sorted(f"p{n}" for n in range(N))
    assert "train from org/own, plain, train dev from org/own, plain, train: 0.4 of its groups" in said
    for split, rows in found.items():
        assert rows
        assert " ".join([split, *[str(len(rows))] * 3]) in said
    said = project.refused("other", *args, "--hold-out", "0.000001")
    assert "no group of 'premise' falls into a share of 1e-06. Give another --hold-out" in said


def test_nothing_but_a_split_called_train_is_trained_on_unasked(project, put):
    args = put(test=project.pairs(9), validation=project.pairs(N))
    said = project.refused("own", *args)
    assert (
        "org/own, plain has no split train, but: test, validation. Name the one to train on: --split validation" in said
    )
    said = project.run("own", *args, "--split", "validation", "--hold-out", "0.3")
    assert "train from org/own, plain, validation dev from" in said
    assert "test from org/own, plain, test " in said
    assert 'test=Source("org/own", "plain", "test"),' in project.code("own")
    assert "unknown split 'vali'. Did you mean 'validation'?" in project.refused("two", *args, "--split", "vali")


def test_splits_of_the_hub_can_be_joined(project, put):
    args = put(train_r1=project.pairs(N), train_r2=project.pairs(4), dev=project.pairs(3))
    project.run("own", *args, "--split", "train_r1+train_r2", "--map", "group=premise")
    assert 'train=Source("org/own", "plain", "train_r1+train_r2"),' in project.code("own")


def test_a_saved_folder_without_train_needs_a_split(project, saved):
    folder = saved("saved", validation=project.pairs(N), test=project.pairs(9))
    said = project.refused("own", "--from", folder)
    assert "saved has no split train, but: validation, test. Name the one to train on: --split validation" in said
    said = project.run("own", "--from", folder, "--split", "validation", "--hold-out", "0.3")
    assert "train from saved, validation" in said
    assert len(project.fetched("own", "target")["test"]) == 9


def test_a_saved_folder_given_as_test_is_never_its_train_split(project, saved):
    both = saved("both", train=project.pairs(N), test=project.pairs(5))
    alone = saved("alone", train=project.pairs(4))
    odd = saved("odd", train=project.pairs(N), held=project.pairs(4))
    train = project.jsonl("a.jsonl", project.pairs(N))
    told = json.loads(project.run("own", "--from", train, "--dev", alone, "--test", both, "--json"))
    assert told["read"] == {"train": "a.jsonl", "dev": "alone, train", "test": "both, test"}
    assert {split: one["rows"] for split, one in told["splits"].items()} == {"train": N, "dev": 4, "test": 5}
    said = project.refused("two", "--from", train, "--hold-out", "0.2", "--test", odd)
    assert "--test odd: none of its splits, train, held, is called test. Save the one that is meant alone" in said
