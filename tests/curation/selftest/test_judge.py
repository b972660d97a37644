"""Values against scikit-learn's, and intervals that hold what they say."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from curation.core.task import Task
from curation.selftest import judge, rivals


def made(n: int = 400, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    wrong = rng.random(n) < 0.15
    return np.clip(rng.normal(0.6, 0.2, n) - 0.25 * wrong, 0, 1), wrong


def test_values_are_those_of_scikit_learn() -> None:
    score, wrong = made()
    found = judge.judge(score, wrong, 40)
    assert found["average_precision"] == pytest.approx(average_precision_score(wrong, -score))
    assert found["auroc"] == pytest.approx(roc_auc_score(wrong, -score))
    assert found["precision"] == pytest.approx(wrong[np.argsort(score)[:40]].mean())
    for name in ("average_precision", "auroc", "precision"):
        low, high = found[f"{name}_interval"]
        assert low < found[name] < high


def test_rows_without_a_score_are_looked_at_last() -> None:
    score, wrong = np.array([0.1, np.nan, 0.9]), np.array([True, False, False])
    assert judge.auroc(score, wrong) == 1.0
    assert judge.precision_at(score, wrong, 1) == 1.0


def test_equal_scores_give_what_chance_gives() -> None:
    wrong = np.arange(100) < 20
    assert judge.precision_at(np.full(100, 0.5), wrong, 10) == pytest.approx(0.2)
    assert judge.auroc(np.full(100, 0.5), wrong) == 0.5


def test_a_better_score_is_told_from_a_worse_and_not_from_itself() -> None:
    score, wrong = made()
    noisy = score + np.random.default_rng(2).normal(0, 0.5, len(score))
    assert judge.difference(score, noisy, wrong)["difference_interval"][0] > 0
    assert judge.difference(score, score, wrong) == {"difference": 0.0, "difference_interval": [0.0, 0.0]}


def test_nothing_is_made_up_where_all_rows_are_right() -> None:
    assert judge.judge(np.ones(5), np.zeros(5, bool), 2)["average_precision"] is None


def test_cleanlab_on_the_same_probabilities() -> None:
    pair = Task(kind="pair", metric="accuracy", labels=("no", "yes"))
    rows = [{"label": 0}, {"label": 1}, {"label": None}]
    found = [np.array([0.8, 0.2], np.float32)] * 3
    assert rivals.cleanlab(pair, rows, found)[:2] == pytest.approx([0.8, 0.2])
    assert np.isnan(rivals.cleanlab(pair, rows, found)[2])
    tags = Task(kind="tags", metric="seqeval", labels=("O", "X"))
    words = [np.array([[0.9, 0.1], [0.3, 0.7]], np.float32)]
    assert rivals.cleanlab(tags, [{"tags": [0, 0]}], words) == pytest.approx([0.3])
    span = Task(kind="span", metric="squad")
    row = {"context": "a dog", "answers": [{"text": "dog", "start": 2}]}
    ends = [np.array([[0.1, 0.1], [0.2, 0.5], [0.7, 0.4]], np.float32)]
    assert rivals.cleanlab(span, [row], ends) == pytest.approx([0.4])
