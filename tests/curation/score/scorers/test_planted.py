"""Defects planted in the miniworld, whose truth is known, found by the scorers; vectors by the encoder of conftest."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from curation import miniworld, score, tasks
from curation.core import params, registry
from curation.score.scorers import Inputs

PROFILE = Path(__file__).parents[4] / "profiles" / "demo.yaml"
ROWS = 1500
PLANTED = params.read(miniworld.Params, "miniworld", PROFILE)


def fetched(make_table: Any, task: str, split: str, rows: list[dict[str, Any]]) -> Any:
    module = tasks.module(task)
    return make_table(module.TASK.kind, [module.to_example(row) for row in rows], task=f"{task}-{split}")


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, dict[str, Any]]]:
    assert PLANTED.plant is not None
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in miniworld.truth("nli", "train", ROWS, PLANTED.seed, PLANTED.plant):
        found[row["defect"]][row["key"]] = row["detail"]
    return found


@pytest.fixture(scope="module")
def world() -> dict[str, list[dict[str, Any]]]:
    rows = {"train": miniworld.rows("nli", "train", "en", ROWS, PLANTED.seed, PLANTED.plant)}
    for split in ("dev", "test"):
        rows[split] = miniworld.rows("xnli", split, "en", 100, PLANTED.seed)
    return rows


@pytest.fixture
def inputs(world: dict[str, Any], make_table: Any, make_inputs: Any) -> Inputs:
    target = {split: fetched(make_table, "mini_xnli", split, world[split]) for split in ("dev", "test")}
    train = fetched(make_table, "mini_nli", "train", world["train"])
    labels = tasks.load("mini_nli").labels
    found: Inputs = make_inputs(train, labels=labels, targets={"mini_xnli": target}, k=40)
    return found


def scored(name: str, inputs: Inputs) -> dict[str, dict[str, Any]]:
    module = registry.load("scorers", name)
    result = score.evaluate(module, name, inputs, params.read(module.Params, f"score.{name}", PROFILE))
    return dict(zip(inputs.records["key"].to_pylist(), result.to_pylist(), strict=True))


def recall_precision(found: set[Any], wanted: set[Any]) -> tuple[float, float]:
    assert len(wanted) >= 10
    return len(found & wanted) / len(wanted), len(found & wanted) / max(len(found), 1)


def test_near_duplicates(inputs: Inputs, truth: dict[str, Any]) -> None:
    groups = defaultdict(list)
    for key, row in scored("near_duplicates", inputs).items():
        groups[row["group"] or key].append(key)
    found = {frozenset(pair) for keys in groups.values() for pair in combinations(keys, 2)}
    copies = truth["near_duplicates"] | truth["conflicts"]
    recall, precision = recall_precision(found, {frozenset((key, detail["twin"])) for key, detail in copies.items()})
    assert recall >= 0.95
    assert precision >= 0.98


def test_conflicts(inputs: Inputs, truth: dict[str, Any]) -> None:
    found = {key for key, row in scored("conflicts", inputs).items() if row["score"] < 0.5}
    wanted = {key for key, detail in truth["conflicts"].items() for key in (key, detail["twin"])}
    recall, precision = recall_precision(found, wanted)
    assert recall >= 0.95
    assert precision >= 0.95


def test_every_leak(inputs: Inputs, truth: dict[str, Any]) -> None:
    found = {key for key, row in scored("contamination", inputs).items() if row["score"] < 0.5}
    assert recall_precision(found, set(truth["leaks"])) == (1.0, 1.0)


def test_garbled_and_off_topic_rows(inputs: Inputs, truth: dict[str, Any]) -> None:
    garbled = {key for key, row in scored("surface", inputs).items() if row["score"] < 0.5}
    recall, precision = recall_precision(garbled - set(truth["off_topic"]), set(truth["garbled"]))
    assert recall >= 0.9
    assert precision >= 0.95
    far = {key: row["score"] for key, row in scored("outliers", inputs).items()}
    clean = np.median([value for key, value in far.items() if not any(key in keys for keys in truth.values())])
    assert np.mean([far[key] < clean for key in truth["off_topic"]]) == 1.0
