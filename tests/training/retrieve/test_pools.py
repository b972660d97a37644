"""Which sentences are queries, which are candidates, which pairs are gold; and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core import records
from curation.core.errors import CairnError
from curation.core.task import Example
from training.retrieve import pools


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


def langs(side):
    return set(side.langs)


def test_direction_names_the_query_side():
    table = bitext(in_order("de", 3))
    (to_foreign,) = pools.pools(table, "to_foreign", 1, "f")
    (from_foreign,) = pools.pools(table, "from_foreign", 1, "f")
    assert (langs(to_foreign.queries), langs(to_foreign.candidates), to_foreign.name) == ({"en"}, {"de"}, "de")
    assert (langs(from_foreign.queries), langs(from_foreign.candidates), from_foreign.name) == ({"de"}, {"en"}, "de")
    assert (to_foreign.direction, from_foreign.direction) == ("to_foreign", "from_foreign")
    assert to_foreign.gold == {f"en-0{n}": {f"de-0{n}"} for n in range(3)}
    assert from_foreign.gold == {f"de-0{n}": {f"en-0{n}"} for n in range(3)}


def test_english_may_be_on_either_side_and_missing():
    turned = [(p, {"source": "target", "target": "source"}[s], *rest) for p, s, *rest in in_order("de", 2)]
    (pool,) = pools.pools(bitext(turned), "to_foreign", 1, "f")
    assert langs(pool.queries) == {"en"}
    other = [(p, s, "fr" if lang == "en" else lang, *rest) for p, s, lang, *rest in in_order("de", 2)]
    (pool,) = pools.pools(bitext(other), "to_foreign", 1, "f")
    assert (langs(pool.queries), langs(pool.candidates)) == ({"fr"}, {"de"})


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


def shared(languages=("de", "en"), questions=3, name="all"):
    """Return questions in some languages, and answers in one more, Russian; a question's key is the same in all."""
    asked = [f"q-{n:02}" for n in range(questions)]
    rows = [(name, "query", lang, key, f"{lang} {key}?", ()) for lang in languages for key in asked]
    for lang in (*languages, "ru"):
        rows += [(name, "candidate", lang, f"{lang}-{key[-2:]}", f"{lang} {key}.", (key,)) for key in asked]
    return [*rows, (name, "candidate", "ru", "ru-99", "answers nothing", ())]


@pytest.mark.parametrize("direction", ["to_foreign", "from_foreign"])
def test_a_shared_pool_is_searched_by_the_queries_of_each_language_whatever_the_direction(direction):
    german, english = pools.pools(bitext(shared()), direction, 1, "f")
    assert (german.name, english.name, german.direction) == ("de", "en", None)
    assert (langs(german.queries), langs(english.queries)) == ({"de"}, {"en"})
    assert german.candidates is english.candidates
    assert langs(german.candidates) == {"de", "en", "ru"}
    assert len(german.candidates.keys) == 10
    assert german.gold == english.gold == {f"q-0{n}": {f"{at}-0{n}" for at in ("de", "en", "ru")} for n in range(3)}
    assert german.candidates.keys != sorted(german.candidates.keys)
    (whole,) = pools.by_candidates([german, english])
    assert whole == (german.candidates, [german, english])


def test_the_candidates_do_not_depend_on_which_languages_ask():
    both = pools.pools(bitext(shared()), "to_foreign", 1, "f")
    fewer = [row for row in shared() if row[1:3] != ("query", "de")]
    (english,) = pools.pools(bitext(fewer), "to_foreign", 1, "f")
    assert english == both[1]


def test_one_question_with_many_answers_is_no_placeholder_and_many_with_one_answer_are():
    """LAReQA capped to one question has eleven gold pairs, which share it by rights."""
    answers = [("all", "candidate", "ru", f"ru-{n:02}", f"answer {n}", ("q-00",)) for n in range(11)]
    (pool,) = pools.pools(bitext([("all", "query", "de", "q-00", "Why?", ()), *answers]), "to_foreign", 1, "f")
    assert len(pool.gold["q-00"]) == 11
    asked = [("all", "query", "de", f"q-{n:02}", f"Why {n}?", ("ru-00",)) for n in range(11)]
    others = [(*row[:5], ()) for row in answers]
    with pytest.raises(CairnError, match="queries in de: all 11 gold pairs share one and the same sentence"):
        pools.pools(bitext([*asked, *others]), "to_foreign", 1, "f")


def test_several_shared_pools_are_told_apart():
    found = pools.pools(bitext(shared(name="a") + shared(name="b") + in_order("de", 2)), "to_foreign", 1, "f")
    assert [pool.name for pool in found] == ["a-de", "a-en", "b-de", "b-en", "de"]
    assert [len(several) for _, several in pools.by_candidates(found)] == [2, 2, 1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: [row for row in rows if row[1] == "query"], "6 queries and 0 candidates; both are needed"),
        (lambda rows: [row for row in rows if row[1] == "candidate"], "0 queries and 10 candidates"),
        (lambda rows: [*rows, ("all", "source", "de", "s-00", "both", None)], "some rows are source or target, others"),
        (lambda rows: [(*row[:5], ()) for row in rows], "queries in de: no sentence has a gold"),
        (lambda rows: [*rows, ("all", "query", "en", "q-00", "again", ())], "queries in en: 1 sentences of one side"),
        (
            lambda rows: [*rows, ("all", "candidate", "en", "ru-99", "again", ())],
            "'all': 1 sentences of one side share",
        ),
    ],
)
def test_unusable_shared_pools(change, message):
    with pytest.raises(CairnError, match=rf"f, pool .*{message}"):
        pools.pools(bitext(change(shared())), "to_foreign", 1, "f")
