"""Pooling, exact search, margins and mining against plain loops; FAISS and torch in one process in both orders."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.errors import CairnError
from curation.search import exact
from curation.search.layers import check_layer
from training.retrieve import search as retrieval


def vectors(rng, count, width=8):
    return exact.unit(rng.normal(size=(count, width)).astype(np.float32))


@pytest.mark.parametrize(("layer", "index"), [(0, 0), (6, 6), (-1, 6), (-7, 0), (3, 3)])
def test_layers(layer, index):
    assert check_layer(layer, 6) == index


@pytest.mark.parametrize("layer", [7, -8, 14])
def test_layer_outside_the_model(layer):
    with pytest.raises(CairnError, match=rf"layer is {layer}.*6 layers.*0 \(embeddings\) to 6, or -1 \(last\) to -7"):
        check_layer(layer, 6)


def test_pooling_leaves_padding_out_on_either_side():
    hidden = torch.tensor([[[1.0, 0], [3, 2], [9, 9]], [[9, 9], [5, 1], [7, 3]]])
    mask = torch.tensor([[True, True, False], [False, True, True]])
    assert retrieval.pool(hidden, mask, "mean").tolist() == [[2, 1], [6, 2]]
    assert retrieval.pool(hidden, mask, "cls").tolist() == [[1, 0], [5, 1]]


@pytest.mark.parametrize("blocks", [(4096, 65536), (3, 4)])
@pytest.mark.parametrize("knn", ["faiss", "torch"])
def test_search_equals_sorting_all_products(monkeypatch, blocks, knn):
    rng = np.random.default_rng(3)
    x, y = vectors(rng, 11), vectors(rng, 17)
    y[5] = y[2]  # a tie
    monkeypatch.setattr(exact, "QUERIES", blocks[0])
    monkeypatch.setattr(exact, "BLOCK", blocks[1])
    if knn == "torch":
        monkeypatch.setattr(retrieval, "_engine", lambda: ("torch", retrieval._torch_knn))
    score, place = retrieval.search(x, y, 17)
    product = x @ y.T
    for row in range(len(x)):
        expected = sorted(range(len(y)), key=lambda c, row=row: (-round(float(product[row, c]), 5), c))
        assert place[row].tolist() == expected
    assert score == pytest.approx(np.take_along_axis(product, place, 1), abs=1e-6)


def test_search_cuts_k_to_what_is_there():
    rng = np.random.default_rng(0)
    assert retrieval.search(vectors(rng, 3), vectors(rng, 2), 4)[1].shape == (3, 2)


def test_dot_is_not_cosine():
    x, y = np.array([[1.0, 0]], dtype=np.float32), np.array([[0.9, 0], [5, 5]], dtype=np.float32)
    assert retrieval.search(x, y, 1)[1].tolist() == [[1]]
    assert retrieval.search(exact.unit(x), exact.unit(y), 1)[1].tolist() == [[0]]


def mine_in_loops(x, y, k):
    """Return mined pairs as the papers say it, one step after the other, in plain Python."""
    similarity = [[float(np.dot(a, b)) for b in y] for a in x]
    nearest_y = [sorted(range(len(y)), key=lambda c: -row[c])[:k] for row in similarity]
    nearest_x = [sorted(range(len(x)), key=lambda r, c=c: -similarity[r][c])[:k] for c in range(len(y))]
    mean_x = [sum(similarity[r][c] for c in near) / len(near) for r, near in enumerate(nearest_y)]
    mean_y = [sum(similarity[r][c] for r in near) / len(near) for c, near in enumerate(nearest_x)]
    candidates = []
    for r, near in enumerate(nearest_y):
        scores = [similarity[r][c] / ((mean_x[r] + mean_y[c]) / 2) for c in near]
        candidates.append((max(scores), r, near[scores.index(max(scores))]))
    for c, near in enumerate(nearest_x):
        scores = [similarity[r][c] / ((mean_x[r] + mean_y[c]) / 2) for r in near]
        candidates.append((max(scores), near[scores.index(max(scores))], c))
    pairs, left, right = [], set(), set()
    for score, r, c in sorted(candidates, reverse=True):
        if r not in left and c not in right:
            left.add(r)
            right.add(c)
            pairs.append((r, c, score))
    return pairs


@given(st.integers(0, 10_000), st.integers(2, 14), st.integers(2, 14), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_mining_equals_plain_loops(seed, n, m, k):
    rng = np.random.default_rng(seed)
    # Shifted, so that all similarities are positive and no two scores are equal.
    x = exact.unit((rng.normal(size=(n, 6)) + 1.5).astype(np.float32))
    y = exact.unit((rng.normal(size=(m, 6)) + 1.5).astype(np.float32))
    mined = retrieval.mine(retrieval.Corpus(x), retrieval.Corpus(y), k, "ratio")
    expected = mine_in_loops(x, y, k)
    found = dict(zip(zip(mined.x.tolist(), mined.y.tolist(), strict=True), mined.score.tolist(), strict=True))
    assert found == pytest.approx({(r, c): score for r, c, score in expected}, abs=1e-5)
    assert mined.score.tolist() == sorted(mined.score.tolist(), reverse=True)


def test_ranked_is_by_score_and_among_equals_by_nearness():
    found = retrieval.Candidates(np.array([[0.9, 1.5, 0.9, 2.0]]), np.array([[7, 3, 5, 1]]))
    assert retrieval.ranked(found, 3).tolist() == [[1, 3, 7]]
    assert retrieval.ranked(found, 9).tolist() == [[1, 3, 7, 5]]


@pytest.mark.parametrize("index", ["flat", "ivf", "hnsw"])  # ivf8 rounds: full effort is not exact
def test_a_corpus_finds_what_exact_search_finds_and_says_how_much_of_it(index):
    rng = np.random.default_rng(5)
    x, y = vectors(rng, 60), vectors(rng, 900)
    corpus = retrieval.Corpus(y, retrieval.Indexing(index, 100, 1.0, 4000))
    score, place = corpus.search(x, 4)
    truth, at = retrieval.search(x, y, 4)
    assert {key: corpus.facts[key] for key in ("index", "k", "recall")} == {"index": index, "k": 4, "recall": 1.0}
    assert place.tolist() == at.tolist()
    assert score == pytest.approx(truth, abs=1e-6)


def test_auto_is_exact_up_to_the_limit_and_an_index_is_built_once(monkeypatch):
    from curation.search import index as indexes

    rng = np.random.default_rng(6)
    x, y, built = vectors(rng, 20), vectors(rng, 400), []
    build = indexes.build
    monkeypatch.setattr(indexes, "build", lambda *given: built.append(given[1]) or build(*given))
    for limit, expected in ((400, "flat"), (399, "ivf")):
        corpus = retrieval.Corpus(y, retrieval.Indexing("auto", limit, 0.9, 4000))
        for part in (x[:10], x[10:]):
            corpus.search(part, 3)
            assert corpus.facts["index"] == expected
    assert built == ["ivf"]


def test_an_index_that_does_not_fit_is_refused_and_without_faiss_there_is_the_exact_one(monkeypatch):
    rng = np.random.default_rng(7)
    x, y = vectors(rng, 5), vectors(rng, 200)
    with pytest.raises(CairnError, match=r"retrieve\.memory_mb is 0, too little for 200 vectors.*retrieve\.index"):
        retrieval.Corpus(y, retrieval.Indexing("hnsw", 1, 0.9, 0)).search(x, 3)
    monkeypatch.setattr(retrieval, "_faiss", lambda: False)
    assert retrieval.engine().startswith("torch")
    assert retrieval.Corpus(y).search(x, 3)[1].tolist() == np.argsort(-(x @ y.T), axis=1)[:, :3].tolist()
    with pytest.raises(CairnError, match=r"index ivf needs FAISS.*retrieve.index: flat"):
        retrieval.Corpus(y, retrieval.Indexing("ivf", 1, 0.9, 4000)).search(x, 3)


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(1, 4))
@settings(max_examples=25, deadline=None)
def test_mining_by_an_index_with_full_recall_equals_exact_mining(seed, n, k):
    rng = np.random.default_rng(seed)
    x, y = (exact.unit((rng.normal(size=(n, 6)) + 1.5).astype(np.float32)) for _ in range(2))
    how = retrieval.Indexing("ivf", 1, 1.0, 4000)
    found = [
        retrieval.mine(*(retrieval.Corpus(side, h) for side in (x, y)), k, "ratio") for h in (how, retrieval.EXACT)
    ]
    assert found[0].x.tolist() == found[1].x.tolist()
    assert found[0].y.tolist() == found[1].y.tolist()
    assert found[0].score == pytest.approx(found[1].score, abs=1e-5)


def test_margin_frees_queries_from_a_hub():
    """One candidate is near everything: by cosine it wins every query, by margin only its own."""
    x = exact.unit(np.array([[1, 0, 0.9], [0, 1, 0.9], [0, 0, 1]], dtype=np.float32))
    y = exact.unit(np.array([[1, 0, 0.1], [0, 1, 0.1], [0.3, 0.3, 1]], dtype=np.float32))
    x, y = retrieval.Corpus(x), retrieval.Corpus(y)
    assert retrieval.ranked(retrieval.forward(x, y, 3, "none"), 1).tolist() == [[2], [2], [2]]
    assert retrieval.ranked(retrieval.forward(x, y, 3, "ratio"), 1).tolist() == [[0], [1], [2]]
    # Deeper than the neighbours of the margin: the mean is still over k of them.
    assert retrieval.ranked(retrieval.forward(x, y, 2, "ratio", depth=3), 3)[:, 0].tolist() == [0, 1, 2]
    shallow, deep = (retrieval.both_ways(x, y, 2, "ratio", depth)[0].score for depth in (1, 3))
    assert deep[:, :2] == pytest.approx(shallow)


def test_margin_without_positive_similarity_is_nought():
    x, y = (retrieval.Corpus(np.array([[side, 0]], dtype=np.float32)) for side in (1, -1))
    assert retrieval.forward(x, y, 1, "ratio").score.tolist() == [[0]]


def test_threshold_is_the_midpoint_of_the_best_cut():
    assert retrieval.threshold([0.9, 0.8, 0.5, 0.3], [True, True, False, False], 2) == (pytest.approx(0.65), 1)
    assert retrieval.threshold([0.3, 0.9, 0.5], [False, True, True], 2) == (pytest.approx(0.4), 1)


def test_threshold_at_the_last_candidate_and_among_equals():
    assert retrieval.threshold([0.9, 0.8], [True, True], 2) == (0.8, 1)
    # The tie at 0.5 cannot be cut between its right and its wrong pair: 2 of 3 pairs right, 2 gold.
    assert retrieval.threshold([0.9, 0.5, 0.5], [True, True, False], 2) == (0.5, pytest.approx(0.8))
    with pytest.raises(CairnError, match="no pair was mined on dev"):
        retrieval.threshold([], [], 2)


@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=12), st.integers(1, 12))
def test_threshold_equals_trying_every_cut(pairs, extra):
    score, correct = [s / 8 for s, _ in pairs], [c for _, c in pairs]
    gold = sum(correct) + extra

    def f1(at):
        kept = [c for s, c in zip(score, correct, strict=True) if s >= at]
        return 2 * sum(kept) / (len(kept) + gold)

    found, value = retrieval.threshold(score, correct, gold)
    assert f1(found) == pytest.approx(value)
    assert value == pytest.approx(max(f1(at) for at in score))


@pytest.mark.parametrize("order", ["import torch; import faiss", "import faiss; import torch"])
def test_faiss_and_torch_live_in_one_process(order):
    """OpenMP clashes crash or hang the process; both orders must work, many threads included."""
    code = f"""
{order}
import numpy as np
x = np.random.default_rng(0).normal(size=(3000, 64)).astype("float32")
for _ in range(3):
    product = torch.from_numpy(x) @ torch.from_numpy(x).T
    found, index = faiss.knn(x, x, 5, metric=faiss.METRIC_INNER_PRODUCT)
    best = torch.topk(product, 5).indices.numpy()
    layer = torch.nn.Linear(64, 8)
    layer(torch.from_numpy(x)).sum().backward()
print((best == index).mean() > 0.99)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    assert (result.returncode, result.stdout.strip()) == (0, "True"), result.stderr


@pytest.mark.gpu
def test_gpu_finds_what_the_cpu_finds(monkeypatch):
    rng = np.random.default_rng(1)
    x, y = vectors(rng, 500, 64), vectors(rng, 3000, 64)
    score, place = retrieval.search(x, y, 4)
    assert "GPU" in retrieval.engine()
    product = x @ y.T
    expected = np.sort(product, axis=1)[:, ::-1][:, :4]
    assert score == pytest.approx(expected, abs=1e-5)
    assert (place[:, 0] == product.argmax(axis=1)).mean() > 0.99
