"""Parts of a split are disjoint, complete and the same every time, and keep groups whole."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from curation.rows import columns, parts

edges = st.lists(st.floats(0, 1, exclude_min=True, exclude_max=True), max_size=3, unique=True).map(sorted)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=30), edges)
def test_parts_lose_no_row_and_share_no_group(groups, cuts):
    bounds = [0, *cuts, 1]
    rows = [{"premise": group, "n": number} for number, group in enumerate(groups)]
    split = [
        [one for row in rows for one in parts.Part(low, high, "premise")(row, "en", "0")]
        for low, high in pairwise(bounds)
    ]
    assert sorted(row["n"] for part in split for row in part) == list(range(len(rows)))
    seen = [{row["premise"] for row in part} for part in split]
    assert sum(map(len, seen)) == len(set().union(*seen))


def test_without_a_column_every_upstream_row_is_its_own_group():
    kept = [key for key in map(str, range(2000)) if list(parts.Part(0, 0.25)({"text": "same"}, "en", key))]
    assert 400 < len(kept) < 600
    assert kept == [key for key in map(str, range(2000)) if parts.share(key) < 0.25]


def test_it_cuts_what_another_unfold_makes_and_both_sides_stay_together():
    row = {"source_sentence": "Ja.", "target_sentence": "Yes."}
    for number in range(50):
        halves = [
            list(parts.Part(low, high, "pair", columns.both_sides)(row, "de", str(number)))
            for low, high in ((0, 0.5), (0.5, 1))
        ]
        assert sorted(map(len, halves)) == [0, 2]


def test_a_pair_and_its_exchange_are_in_one_part():
    both = parts.Part(0, 0.5, ("a", "b"))
    kept = [bool(list(both({"a": str(n), "b": str(-n)}, "en", ""))) for n in range(1, 200)]
    assert kept == [bool(list(both({"a": str(-n), "b": str(n)}, "en", ""))) for n in range(1, 200)]
    assert 60 < sum(kept) < 140
