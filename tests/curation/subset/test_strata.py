from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.subset.strata import STRATA, apportion, arrange, length_classes, schedule, taking_order

cells = st.dictionaries(
    st.text("abcdef", min_size=1, max_size=4),
    st.tuples(st.sampled_from(["yes", "no", "maybe"]), st.integers(0, 2)),
    min_size=1,
    max_size=60,
)


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 40), min_size=1))
def test_apportion_gives_everyone_their_count_and_stays_near_the_quota(counts):
    total = sum(counts.values())
    given_ = apportion(counts, total)
    assert Counter(given_) == Counter({key: n for key, n in counts.items() if n})
    for size in range(total + 1):
        part = Counter(apportion(counts, size))
        assert sum(part.values()) == size
        assert all(abs(part[key] - size * n / max(1, total)) <= len(counts) / 2 + 0.5 for key, n in counts.items())


@given(cells, st.integers(0, 2**31), st.integers(0, 60))
def test_all_arms_hold_equally_many_rows_of_every_cell_at_every_size(cells, seed, size):
    ranking = sorted(cells, key=lambda id_: (hash(cells[id_]) % 7, id_))
    arms = [taking_order(arrange(ranking, stratum, seed), cells)[:size] for stratum in STRATA]
    assert len({tuple(sorted(Counter(cells[id_] for id_ in arm).items())) for arm in arms}) == 1
    assert all(len(set(arm)) == min(size, len(cells)) for arm in arms)


@given(cells)
def test_within_a_cell_the_most_wanted_comes_first(cells):
    ranking = sorted(cells)
    order = taking_order(ranking, cells)
    for cell in set(cells.values()):
        assert [id_ for id_ in order if cells[id_] == cell] == [id_ for id_ in ranking if cells[id_] == cell]


@given(cells)
def test_schedule_follows_the_labels_of_the_pool_at_every_size(cells):
    labels = Counter(label for label, _ in cells.values())
    planned = schedule(cells)
    assert Counter(planned) == Counter(cells.values())
    for size in range(1, len(planned) + 1):
        part = Counter(label for label, _ in planned[:size])
        assert all(abs(part[label] - size * n / len(cells)) <= 1.5 for label, n in labels.items())


def test_strata_take_the_end_they_name():
    ranking = list("abcdefg")
    assert arrange(ranking, "top", 1)[0] == "a"
    assert arrange(ranking, "bottom", 1)[0] == "g"
    assert set(arrange(ranking, "middle", 1)[:3]) == {"c", "d", "e"}
    assert arrange(ranking, "random", 1) == arrange(ranking[::-1], "random", 1)
    assert arrange(ranking, "random", 1) != arrange(ranking, "random", 2)


@pytest.mark.parametrize(("classes", "expected"), [(1, {0}), (4, {0, 1, 2, 3})])
def test_length_classes_cut_at_quantiles(classes, expected):
    assert set(length_classes({str(i): i for i in range(40)}, classes).values()) == expected


def test_one_length_is_one_class():
    assert set(length_classes({"a": 3, "b": 3}, 4).values()) == {1}
