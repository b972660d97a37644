import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import CairnError
from curation.probe import folds

names = st.sampled_from("abcdefghijklmnopqrst")
rows = st.lists(st.tuples(names, names, st.integers(0, 2)), min_size=1, max_size=60)


@given(rows, st.integers(2, 5), st.integers(0, 9))
def test_groups_and_contents_are_never_split(data: list[tuple[str, str, int]], count: int, seed: int) -> None:
    groups, contents, labels = ([row[i] for row in data] for i in range(3))
    merged = folds.merge([str(g) for g in groups], [str(c) for c in contents])
    if len(set(merged)) < count:
        with pytest.raises(CairnError, match=r"Set probe\.folds to"):
            folds.assign(merged, labels, count, seed, "t")
        return
    fold = folds.assign(merged, labels, count, seed, "t")
    for values in (groups, contents):
        for value in set(values):
            assert len({int(f) for f, v in zip(fold, values, strict=True) if v == value}) == 1
    assert set(fold.tolist()) == set(range(count))
    assert (fold == folds.assign(merged, labels, count, seed, "t")).all()


def test_folds_are_alike_in_size_and_labels() -> None:
    rng = np.random.default_rng(1)
    labels = rng.choice(3, 900, p=[0.7, 0.25, 0.05])
    fold = folds.assign(np.repeat(np.arange(300), 3), labels.tolist(), 5, 1, "t")
    table = np.zeros((5, 3))
    np.add.at(table, (fold, labels), 1)
    share = table / table.sum(0)
    assert np.abs(share - 0.2).max() < 0.05
    assert not (fold == folds.assign(np.repeat(np.arange(300), 3), labels.tolist(), 5, 2, "t")).all()


def test_what_a_row_says_is_the_same_in_either_order_where_the_task_is_symmetric() -> None:
    from curation.probe import fit

    one, other = {"text_a": "A dog runs.", "text_b": "The cat!"}, {"text_a": "the cat", "text_b": "a dog runs"}
    assert fit._content("pair", one, symmetric=True) == fit._content("pair", other, symmetric=True)
    assert fit._content("pair", one, symmetric=False) != fit._content("pair", other, symmetric=False)
