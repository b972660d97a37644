"""What every selector found on disk promises."""

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core import params, records, registry
from curation.core.errors import CairnError
from curation.core.task import Example, Task
from curation.search.knn import Neighbours, exact, without_self
from curation.subset import selectors

NAMES = registry.names("selectors")
PROFILE = Path(__file__).parents[3] / "profiles" / "demo.yaml"
TASK = Task(kind="classify", metric="accuracy", labels=("no", "yes"))
WORDS = ("cat", "dog", "ship", "tree", "house", "rain")


def section(name, **changes):
    module = selectors.checked(registry.load("selectors", name), name)
    fields = params.load(PROFILE)["subset"]["selectors"].get(name, {})
    return params.check(getattr(module, "Params", params.Section), fields | changes, name)


def classified(ids, draw):
    rows = [Example(text=" ".join(draw.choices(WORDS, k=4)), label=draw.randint(0, 1), key=id_) for id_ in ids]
    return records.table("classify", ids, ["en"] * len(ids), rows)


def inputs(n, seed=0, made=0, **replaced):
    """A pool of ``n`` rows, with all that a selector may ask for."""
    draw = random.Random(made)
    ids = [f"t-{i:04x}" for i in range(n)]
    quality = [round(draw.random(), 1) for _ in range(n)]  # ties
    table = pa.table({
        "id": ids, "quality": quality, "translation_quality": quality[::-1],
        "label_quality": quality,
        "rank": [1 + sum(other > value for other in quality) for value in quality],
        "flags": pa.array([[] for _ in range(n)], pa.list_(pa.string())),
    })  # fmt: skip
    rng = np.random.default_rng(made)
    vectors = rng.normal(size=(n, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    def graph():
        if n < 2:
            return Neighbours(np.full((n, 20), -1, np.int32), np.full((n, 20), np.nan, np.float32))
        found = without_self(exact(vectors, vectors, min(n, 21)), np.arange(n))
        found.indices[rng.random(found.indices.shape) < 0.2] = -1  # neighbours that are not eligible
        return Neighbours(found.indices, np.where(found.indices < 0, np.nan, found.similarity))

    loaders = {
        "records": lambda: classified(ids, draw),
        "vectors": lambda: vectors.astype(np.float16),
        "encode": lambda texts: np.ones((len(texts), 6), np.float16),
        "neighbours": graph,
        "dynamics": lambda: pa.table({"id": ids, "confidence": quality, "variability": quality[::-1]}),
        "targets": lambda: {"goal": classified(["g-1", "g-2"], random.Random(1))},
    }
    return selectors.Inputs("t", TASK, table, seed, loaders | replaced)


@pytest.mark.parametrize("name", NAMES)
def test_a_selector_declares_what_it_is(name):
    found = selectors.checked(registry.load("selectors", name), name)
    assert found.__doc__
    assert found.select.__doc__
    assert all(field.description for field in type(section(name)).model_fields.values())


def test_all_are_found_and_every_profile_has_their_settings():
    assert {"quality", "random", "translation_quality", "coverage", "message_passing", "importance"} <= set(NAMES)
    for file in PROFILE.parent.glob("*.yaml"):
        there = params.load(file)["subset"]["selectors"]
        wanted = {name for name in NAMES if hasattr(registry.load("selectors", name), "Params")}
        assert set(there) == wanted, file
        for name in wanted:
            params.read(registry.load("selectors", name).Params, f"subset.selectors.{name}", file)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_an_order_of_all_rows_the_same_for_the_same_seed(name, data):
    n, made = data.draw(st.integers(1, 40)), data.draw(st.integers(0, 5))
    seed = data.draw(st.integers(0, 2**32 - 1))
    found = selectors.ranking(inputs(n, seed, made), name, section(name))
    assert sorted(found) == inputs(n).ids
    assert found == selectors.ranking(inputs(n, seed, made), name, section(name))


@pytest.mark.parametrize("name", NAMES)
def test_it_reads_what_it_declares_and_no_more(name):
    module = registry.load("selectors", name)
    whole = inputs(30)
    allowed = module.NEEDS | ({"encode"} if "vectors" in module.NEEDS else set())
    some = selectors.Inputs("t", TASK, whole.table, 0, {k: v for k, v in whole.loaders.items() if k in allowed})
    selectors.ranking(some, name, section(name))
    for need in module.NEEDS:
        less = selectors.Inputs("t", TASK, whole.table, 0, {k: v for k, v in some.loaders.items() if k != need})
        with pytest.raises(CairnError, match=f"asked for '{need}'"):
            selectors.ranking(less, name, section(name))


@pytest.mark.parametrize("name", ["quality", "random", "translation_quality", "coverage", "importance", "dynamics"])
def test_the_seed_matters_where_rows_are_equal_or_drawn(name):
    one, other = (selectors.ranking(inputs(40, seed), name, section(name)) for seed in (1, 2))
    assert one != other


def test_what_is_no_selector_and_what_is_no_order_are_named(monkeypatch):
    from types import SimpleNamespace

    with pytest.raises(CairnError, match="defines no NEEDS, select"):
        selectors.checked(SimpleNamespace(__name__="mine"), "mine")
    module = SimpleNamespace(NEEDS=frozenset(), select=lambda given, _: given.ids[1:], __name__="mine")
    monkeypatch.setattr(registry, "load", lambda *_: module)
    with pytest.raises(CairnError, match="9 ids, which are not the 10 eligible ones"):
        selectors.ranking(inputs(10), "mine", params.Section())


def test_quality_takes_the_best_first():
    given_ = inputs(40)
    quality = dict(zip(given_.ids, given_.table["quality"].to_pylist(), strict=True))
    taken = [quality[id_] for id_ in selectors.ranking(given_, "quality", section("quality"))]
    assert taken == sorted(taken, reverse=True)


def test_a_column_gives_either_end_first():
    given_ = inputs(30)
    value = dict(zip(given_.ids, given_.table["translation_quality"].to_pylist(), strict=True))
    for first, turned in (("highest", True), ("lowest", False)):
        found = selectors.ranking(given_, "column", section("column", by="translation_quality", first=first))
        assert [value[id_] for id_ in found] == sorted(value.values(), reverse=turned)


def test_coverage_leaves_the_hardest_and_takes_the_bins_in_turn():
    n = 100
    given_ = inputs(n)
    value = np.arange(n) ** 2 / n**2  # most rows are hard: bins of equal width hold few of the easy ones
    given_ = selectors.Inputs("t", TASK, given_.table.set_column(1, "quality", pa.array(value)), 3)
    found = selectors.ranking(given_, "coverage", section("coverage", hardest=0.2, bins=4))
    place = {id_: at for at, id_ in enumerate(given_.ids)}
    order = [place[id_] for id_ in found]
    assert order[80:] == list(range(19, -1, -1))
    low, high = value[20], value[99]
    bins = [min(int((value[at] - low) / (high - low) * 4), 3) for at in order[:40]]
    assert np.bincount(bins, minlength=4).max() - np.bincount(bins, minlength=4).min() <= 1


def graph_of(pairs, n):
    """Neighbours by hand: ``pairs`` of rows to similarity, both ways."""
    near = {at: sorted(((s, j) for (i, j), s in pairs.items() if i == at), reverse=True) for at in range(n)}
    width = max(1, *(len(some) for some in near.values()))
    indices, similarity = np.full((n, width), -1, np.int32), np.full((n, width), np.nan, np.float32)
    for at, some in near.items():
        for column, (s, j) in enumerate(some):
            indices[at, column], similarity[at, column] = j, s
    return Neighbours(indices, similarity)


def both_ways(**pairs):
    found = {tuple(map(int, name[1:].split("_"))): s for name, s in pairs.items()}
    return found | {(j, i): s for (i, j), s in found.items()}


def test_facility_location_takes_the_centre_of_the_larger_group_first_then_the_other():
    star = both_ways(e0_1=0.9, e0_2=0.9, e0_3=0.9, e4_5=0.9)
    given_ = inputs(6, neighbours=lambda: graph_of(star, 6))
    found = selectors.ranking(given_, "facility_location", section("facility_location"))
    assert found[0] == given_.ids[0]
    assert found[1] in (given_.ids[4], given_.ids[5])


def test_facility_location_is_the_greedy_algorithm():
    given_ = inputs(30, made=3)
    graph, n = given_.neighbours, 30
    dense = np.eye(n)
    for at in range(n):
        for j, s in zip(graph.indices[at], graph.similarity[at], strict=True):
            if j >= 0 and s > 0:
                dense[at, j] = dense[j, at] = max(s, dense[at, j])
    covered, left, total = np.zeros(n), set(range(n)), []
    while left:
        gains = {at: np.maximum(dense[:, at] - covered, 0).sum() for at in left}
        best = max(gains, key=gains.__getitem__)
        total.append(gains[best])
        covered = np.maximum(covered, dense[:, best])
        left.remove(best)
    place = {id_: at for at, id_ in enumerate(given_.ids)}
    found = [place[id_] for id_ in selectors.ranking(given_, "facility_location", section("facility_location"))]
    covered = np.zeros(n)
    for at, wanted in zip(found, total, strict=True):
        assert np.maximum(dense[:, at] - covered, 0).sum() == pytest.approx(wanted, abs=1e-5)
        covered = np.maximum(covered, dense[:, at])


def test_messages_raise_the_dense_and_take_from_the_near():
    alike = both_ways(e0_1=0.8, e1_2=0.8, e0_2=0.8)
    table = inputs(5).table.set_column(1, "quality", pa.array([0.5, 0.6, 0.5, 0.7, 0.1]))
    given_ = selectors.Inputs("t", TASK, table, 1, {"neighbours": lambda: graph_of(alike, 5)})
    found = selectors.ranking(given_, "message_passing", section("message_passing"))
    ids = given_.ids
    assert found[:2] == [ids[1], ids[3]]  # three alike have more than the best alone, and once is enough
    assert found[2] in (ids[0], ids[2])


def test_importance_prefers_the_words_of_the_target():
    texts = ["ship sails", "cat sleeps", "the ship sails", "a dog runs"]
    ids = [f"t-{at}" for at in range(4)]
    rows = records.table("classify", ids, ["en"] * 4, [Example(text=text, label=0, key=text) for text in texts])
    goal = records.table("classify", ["g"], ["en"], [Example(text="the ship sails", label=0, key="g")])
    table = pa.table({"id": ids, "quality": [1.0] * 4})
    loaders = {"records": lambda: rows, "targets": lambda: {"goal": goal}}
    found = selectors.ranking(
        selectors.Inputs("t", TASK, table, 1, loaders), "importance", section("importance", draw=False)
    )
    assert found[:2] == ["t-2", "t-0"]
    drawn = [
        selectors.ranking(selectors.Inputs("t", TASK, table, seed, loaders), "importance", section("importance"))[0]
        for seed in range(40)
    ]
    assert 10 < drawn.count("t-2") < 40
    nowhere = selectors.Inputs("t", TASK, table, 1, loaders | {"targets": dict})
    with pytest.raises(CairnError, match="needs a target"):
        selectors.ranking(nowhere, "importance", section("importance"))


def test_dynamics_take_their_region_first():
    given_ = inputs(20)
    confidence = dict(zip(given_.ids, given_.dynamics["confidence"].to_pylist(), strict=True))
    easy = selectors.ranking(given_, "dynamics", section("dynamics", region="easy"))
    hard = selectors.ranking(given_, "dynamics", section("dynamics", region="hard"))
    assert [confidence[id_] for id_ in easy] == sorted(confidence.values(), reverse=True)
    assert [confidence[id_] for id_ in hard] == sorted(confidence.values())


def test_an_unknown_column_is_named():
    with pytest.raises(CairnError, match=r"coverage\.by: unknown column 'qality'\. Did you mean 'quality'\?"):
        selectors.ranking(inputs(5), "coverage", section("coverage", by="qality"))
