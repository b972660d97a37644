from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from curation.core.errors import CairnError
from curation.search import exact, knn
from curation.search import index as indexes

VECTORS = np.random.default_rng(0).normal(size=(700, 24)).astype(np.float16)
VECTORS[100:120] = VECTORS[5]  # more exact copies than neighbours


def brute(vectors: np.ndarray, k: int) -> np.ndarray:
    unit = exact.unit(vectors)
    similarity = unit @ unit.T
    np.fill_diagonal(similarity, -9)
    return -np.sort(-similarity, axis=1)[:, :k]


def test_exact_search_finds_the_nearest_and_never_the_row_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "BLOCK", 128)  # several blocks of each kind
    monkeypatch.setattr(exact, "QUERIES", 50)
    found, facts = knn.graph(VECTORS, 6, "flat", 1.0)
    assert found.indices.dtype == np.int32
    assert found.similarity.dtype == np.float32
    assert facts == {"recall": 1.0}
    np.testing.assert_allclose(found.similarity, brute(VECTORS, 6), atol=1e-6)
    assert not (found.indices == np.arange(700)[:, None]).any()
    unit = exact.unit(VECTORS)
    np.testing.assert_allclose(
        np.einsum("nd,nkd->nk", unit, unit[found.indices]), found.similarity, atol=1e-6
    )  # similarities belong to their indices


def test_copies_are_neighbours_of_each_other() -> None:
    found, _ = knn.graph(VECTORS, 6, "flat", 1.0)
    copies = {5, *range(100, 120)}
    assert all(set(found.indices[row].tolist()) <= copies for row in copies)


@pytest.mark.parametrize("index", ["ivf", "ivf8", "hnsw"])
def test_approximate_index_reaches_the_recall_it_states(index: indexes.Index) -> None:
    found, facts = knn.graph(VECTORS, 6, index, 0.9)
    again, _ = knn.graph(VECTORS, 6, index, 0.9)
    np.testing.assert_array_equal(found.indices, again.indices)
    truth = brute(VECTORS, 6)
    hits = np.mean(found.similarity >= truth[:, -1:] - 1e-5)
    assert facts["recall"] >= 0.9
    assert hits == pytest.approx(facts["recall"], abs=0.005)  # the sample is all 700 rows here
    assert not (found.indices == np.arange(700)[:, None]).any()


def test_fewer_rows_than_neighbours_leave_holes() -> None:
    found, _ = knn.graph(VECTORS[:3], 5, "flat", 1.0)
    assert (found.indices[:, 2:] == -1).all()
    assert np.isnan(found.similarity[:, 2:]).all()
    assert (np.sort(found.indices[:, :2], axis=1) == [[1, 2], [0, 2], [0, 1]]).all()


def test_zero_vectors_are_near_nothing() -> None:
    found = knn.exact(np.zeros((1, 4)), np.eye(4), 2)
    assert found.similarity.tolist() == [[0.0, 0.0]]


def test_index_is_chosen_by_size_and_memory() -> None:
    def choose(index: indexes.Choice, n: int, budget: int) -> indexes.Index:
        return indexes.choose(index, n, d=384, k=10, flat_limit=50_000, budget_mb=budget)

    assert choose("auto", 50_000, 4000) == "flat"
    assert choose("auto", 1_000_000, 4000) == "ivf"
    assert choose("auto", 1_000_000, 2500) == "ivf8"
    assert choose("flat", 1_000_000, 1000) == "flat"
    with pytest.raises(CairnError, match=r"neighbours\.memory_mb is 500.*1000000 vectors.*ivf8 \d+"):
        choose("auto", 1_000_000, 500)
    with pytest.raises(CairnError, match=r"memory_mb is 1000.*index hnsw"):
        choose("hnsw", 1_000_000, 1000)


def products(queries: np.ndarray, corpus: np.ndarray, k: int) -> np.ndarray:
    return -np.sort(-(queries.astype(np.float32) @ corpus.astype(np.float32).T), axis=1)[:, :k]


OTHERS = np.random.default_rng(1).normal(size=(90, 24)).astype(np.float32)


