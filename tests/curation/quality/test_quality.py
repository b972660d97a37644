from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation import quality
from curation.core.errors import CairnError
from curation.quality import Params, combine

value = st.one_of(st.just(float("nan")), st.just(1.0), st.floats(0, 1).map(lambda x: round(x, 2)))
scored = st.integers(1, 12).flatmap(lambda n: st.lists(st.lists(value, min_size=n, max_size=n), min_size=1, max_size=3))
WEIGHTS = {"a": 1.0, "b": 0.5, "c": 0.0}


def combined(columns: list[list[float]]) -> np.ndarray:
    return combine.combine({name: np.array(column) for name, column in zip("abc", columns, strict=False)}, WEIGHTS)


@given(scored)
def test_quality_lies_in_0_to_1_and_is_missing_only_where_nothing_applies(columns: list[list[float]]) -> None:
    found = combined(columns)
    nothing = np.isnan(np.array(columns[:2])).all(axis=0)  # the third weighs nothing
    np.testing.assert_array_equal(np.isnan(found), nothing)
    assert ((found[~nothing] >= 0) & (found[~nothing] <= 1)).all()


@given(scored, st.randoms())
def test_the_order_of_rows_changes_nothing(columns: list[list[float]], random) -> None:
    order = list(range(len(columns[0])))
    random.shuffle(order)
    moved = combined([[column[i] for i in order] for column in columns])
    np.testing.assert_array_equal(moved, combined(columns)[order])


@given(scored, st.integers(0, 11), st.floats(0, 1))
def test_a_better_score_never_lowers_the_quality(columns: list[list[float]], at: int, gain: float) -> None:
    before, at = combined(columns), at % len(columns[0])
    for column in columns:
        if not np.isnan(column[at]):
            changed = [[*other] for other in columns]
            changed[columns.index(column)][at] = min(1.0, column[at] + gain)
            after = combined(changed)
            assert np.isnan(before[at]) or after[at] >= before[at]


@given(scored)
def test_of_two_rows_the_one_better_in_everything_is_not_worse(columns: list[list[float]]) -> None:
    found, table = combined(columns), np.array(columns)
    for i in range(table.shape[1]):
        for j in range(table.shape[1]):
            if not np.isnan(table[:, [i, j]]).any() and (table[:, i] >= table[:, j]).all():
                assert found[i] >= found[j]


def test_rows_without_a_defect_stay_at_the_top_however_many_they_are() -> None:
    duplicates = np.array([0.0, 0.05] * 5 + [1.0] * 190)
    shares = combine.normalise(duplicates)
    assert (shares[10:] == 1.0).all()
    assert shares[0] == 0.025
    assert shares[1] == 0.05


def test_a_constant_score_changes_no_order() -> None:
    label = np.array([0.1, 0.7, 0.4])
    alone = combine.combine({"a": label}, WEIGHTS)
    both = combine.combine({"a": label, "b": np.ones(3)}, WEIGHTS)
    np.testing.assert_array_equal(np.argsort(alone), np.argsort(both))


def test_ranks_follow_quality_and_ties_follow_the_seed() -> None:
    values, ids = np.array([0.5] * 50 + [0.9, np.nan]), [f"t-{i}" for i in range(52)]
    first, again, other = (combine.ranks(values, ids, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert sorted(first) == list(range(1, 53))
    assert (first[50], first[51]) == (1, 52)
    assert (first != other).any()
    moved = combine.ranks(values[::-1], ids[::-1], 1)
    np.testing.assert_array_equal(moved[::-1], first)


def scores(values: list[float | None], why: list[str | None]) -> pa.Table:
    ids = [f"t-{i}" for i in range(len(values))]
    columns = {"id": ids, "score": pa.array(values, pa.float64()), "why": pa.array(why, pa.string()), "twin": ids[::-1]}
    return pa.table(columns)


def test_flags_and_words_come_from_the_scores_below_their_limit() -> None:
    tables = {
        "a": scores([0.1, 0.2, None], ["wrong label", None, None]),
        "b": scores([0.3, 0.4, 0.1], [None, "near", "not applicable"]),
    }
    section = Params(weights={"a": 1.0, "b": 1.0}, flags={"a": 0.2, "b": 0.4})
    found = combine.table(["t-0", "t-1", "t-2"], tables, section, 17)
    assert found.column_names == [
        "id",
        "quality",
        "rank",
        "flags",
        "why",
        "decision",
        "flagged",
        "a",
        "b",
        "a.why",
        "a.twin",
        "b.why",
        "b.twin",
    ]
    assert found["flags"].to_pylist() == [["a", "b"], [], ["b"]]  # at the limit is not below it
    assert found["why"].to_pylist() == ["a: wrong label; b: score 0.30", None, "b: not applicable"]
    assert found["a.twin"].to_pylist() == ["t-2", "t-1", "t-0"]
    assert found["quality"].to_pylist() == pytest.approx([(0.5 + 2 / 3) / 2, 1.0, 1 / 3])
    assert found["rank"].to_pylist() == [2, 1, 3]
    assert found["a"].to_pylist() == [0.1, 0.2, None]


@pytest.mark.parametrize(
    ("weights", "flags", "message"),
    [
        ({"surface": 1.0}, {}, r"quality\.flags lacks surface. Add `surface: 0\.5`"),
        ({}, {"surface": 0.5}, r"quality\.weights lacks surface"),
        ({"surface": 1.0, "outlier": 1.0}, {"surface": 0.5}, "unknown scorer 'outlier'. Did you mean 'outliers'"),
        ({"surface": 0.0}, {"surface": 0.5}, "gives every scorer the weight 0"),
    ],
)
def test_mistakes_in_the_section_are_named(weights: dict[str, float], flags: dict[str, float], message: str) -> None:
    with pytest.raises(CairnError, match=message):
        quality.checked(Params(weights=weights, flags=flags), ["surface"])


def test_a_scorer_that_is_weighed_but_not_used_is_no_mistake() -> None:
    section = Params(weights={"surface": 1.0, "outliers": 1.0}, flags={"surface": 0.5})
    assert quality.checked(section, ["surface"]) is section


@pytest.mark.parametrize(("weights", "flags"), [({"a": -1.0}, {"a": 0.5}), ({"a": 1.0}, {"a": 1.5})])
def test_ranges_are_checked(weights: dict[str, float], flags: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"(weights|flags)\.a is"):
        Params(weights=weights, flags=flags)
