import numpy as np
import pytest

from curation.search import margin


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


@pytest.fixture
def spaces():
    """Return two fields' vectors of 60 rows, and of 20 of them as another language would give them."""
    rng = np.random.default_rng(3)
    corpus = [unit(rng.normal(size=(60, 24))) for _ in range(2)]
    which = rng.permutation(60)[:20]
    return [unit(one[which] + 0.2 * rng.normal(size=(20, 24))) for one in corpus], corpus, which


def test_every_translation_is_found_and_lies_above_what_has_none(spaces):
    asked, corpus, which = spaces
    found = margin.candidates(asked, corpus)
    assert found.index[:, 0].tolist() == which.tolist()
    without = [np.delete(one, which, axis=0) for one in corpus]
    assert (margin.candidates(asked, without).margin.max(axis=1) < found.margin.max(axis=1)).all()


def test_all_fields_count(spaces):
    """A row that shares one field with a target has a lower margin than the row that shares both."""
    asked, corpus, _ = spaces
    mixed = [corpus[0], np.roll(corpus[1], 1, axis=0)]
    shared, whole = (margin.candidates(asked, fields).margin.max(axis=1) for fields in (mixed, corpus))
    assert (shared < whole).all()


@pytest.mark.parametrize("fields", [1, 2])
def test_the_margin_is_that_of_the_paper(spaces, fields):
    asked, corpus = (side[:fields] for side in spaces[:2])
    found = margin.candidates(asked, corpus)
    similarity = sum(own @ theirs.T for own, theirs in zip(asked, corpus, strict=True)) / fields
    mean_x = np.sort(similarity, axis=1)[:, -margin.NEAREST :].mean(axis=1)
    mean_y = np.sort(similarity, axis=0)[-margin.NEAREST :].mean(axis=0)
    whole = similarity / ((mean_x[:, None] + mean_y[None]) / 2)
    near = np.argsort(-similarity, axis=1)[:, : margin.NEAREST]
    assert found.index.tolist() == near.tolist()
    np.testing.assert_allclose(found.margin, np.take_along_axis(whole, near, 1), rtol=1e-5)
    np.testing.assert_allclose(found.cosine, np.take_along_axis(similarity, near, 1), rtol=1e-5)


def test_a_corpus_smaller_than_the_neighbourhood():
    assert margin.candidates([np.eye(3)[1:]], [np.eye(3)[1:]]).index.tolist() == [[0, 1], [1, 0]]


def test_fields_that_lie_on_disk_are_read_block_by_block(spaces, tmp_path, monkeypatch):
    """The corpus is never held whole: what is found of it is the same in blocks of seven rows."""
    asked, corpus, _ = spaces
    whole = margin.candidates(asked, corpus)
    for at, field in enumerate(corpus):
        np.save(tmp_path / f"{at}.npy", field)
    monkeypatch.setattr("curation.search.exact.BLOCK", 7)
    mapped = [np.load(tmp_path / f"{at}.npy", mmap_mode="r") for at in range(2)]
    found = margin.candidates(asked, mapped)
    assert found.index.tolist() == whole.index.tolist()
    np.testing.assert_allclose(found.margin, whole.margin, rtol=1e-6)