@pytest.mark.parametrize("prepare", [exact.unit, exact.plain])
def test_exact_search_of_others_by_cosine_and_by_inner_product(monkeypatch, prepare) -> None:
    monkeypatch.setattr(exact, "BLOCK", 128)
    monkeypatch.setattr(exact, "QUERIES", 32)
    similarity, at = exact.search(OTHERS, VECTORS, 7, prepare=prepare)
    np.testing.assert_allclose(similarity, products(prepare(OTHERS), prepare(VECTORS), 7), rtol=1e-4, atol=1e-5)
    ours = np.einsum("qd,qkd->qk", prepare(OTHERS), prepare(VECTORS[at.ravel()]).reshape(*at.shape, -1))
    np.testing.assert_allclose(similarity, ours, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("prepare", [exact.unit, exact.plain])
@pytest.mark.parametrize("index", ["ivf", "hnsw"])
def test_an_approximate_index_with_full_effort_finds_what_exact_search_finds(index: indexes.Index, prepare) -> None:
    built = indexes.build(VECTORS[120:], index, prepare)
    full, at = built.search(OTHERS, 5, built.most)
    truth, place = exact.search(OTHERS, VECTORS[120:], 5, prepare=prepare)
    np.testing.assert_array_equal(at, place)
    np.testing.assert_allclose(full, truth, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("index", ["ivf", "ivf8", "hnsw"])
def test_the_stated_recall_of_queries_is_the_true_one(index: indexes.Index) -> None:
    built = indexes.build(VECTORS, index)
    similarity, at, facts = built.best(OTHERS, 5, 0.8)
    place = exact.search(OTHERS, VECTORS, 5)[1]
    shared = np.mean([len(set(a) & set(b)) / 5 for a, b in zip(at.tolist(), place.tolist(), strict=True)])
    assert facts == {
        "index": index, "k": 5, "recall": facts["recall"], "effort": facts["effort"], "sampled": 90,
        "searched_exactly": 0,
    }  # fmt: skip
    assert facts["recall"] >= 0.8
    assert shared == pytest.approx(facts["recall"], abs=0.01)  # of the same queries; copies may stand for each other
    assert (np.diff(similarity, axis=1) <= 0).all()
    again = indexes.build(VECTORS, index).best(OTHERS, 5, 0.8)
    np.testing.assert_array_equal(again[1], at)
    assert built.best(OTHERS, 5, 1.0)[2]["effort"] >= facts["effort"]


def test_a_query_whose_lists_hold_too_few_rows_is_searched_exactly() -> None:
    built = indexes.build(VECTORS, "ivf")
    similarity, at, facts = built.best(OTHERS, 690, 0.01)
    assert facts["effort"] < built.most
    assert facts["searched_exactly"] > 0
    assert (at >= 0).all()
    assert np.isfinite(similarity).all()
    assert all(len(set(row)) == 690 for row in at.tolist())


def test_share_found_counts_what_is_there_and_equals_of_the_last() -> None:
    truth = np.array([[0.9, 0.5], [0.4, -np.inf]])
    assert indexes.recall_at_k(truth, np.array([[0.9, 0.5], [0.4, np.nan]])) == 1
    assert indexes.recall_at_k(truth, np.array([[0.9, 0.4], [0.4, np.nan]])) == pytest.approx(2 / 3)
    assert indexes.recall_at_k(truth, np.array([[-np.inf, -np.inf]] * 2)) == 0
    large = np.array([[900.0, 500.0]])
    assert indexes.recall_at_k(large, large - 1e-4) == 1  # the same product, rounded otherwise
    assert indexes.recall_at_k(large, large - 1) == 0.5
    assert indexes.recall_at_k(np.array([[0.99, 0.98]]), np.array([[0.99, 0.979995]])) == 0.5


def test_recall_is_not_flattered_by_vectors_that_are_all_near_each_other() -> None:
    """Vectors in a narrow cone, as of an encoder that nobody tuned: neighbours differ by less than 1e-4."""
    rng = np.random.default_rng(2)
    corpus, asked = (exact.unit(rng.normal(size=(n, 64)) + 30 * np.ones(64)) for n in (8000, 200))
    truth, place = exact.search(asked, corpus, 20, prepare=exact.plain)
    similarity, at = indexes.build(corpus, "ivf", exact.plain).search(asked, 20, 4)
    shared = np.mean([len(set(a) & set(b)) / 20 for a, b in zip(at.tolist(), place.tolist(), strict=True)])
    assert shared < 0.7
    assert indexes.recall_at_k(truth, similarity) == pytest.approx(shared, abs=0.01)


@pytest.mark.parametrize("order", ["torch, faiss", "faiss, torch"])
def test_torch_and_faiss_work_in_one_process_in_either_order(order: str) -> None:
    code = f"""
import {order}
import numpy as np
x = np.random.default_rng(0).normal(size=(3000, 64)).astype("float32")
assert (faiss.knn(x, x, 2)[1][:, 0] == np.arange(3000)).all()
assert torch.nn.functional.linear(torch.from_numpy(x), torch.eye(64)).allclose(torch.from_numpy(x))
assert (faiss.knn(x, x, 2)[1][:, 0] == np.arange(3000)).all()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)  # noqa: S603
