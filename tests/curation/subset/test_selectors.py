"""What every selector found on disk promises."""

import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core import registry

NAMES = registry.names("selectors")


def test_all_are_found():
    assert {"quality", "random", "translation_quality"} <= set(NAMES)


def pool(n, seed=0):
    draw = random.Random(seed)
    quality = [round(draw.random(), 1) for _ in range(n)]  # ties
    ranks = [1 + sum(other > value for other in quality) for value in quality]
    return pa.table(
        {
            "id": [f"t-{i:04x}" for i in range(n)],
            "quality": quality,
            "translation_quality": quality[::-1],
            "rank": ranks,
            "flags": pa.array([[] for _ in range(n)], pa.list_(pa.string())),
        }
    )


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_selector_keeps_its_promises(name, data):
    select = registry.load("selectors", name).select
    table = pool(data.draw(st.integers(1, 40)), data.draw(st.integers(0, 5)))
    n = table.num_rows
    budget, seed = data.draw(st.integers(0, n)), data.draw(st.integers(0, 2**32 - 1))
    chosen = select(table, budget, seed)
    assert len(chosen) == budget == len(set(chosen))
    assert set(chosen) <= set(table["id"].to_pylist())
    assert chosen == select(table, budget, seed)
    assert chosen == select(table, n, seed)[:budget]
    assert chosen == select(table.take(data.draw(st.permutations(range(n)))), budget, seed)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_matters(name):
    select = registry.load("selectors", name).select
    assert select(pool(40), 40, 1) != select(pool(40), 40, 2)


def test_quality_takes_the_best_first():
    table = pool(40)
    quality = dict(zip(table["id"].to_pylist(), table["quality"].to_pylist(), strict=True))
    taken = [quality[id_] for id_ in registry.load("selectors", "quality").select(table, 40, 3)]
    assert taken == sorted(taken, reverse=True)
