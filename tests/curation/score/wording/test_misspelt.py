from __future__ import annotations

import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.core.task import Example
from curation.score.wording import duplicates, misspelt, texts
from curation.search import knn

LETTERS = "abmn1"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two words: the second is the first with up to two letters in the place of up to two."""
    word = draw(st.text(LETTERS, min_size=1, max_size=6) | st.sampled_from(["summer", "nothing", "never", "woman"]))
    at = draw(st.integers(0, len(word)))
    return word, word[:at] + draw(st.text(LETTERS, max_size=2)) + word[at + draw(st.integers(0, 2)) :]


@settings(max_examples=1000)
@given(pairs())
def test_no_pair_of_words_that_may_be_a_slip_is_left_out(pair):
    one, other = sorted(pair)
    may_be = texts.slip(one, other) or any(
        texts.typo(*words, inflected=inflected) or texts.digit_at_an_end(*words) is not None
        for words in ((one, other), (other, one))
        if one != other and all(words)
        for inflected in (True, False)
    )
    assert misspelt._a_letter_apart(pair) >= ({(one, other)} if may_be else set())


def test_texts_that_differ_in_a_number_are_not_compared_pair_by_pair(make_table) -> None:
    """As notices made from a form are: 20,000 of them have 200 million pairs."""
    table = make_table("text", [Example(text=f"order {at:05} was shipped today") for at in range(0, 100_000, 5)])
    none = knn.Neighbours(np.zeros((table.num_rows, 0), np.int32), np.zeros((table.num_rows, 0), np.float32))
    start = time.perf_counter()
    assert not duplicates.find(table, none, 0.8, 0.02).members
    assert time.perf_counter() - start < 12
