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
    found = margin.likeliest(asked, corpus)
    assert found.index.tolist() == which.tolist()
    without = [np.delete(one, which, axis=0) for one in corpus]
    assert margin.likeliest(asked, without).margin.max() < found.margin.min()


def test_all_fields_count(spaces):
    """A row that shares one field with a target has a lower margin than the row that shares both."""
    asked, corpus, _ = spaces
    mixed = [corpus[0], np.roll(corpus[1], 1, axis=0)]
    assert (margin.likeliest(asked, mixed).margin < margin.likeliest(asked, corpus).margin).all()


def test_the_margin_is_that_of_the_paper(spaces):
    asked, corpus, _ = spaces
    one = margin.likeliest(asked[:1], corpus[:1])
    similarity = asked[0] @ corpus[0].T
    mean_x = np.sort(similarity, axis=1)[:, -margin.NEAREST :].mean(axis=1)
    mean_y = np.sort(similarity, axis=0)[-margin.NEAREST :].mean(axis=0)
    whole = similarity / ((mean_x[:, None] + mean_y[None]) / 2)
    near = np.argsort(-similarity, axis=1)[:, : margin.NEAREST]
    np.testing.assert_allclose(one.margin, np.take_along_axis(whole, near, 1).max(axis=1), rtol=1e-5)
    np.testing.assert_allclose(one.cosine, similarity[np.arange(20), one.index], rtol=1e-5)


def test_a_corpus_smaller_than_the_neighbourhood():
    assert margin.likeliest([np.eye(3)[1:]], [np.eye(3)[1:]]).index.tolist() == [0, 1]
