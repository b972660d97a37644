"""Which sentences are queries, which are candidates, which pairs are gold; and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation import records
from curation.errors import CairnError
from curation.tasks import Example
from training import pools


def bitext(rows):
    """Return records from (pool, side, lang, key, text, gold)."""
    examples = [Example(pool=p, side=s, key=k, text=t, gold=g, group=k[-2:]) for p, s, _, k, t, g in rows]
    ids = records.make_ids("t", [records.content_hash("bitext", vars(e)) for e in examples])
    return records.table("bitext", ids, [row[2] for row in rows], examples)


def in_order(lang, count):
    """Return a pool as upstream files hold it: pair by pair, in order."""
    rows = []
    for n in range(count):
        rows.append((lang, "source", lang, f"{lang}-{n:02}", f"{lang} sentence {n}", (f"en-{n:02}",)))
        rows.append((lang, "target", "en", f"en-{n:02}", f"English sentence {n}", None))
    return rows


def test_direction_names_the_query_side():
    table = bitext(in_order("de", 3))
    (to_foreign,) = pools.pools(table, "to_foreign", 1, "f")
    (from_foreign,) = pools.pools(table, "from_foreign", 1, "f")
    assert (to_foreign.queries.lang, to_foreign.candidates.lang, to_foreign.name) == ("en", "de", "de")
    assert (from_foreign.queries.lang, from_foreign.candidates.lang, from_foreign.name) == ("de", "en", "de")
    assert to_foreign.gold == {f"en-0{n}": {f"de-0{n}"} for n in range(3)}
    assert from_foreign.gold == {f"de-0{n}": {f"en-0{n}"} for n in range(3)}


def test_english_may_be_on_either_side_and_missing():
    turned = [(p, {"source": "target", "target": "source"}[s], *rest) for p, s, *rest in in_order("de", 2)]
    (pool,) = pools.pools(bitext(turned), "to_foreign", 1, "f")
    assert pool.queries.lang == "en"
    other = [(p, s, "fr" if lang == "en" else lang, *rest) for p, s, lang, *rest in in_order("de", 2)]
    (pool,) = pools.pools(bitext(other), "to_foreign", 1, "f")
    assert (pool.queries.lang, pool.candidates.lang) == ("fr", "de")


def test_candidates_are_shuffled_so_that_position_says_nothing():
    """An index that returned its own row numbers would score 100% on pairs in order; here it is at chance."""
    (pool,) = pools.pools(bitext(in_order("de", 60)), "to_foreign", 1, "f")
    hits = [key in pool.gold[q] for q, key in zip(pool.queries.keys, pool.candidates.keys, strict=True)]
    assert sum(hits) <= 6
    (again,) = pools.pools(bitext(in_order("de", 60)), "to_foreign", 1, "f")
    (other,) = pools.pools(bitext(in_order("de", 60)), "to_foreign", 2, "f")
    assert pool.candidates.keys == again.candidates.keys
    assert pool.candidates.keys != other.candidates.keys
    assert sorted(pool.candidates.keys) == sorted(other.candidates.keys)


@given(st.permutations(in_order("de", 4) + in_order("fr", 4)))
def test_order_of_the_rows_does_not_matter(rows):
    assert pools.pools(bitext(rows), "to_foreign", 1, "f") == pools.pools(
        bitext(in_order("de", 4) + in_order("fr", 4)), "to_foreign", 1, "f"
    )


def test_two_pools_of_one_language_keep_their_names():
    news = [("news", *rest) for _, *rest in in_order("de", 2)]
    talk = [("talk", *rest) for _, *rest in in_order("de", 2)]
    assert [pool.name for pool in pools.pools(bitext(news + talk), "to_foreign", 1, "f")] == ["news", "talk"]


def test_gold_may_be_on_one_side_and_queries_without_gold_are_left_out():
    rows = [*in_order("de", 2), ("de", "target", "en", "en-99", "alone", ())]
    (pool,) = pools.pools(bitext(rows), "to_foreign", 1, "f")
    assert set(pool.gold) == {"en-00", "en-01"}
    assert len(pool.queries.keys) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: [(*row[:5], None) for row in rows], "no sentence has a gold translation"),
        (lambda rows: [(*row[:5], ("nowhere",)) for row in rows], "no sentence has a gold translation"),
        (
            lambda rows: [(*row[:5], ("en-00",) if row[1] == "source" else None) for row in rows],
            "all 12 gold pairs share one and the same sentence",
        ),
        (lambda rows: [row for row in rows if row[1] == "source"], "12 source and 0 target"),
        (lambda rows: [*rows, (*rows[0][:4], "another text", None)], "1 sentences of one side share a key"),
    ],
)
def test_unusable_pools(change, message):
    with pytest.raises(CairnError, match=rf"f, pool 'de'.*{message}"):
        pools.pools(bitext(change(in_order("de", 12))), "to_foreign", 1, "f")


def test_unique_lets_the_first_of_equal_strings_speak():
    rows = [
        *in_order("de", 3),
        ("de", "source", "de", "de-10", "de sentence 0", ("en-10",)),
        ("de", "target", "en", "en-10", "Another English", None),
    ]
    (pool,) = pools.pools(bitext(rows), "from_foreign", 1, "f")
    small = pools.unique(pool)
    assert len(small.queries.texts) == len(set(pool.queries.texts)) == 3
    speaker = small.queries.keys[small.queries.texts.index("de sentence 0")]
    assert small.gold[speaker] == {"en-00", "en-10"}
    assert pools.unique(small) == small
    assert np.all(np.isin(small.candidates.keys, pool.candidates.keys))
