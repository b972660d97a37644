"""Accuracy, F1, retrieval and mining against scikit-learn and sets; and what all metric files have in common."""

import inspect
import subprocess
import sys
import warnings
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from curation import metrics, tasks
from curation.core import registry
from curation.core.errors import CairnError
from curation.core.task import Kind

labels = ("O", "B-X", "B-Y")
rows3 = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=30)
rows2 = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30)


def split(rows):
    return [g for g, _ in rows], [p for _, p in rows]


@given(rows3)
def test_accuracy_and_macro_f1_equal_scikit_learn(rows):
    gold, predicted = split(rows)
    assert metrics.score("accuracy", gold, predicted, lang="en", labels=()) == pytest.approx(
        {"accuracy": accuracy_score(gold, predicted)}
    )
    expected = {
        "accuracy": accuracy_score(gold, predicted),
        "macro_f1": f1_score(gold, predicted, average="macro", zero_division=0),
    }
    for name in ("accuracy", "f1"):
        assert metrics.score(name, gold, predicted, lang="en", labels=labels) == pytest.approx(expected)


@given(rows2)
def test_binary_f1_equals_scikit_learn(rows):
    gold, predicted = split(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            "accuracy": accuracy_score(gold, predicted),
            "macro_f1": f1_score(gold, predicted, average="macro", zero_division=0),
            "f1": f1_score(gold, predicted, pos_label=1, zero_division=0),
        }
    expected["accuracy_f1"] = (expected["accuracy"] + expected["f1"]) / 2  # GLUE's number for QQP
    assert metrics.score("f1", gold, predicted, lang="en", labels=("no", "yes")) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["pawsx", "mini_paraphrase"])
def test_paraphrase_tasks_report_four_values_and_rank_by_accuracy(name):
    task = tasks.load(name)
    found = metrics.score(task.metric, [0, 0, 1, 1], [0, 0, 0, 1], lang="de", labels=task.labels)
    both = {"accuracy": 0.75, "f1": 2 / 3, "accuracy_f1": (0.75 + 2 / 3) / 2}
    assert found == pytest.approx({**both, "macro_f1": (0.8 + 2 / 3) / 2})
    assert metrics.load(task.metric).PRIMARY == "accuracy"


@pytest.mark.parametrize("name", registry.names("tasks"))
def test_every_task_has_a_metric_of_its_kind(name):
    task = tasks.load(name)
    metrics.check_kind(task.metric, task.kind, name)


def test_a_metric_of_another_kind_is_refused():
    with pytest.raises(CairnError, match=r"x.py: TASK.metric is 'squad', .* kind span; .* Allowed: accuracy, f1"):
        metrics.check_kind("squad", "pair", "x.py: TASK.metric")


def test_f1_refuses_a_label_it_does_not_know():
    with pytest.raises(CairnError, match="gold label 2 is none of the 2 labels"):
        metrics.score("f1", [2], [0], lang="en", labels=("no", "yes"))


keys = st.lists(st.sampled_from(["k1", "k2", "k3"]), max_size=2, unique=True)


@given(st.lists(st.tuples(keys, st.sampled_from(["", "k1", "k2", "k3"])), min_size=1, max_size=10))
def test_mining_equals_the_overlap_of_two_sets_of_pairs(rows):
    gold = {(number, key) for number, (keys, _) in enumerate(rows) for key in keys}
    mined = {(number, key) for number, (_, key) in enumerate(rows) if key}
    both = len(gold & mined)
    found = metrics.score("mining", *split(rows), lang="de", labels=())
    precision, recall = both / max(len(mined), 1), both / max(len(gold), 1)
    assert found["precision"] == pytest.approx(precision)
    assert found["recall"] == pytest.approx(recall)
    assert found["f1"] == pytest.approx(2 * precision * recall / (precision + recall) if both else 0)


def test_retrieval_takes_any_gold_key():
    found = metrics.score("retrieval", [["x"], ["y", "z"], []], ["y", "z", "x"], lang="de", labels=())
    assert found == {"accuracy": pytest.approx(1 / 3)}


