"""``curation new-task`` on real data of the mirror: its task files read rows as those that come with Cairn do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from curation import tasks
from curation.fetch.sources import Bundled, data

pytestmark = pytest.mark.real
MIRROR = os.environ.get("CAIRN_HUB_MIRROR", "/nowhere")
FIELDS = {
    "choice": ("prompt", "choices", "label"),
    "span": ("question", "context", "answers"),
    "pair": ("text_a", "text_b", "label"),
    "tags": ("tokens", "tags"),
}


@pytest.fixture
def mirror(project, monkeypatch):
    if not Path(MIRROR).is_dir():
        pytest.skip("CAIRN_HUB_MIRROR names no folder")
    monkeypatch.setenv("CAIRN_HUB_MIRROR", MIRROR)
    return project


@pytest.mark.parametrize(
    ("task", "args", "metric"),
    [
        ("xcopa", ["cambridgeltl/xcopa", "--config", "et", "--split", "validation", "--hold-out", "0.2"], "accuracy"),
        ("commonsense_qa", ["tau/commonsense_qa"], "accuracy"),
        ("squad_v2", ["rajpurkar/squad_v2", "--split", "validation", "--hold-out", "0.1"], "squad_v2"),
        ("qqp", ["nyu-mll/glue", "--config", "qqp"], "f1"),
        ("panx", ["unimelb-nlp/wikiann", "--config", "en"], "seqeval"),
    ],
)
def test_rows_are_read_as_by_the_task_that_comes_with_us(mirror, task, args, metric):
    mirror.run("own", "--from", *args)
    own, ours = tasks.module("own"), tasks.module(task)
    assert own.TASK.metric == metric
    rows = data.rows(own.TASK.train, "en", {}, Bundled(None, 0)).rows[:300]
    assert len(rows) > 50
    for row in rows:
        one, other = own.to_example(row), ours.to_example(row)
        assert [getattr(one, name) for name in FIELDS[own.TASK.kind]] == [
            getattr(other, name) for name in FIELDS[own.TASK.kind]
        ]
    if own.TASK.labels:
        assert own.TASK.labels == ours.TASK.labels


def test_a_test_set_is_not_trained_on_unasked(mirror):
    said = mirror.refused("own", "--from", "cambridgeltl/xcopa", "--config", "et")
    assert "has no split train, but: test, validation. Name the one to train on: --split validation" in said


def test_answers_by_the_names_of_choices_of_which_there_are_three_to_five(mirror):
    mirror.run("own", "--from", "allenai/ai2_arc", "--config", "ARC-Challenge", "--hold-out", "0.1")
    rows = data.rows(mirror.task("own").test, "en", {}, Bundled(None, 0)).rows
    assert {len(row["choices"]["text"]) for row in rows} == {3, 4, 5}
    own = tasks.module("own")
    for row in rows:
        assert row["choices"]["label"][own.to_example(row).label] == row["answerKey"]
