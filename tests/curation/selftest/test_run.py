"""The self-test on bundled rows: every defect of the kind is planted, found better than by chance, and shown."""

import pytest

from curation import tasks
from curation.core import params, records
from curation.core.errors import CairnError
from curation.selftest import run

PROFILE = "profiles/demo.yaml"


@pytest.fixture
def made(make_table, make_examples):
    return lambda kind, n: make_table(kind, make_examples(kind, n))


def test_rows_of_one_language_are_sampled_the_same_each_time(made) -> None:
    table = made("pair", 60)
    first, again = run.sample(table, 20, 3), run.sample(table, 20, 3)
    assert first.equals(again)
    assert first.num_rows == 20
    assert set(first["lang"].to_pylist()) == {"en"}


def test_too_few_rows_and_rows_without_labels_are_refused(made, tmp_path) -> None:
    with pytest.raises(CairnError, match="fewer than 5"):
        run.test("t", tasks.load("mini_nli"), made("pair", 20), tmp_path / "none.yaml", 0.1, 1, None)
    with pytest.raises(CairnError, match="no labels that could be wrong"):
        run.test("t", tasks.load("mini_text"), made("text", 20), tmp_path / "none.yaml", 0.1, 1, None)


def test_damaged_rows_keep_context_choices_and_labels(made) -> None:
    import numpy as np

    rng = np.random.default_rng(1)
    for kind, name in (("span", "mini_qa"), ("choice", "mini_choice"), ("tags", "mini_pos"), ("pair", "mini_nli")):
        task = tasks.load(name)
        for row in made(kind, 8).to_pylist():
            changed = run._damaged(task, row, "keyboard", rng)
            apart = {field for field in row if row[field] != changed[field]}
            assert apart <= set(records.content_fields(kind)) - {"context", "choices"}
            assert len(apart) <= 1
            assert run._example(changed)


@pytest.mark.slow
def test_the_whole_of_it_on_bundled_rows(tmp_path, monkeypatch) -> None:
    from pathlib import Path

    from curation.core.task import Example
    from curation.fetch.sources import data

    module = tasks.module("mini_topic")
    rows = data.rows(module.TASK.train, "en", {}, data.Bundled(160, 1)).rows
    examples = [module.to_example(row) for row in rows]
    ids = records.make_ids("t", [records.content_hash("classify", vars(one)) for one in examples])
    table = records.table("classify", ids, ["en"] * len(ids), examples)
    assert isinstance(examples[0], Example)
    file = Path(__file__).parents[3] / PROFILE
    assert params.read(params.Experiment, "", file)
    results = run.test("mini_topic", module.TASK, table, file, 0.1, 1, budget=20)
    assert {one["budget"] for one in results} == {20}
    by = {(one["defect"], one["finder"]): one for one in results}
    assert {defect for defect, _ in by} == {"uniform", "class_conditional", "garbled", "duplicate", "conflict"}
    assert by["uniform", "label_quality"]["auroc"] > 0.7
    assert by["garbled", "surface"]["auroc"] > 0.9
    assert len(run.lines(results)) == len(results)