# gold, a prediction that is partly right, a perfect prediction
texts = ([["one"], ["two", "2"], []], ["one", "3", ""], ["one", "2", ""])
SAMPLES = {
    "accuracy": ([0, 1, 2], [0, 1, 1], [0, 1, 2]),
    "f1": ([0, 1, 2], [0, 1, 1], [0, 1, 2]),
    "squad": texts,
    "mlqa": texts,
    "seqeval": ([[0, 1], [2], []], [[0, 2], [2], []], [[0, 1], [2], []]),
    "token_accuracy": ([[0, 1], [2], []], [[0, 2], [2], []], [[0, 1], [2], []]),
    "squad_v2": texts,
    "ranking": ([["x"], ["y", "z"], ["z"]], [["x"], ["x", "y"], []], [["x"], ["z", "y"], ["z", "x"]]),
    "retrieval": ([["x"], ["y"], ["z"]], ["x", "y", "y"], ["x", "y", "z"]),
    "mining": ([["x"], ["y"], []], ["x", "", ""], ["x", "y", ""]),
}


def test_every_metric_on_disk_has_a_sample():
    assert registry.names("metrics") == sorted(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_metric_contract(name):
    gold, predicted, perfect = SAMPLES[name]
    metric = metrics.load(name)
    given = inspect.signature(metric.statistics).parameters
    assert [(p.name, p.kind.name) for p in given.values()][2:] == [("lang", "KEYWORD_ONLY"), ("labels", "KEYWORD_ONLY")]
    rows = metric.statistics(gold, predicted, lang="en", labels=labels)
    assert rows.shape[0] == 3
    assert rows.dtype == np.float64
    found = metric.values(rows.sum(axis=0), labels)
    assert metric.KINDS
    assert set(metric.KINDS) <= set(get_args(Kind))
    assert metric.PRIMARY in found
    assert 0 < found[metric.PRIMARY] < 1
    assert all(isinstance(value, float) for value in found.values())
    many = metric.values(np.stack([rows.sum(axis=0), 2 * rows.sum(axis=0)]), labels)
    assert {key: value.tolist() for key, value in many.items()} == {key: [value] * 2 for key, value in found.items()}
    turned = metric.statistics(gold[::-1], predicted[::-1], lang="en", labels=labels)
    assert np.array_equal(turned, rows[::-1])
    assert metrics.score(name, gold, perfect, lang="en", labels=labels)[metric.PRIMARY] == 1
    with pytest.raises(CairnError, match="3 gold rows but 2 predictions"):
        metric.statistics(gold, predicted[:2], lang="en", labels=labels)
    with pytest.raises(CairnError, match="no row to score"):
        metrics.score(name, [], [], lang="en", labels=labels)


def test_unknown_metric_names_the_nearest():
    with pytest.raises(CairnError, match="Did you mean 'accuracy'"):
        metrics.load("acuracy")


def test_metrics_import_nothing_heavy():
    code = (
        "import sys; from curation import metrics; from curation.core import registry\n"
        "[metrics.load(name) for name in registry.names('metrics')]\n"
        "print([m for m in ('torch', 'transformers', 'cleanlab', 'faiss', 'sklearn', 'seqeval') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert result.stdout.strip() == "[]"


def test_macro_f1_of_tags_is_scikit_learns():
    from sklearn.metrics import accuracy_score, f1_score

    rng = np.random.default_rng(0)
    tags = ("N", "V", "A", "never")
    gold = [rng.integers(0, 3, size).tolist() for size in rng.integers(1, 9, 200)]
    guess = [[tag if rng.random() < 0.7 else int(rng.integers(0, 3)) for tag in row] for row in gold]
    found = metrics.score("token_accuracy", gold, guess, lang="en", labels=tags)
    flat = [[tag for row in rows for tag in row] for rows in (gold, guess)]
    assert found["token_accuracy"] == pytest.approx(accuracy_score(*flat))
    assert found["macro_f1"] == pytest.approx(f1_score(*flat, average="macro"))
    many = tuple(map(str, range(1363)))
    assert set(metrics.score("token_accuracy", gold, guess, lang="en", labels=many)) == {"token_accuracy"}
