"""Against scikit-learn, which solves the same problem one fold at a time, and against finite differences."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from curation.embed.cache import Ragged
from curation.probe import crossed, network
from curation.probe.problems import Choices, Classes
from curation.probe.solver import Features, solve

N, WIDTH, FOLDS = 300, 6, 3
rng = np.random.default_rng(3)
X = rng.normal(size=(N, WIDTH)).astype(np.float32) * np.array([1, 5, 0.1, 1, 1, 0], np.float32) + 2
Y = (X[:, 0] + X[:, 1] / 5 + rng.normal(size=N) > 4.4).astype(np.int64) + (X[:, 2] > 2.1)
FOLD = (np.arange(N) % FOLDS).astype(np.int8)


def features(x: np.ndarray = X, gigabytes: float = 1.0) -> Features:
    return Features(len(x), lambda index: x[index], gigabytes)


@pytest.mark.parametrize("c", [0.1, 1.0, 30.0])
def test_equals_logistic_regression_of_each_fold(c: float) -> None:
    labels = np.where(np.arange(N) % 10 == 0, -1, Y)  # a tenth unlabelled
    found = np.concatenate(solve(Classes(labels, FOLD, 3, FOLDS), features(), c, "t"))
    spread = X.std(0)
    scaled = np.where(spread > 1e-6, (X - X.mean(0)) / np.maximum(spread, 1e-6), 0).clip(-6, 6) / np.sqrt(WIDTH)
    for fold in range(FOLDS):
        train = (fold != FOLD) & (labels >= 0)
        model = LogisticRegression(C=c, tol=1e-8, max_iter=1000).fit(scaled[train], labels[train])
        np.testing.assert_allclose(found[fold == FOLD], model.predict_proba(scaled[fold == FOLD]), atol=0.01)


def test_features_over_the_memory_budget_give_the_same() -> None:
    kept = np.concatenate(solve(Classes(Y, FOLD, 3, FOLDS), features(), 1.0, "t"))
    again = np.concatenate(solve(Classes(Y, FOLD, 3, FOLDS), features(gigabytes=0.0), 1.0, "t"))
    np.testing.assert_allclose(kept, again, atol=1e-5)


def test_gradient_of_choices_matches_finite_differences() -> None:
    offsets = np.array([0, 2, 5, 9])
    labels = np.array([[1, 0], [2, 2], [-1, -1]])
    problem = Choices(offsets, labels, np.array([0, 1, 0], np.int8), 2)
    logits = torch.randn(9, problem.columns, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    _, gradient = problem.loss(0, logits)
    for i, j in [(0, 0), (3, 1), (4, 3), (8, 2)]:
        step = torch.zeros_like(logits)
        step[i, j] = 1e-5
        numeric = (problem.loss(0, logits + step)[0] - problem.loss(0, logits - step)[0]) / 2e-5
        assert float(gradient[i, j]) == pytest.approx(numeric, abs=1e-6)


def test_choice_probabilities_sum_to_one_over_a_row_whatever_its_length() -> None:
    lengths = rng.integers(1, 9, 2000)  # several blocks
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    gold = rng.integers(0, lengths)
    x = rng.normal(size=(offsets[-1], 4)).astype(np.float32)
    x[offsets[:-1] + gold, 0] += 3
    fold = (np.arange(len(lengths)) % 4).astype(np.int8)
    problem = Choices(offsets, gold[:, None], fold, 4)
    assert len(problem.blocks) > 1
    found = np.concatenate(solve(problem, features(x), 10.0, "t"))[:, 0]
    np.testing.assert_allclose(np.add.reduceat(found, offsets[:-1]), 1, atol=1e-4)
    hit = [found[a:b].argmax() == g for a, b, g in zip(offsets[:-1], offsets[1:], gold, strict=True)]
    assert np.mean(hit) > 0.85


def fitted(labels: np.ndarray, x: np.ndarray = X, seed: int = 1, gigabytes: float = 1.0) -> np.ndarray:
    return network.out_of_fold(labels, FOLD, 3, FOLDS, features(x, gigabytes), 64, seed)


def test_network_learns_is_repeatable_and_within_budget() -> None:
    x = np.repeat(X, 20, axis=1)  # dropout wants more than six columns
    labels = np.digitize(X[:, 0], np.quantile(X[:, 0], [1 / 3, 2 / 3]))
    first = fitted(labels, x)
    assert (first.argmax(1) == labels).mean() > 0.7
    assert (first == fitted(labels, x)).all()
    assert not (first == fitted(labels, x, seed=2)).all()
    np.testing.assert_allclose(first, fitted(labels, x, gigabytes=0.0), atol=1e-4)
    np.testing.assert_allclose(first.sum(1), 1, atol=1e-5)


def test_network_does_not_move_the_global_random_state() -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    fitted(Y)
    assert torch.rand(1) == expected


@pytest.mark.parametrize("kind", ["network", "regression"])
def test_random_labels_are_not_predicted(kind: str) -> None:
    """Enough features to know every row by heart; what is out of fold still cannot tell random labels."""
    x, labels = rng.normal(size=(N, 400)).astype(np.float32), rng.integers(0, 3, N)
    if kind == "network":
        found = fitted(labels, x)
    else:
        found = np.concatenate(solve(Classes(labels, FOLD, 3, FOLDS), features(x), 10.0, "t"))
    assert abs((found.argmax(1) == labels).mean() - 1 / 3) < 0.1


def test_fold_without_training_rows_knows_nothing() -> None:
    labels = np.where(FOLD == 0, Y, -1)
    found = fitted(labels)
    np.testing.assert_allclose(found[FOLD == 0], 1 / 3, atol=1e-6)


def crossed_and_dense(rows: int = 60) -> tuple[crossed.Crossed, Features, np.ndarray]:
    """Return the same features made never and made at once, and where each row's items begin."""
    draw = np.random.default_rng(5)
    lengths = draw.integers(0, 9, 25)  # of the entries; one may have no words
    lengths[3] = 0
    starts = np.concatenate([[0], np.cumsum(lengths)])
    words = Ragged(draw.normal(size=(starts[-1], 4)).astype(np.float16), starts, draw.integers(0, 25, rows))
    entry = words.entry[crossed.together(words)]
    offsets = np.concatenate([[0], np.cumsum(lengths[entry] + 1)])
    beside = draw.normal(size=(rows, 4)).astype(np.float32)
    numbers = draw.normal(size=(offsets[-1], 3)).astype(np.float32) * 5 + 1
    numbers[:, 1] = 2.0  # a column that says nothing
    made = np.zeros((offsets[-1], 8), np.float32)
    for row, one in enumerate(entry):
        own = words.values[starts[one] : starts[one + 1]].astype(np.float32)
        made[offsets[row] + 1 : offsets[row + 1]] = np.concatenate([own, own * beside[row]], 1)
    dense = np.concatenate([made, numbers], 1)
    return (
        crossed.Crossed(words, entry, beside, numbers, offsets),
        Features(len(dense), lambda at: dense[at], 1),
        offsets,
    )


def test_features_that_are_never_made_give_the_same_sums_and_gradients() -> None:
    design, dense, offsets = crossed_and_dense()
    blocks = [(0, int(offsets[7])), (int(offsets[7]), int(offsets[40])), (int(offsets[40]), int(offsets[-1]))]
    for one in (design, dense):
        one.prepare(blocks, "cpu")
    assert design.width == dense.width == 11
    weights, intercept = torch.randn(11, 6, generator=torch.Generator().manual_seed(2)), torch.arange(6.0)
    for block in blocks:
        held, sums = design.scores(block, weights, intercept)
        expected = dense.scores(block, weights, intercept)
        torch.testing.assert_close(sums, expected[1], atol=1e-4, rtol=1e-4)
        delta = torch.randn(sums.shape, generator=torch.Generator().manual_seed(3))
        torch.testing.assert_close(
            design.pull(block, held, delta), dense.pull(block, expected[0], delta), atol=1e-3, rtol=1e-4
        )
