import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from curation.language import codes, lengths


def misfit(a, b, one="en", other="de"):
    return float(lengths.misfit(np.array([a]), np.array([b]), lengths.expected([one]), lengths.expected([other]))[0])


def test_a_translation_is_as_long_as_its_language_makes_it():
    assert misfit(100, 120) == 0
    assert misfit(100, 34, other="zh") == 0
    assert misfit(100, 34) > 15


def test_both_directions_and_two_foreign_languages_agree():
    assert misfit(100, 40, "fr", "zh") == pytest.approx(misfit(40, 100, "zh", "fr"))
    assert misfit(118, 34, "fr", "zh") == 0


def test_the_same_ratio_says_less_of_short_texts():
    assert misfit(5, 10) < misfit(50, 100) < misfit(500, 1000)


def test_no_length_is_further_off_than_the_most():
    assert misfit(10, 10_000) == (lengths.MOST - lengths.USUAL) ** 2


def test_nothing_is_said_of_an_unknown_language():
    assert misfit(10, 10_000, other="tlh") == 0.0


@pytest.mark.real
@pytest.mark.skipif("CAIRN_HUB_MIRROR" not in os.environ, reason="needs the mirror (CAIRN_HUB_MIRROR)")
def test_the_table_is_what_the_sentences_say():
    table = pq.read_table(Path(os.environ["CAIRN_HUB_MIRROR"]) / "mteb/NTREX/default/test-00000-of-00001.parquet")
    english = sum(map(len, table["eng_Latn"].to_pylist()))
    shares = {name: sum(map(len, table[name].to_pylist())) / english for name in table.column_names}
    del shares["zho_Hant"]
    assert {codes.language(name): round(share, 2) for name, share in shares.items()} == lengths.CHARACTERS
