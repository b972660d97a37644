"""Values are those of the definition, over all coalitions; wrong labels are worth the least."""

from itertools import combinations
from math import factorial

import numpy as np
import pytest

from curation.core import records
from curation.core.task import Example, Task
from curation.score import scorers
from curation.score.scorers import knn_shapley
from curation.search.knn import exact, without_self


def utility(some, match, k, classes):
    nearest = sorted(some)[:k]
    return sum(match[at] for at in nearest) / len(nearest) if nearest else 1 / classes


def by_definition(match, k, classes):
    n, out = len(match), np.zeros(len(match))
    for at in range(n):
        rest = [other for other in range(n) if other != at]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for some in combinations(rest, size):
                out[at] += weight * (utility((*some, at), match, k, classes) - utility(some, match, k, classes))
    return out


@pytest.mark.parametrize("n", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_values_of_one_test_are_shapley_values(n, k):
    rng = np.random.default_rng(10 * n + k)
    for _ in range(5):
        match = rng.integers(0, 2, n).astype(float)
        found = knn_shapley.of_one(match[None], np.ones((1, n), bool), k, n, 3)[0]
        assert found == pytest.approx(by_definition(match, k, 3), abs=1e-9)


def test_far_rows_that_the_graph_leaves_out_cost_what_the_paper_says():
    rng = np.random.default_rng(2)
    match = rng.integers(0, 2, (1, 60)).astype(float)
    whole = knn_shapley.of_one(match, np.ones((1, 60), bool), 5, 60, 2)[0]
    near = knn_shapley.of_one(match[:, :20], np.ones((1, 20), bool), 5, 60, 2)[0]
    assert np.abs(whole[:20] - near).max() <= 1 / 20
    assert np.argsort(whole[:20]).tolist() == np.argsort(near).tolist()


def test_wrong_labels_are_worth_least_and_unlabelled_rows_nothing():
    rng = np.random.default_rng(3)
    n = 200
    label = rng.integers(0, 2, n)
    vectors = rng.normal(size=(n, 5)) * 0.3 + np.where(label[:, None] == 1, 1.0, -1.0)
    wrong = rng.permutation(n)[:20]
    given = label.copy()
    given[wrong] = 1 - given[wrong]
    ids = [f"t-{at:03}" for at in range(n)]
    examples = [Example(text=id_, label=None if at == wrong[0] else int(given[at])) for at, id_ in enumerate(ids)]
    table = records.table("classify", ids, ["en"] * n, examples)
    graph = without_self(exact(vectors, vectors, 31), np.arange(n))
    task = Task(kind="classify", metric="accuracy", labels=("no", "yes"))
    inputs = scorers.Inputs("t", task, table, 1, {"neighbours": lambda: graph})
    found = knn_shapley.score(inputs, knn_shapley.Params(k=5)).to_pylist()
    assert found[wrong[0]]["score"] is found[wrong[0]]["value"] is None
    others = wrong[1:].tolist()
    assert max(found[at]["score"] for at in others) < min(found[at]["score"] for at in range(n) if at not in wrong)
    assert all(found[at]["value"] < 0 for at in others)
    assert "differs from those of rows near it" in found[others[0]]["why"]
