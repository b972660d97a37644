"""Clean rows: the same from the same seed, prefixes of one another, parallel, and never in two splits."""

from __future__ import annotations

import pytest

from curation.core.errors import CairnError
from curation.miniworld import content, rows
from curation.miniworld.languages import LANGUAGES
from curation.miniworld.meaning import NP, signature

CONFIGS = ("nli", "xnli", "paraphrase", "text")


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_same_seed_same_rows(config: str, lang: str) -> None:
    found = rows(config, "dev", lang, 40, 3)
    content._known.cache_clear()  # or the second time would be the first
    assert rows(config, "dev", lang, 40, 3) == found
    assert rows(config, "dev", lang, 40, 3) != rows(config, "dev", lang, 40, 4)


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("n", [0, 1, 7, 50])
def test_any_number_and_prefixes(config: str, n: int) -> None:
    assert rows(config, "train", "de", n, 3) == rows(config, "train", "de", 50, 3)[:n]


@pytest.mark.parametrize("config", CONFIGS)
def test_keys_are_parallel_and_labels_the_same(config: str) -> None:
    languages = [rows(config, "test", lang, 60, 3) for lang in LANGUAGES]
    for parallel in zip(*languages, strict=True):
        assert len({row["key"] for row in parallel}) == 1
        assert len({row.get("label") for row in parallel}) == 1
        assert len({str(row) for row in parallel}) == len(LANGUAGES)


@pytest.mark.parametrize("config", CONFIGS)
def test_splits_share_nothing(config: str) -> None:
    splits = [rows(config, split, "en", 800, 7) for split in ("train", "dev", "test")]
    first = [{row.get("premise") or row.get("sentence1") or row["text"] for row in split} for split in splits]
    whole = [{str({**row, "key": ""}) for row in split} for split in splits]
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert not whole[i] & whole[j]
        assert len(first[i] & first[j]) <= 8  # two contents may read the same in one language, not by the hundred


def test_every_split_has_tenths_of_its_own() -> None:
    tenths = [tenth for own in content.SPLITS.values() for tenth in own]
    assert sorted(tenths) == list(range(10))


def test_signature_ignores_the_article() -> None:
    assert signature(NP("dog", "a")) == signature(NP("dog", "the"))
    assert signature(NP("dog", "a")) != signature(NP("dog", "two"))


@pytest.mark.parametrize(
    ("config", "split", "lang", "part"),
    [("nil", "train", "en", "nli"), ("nli", "tset", "en", "test"), ("nli", "train", "dee", "de")],
)
def test_unknown_names_are_answered_with_the_nearest(config: str, split: str, lang: str, part: str) -> None:
    with pytest.raises(CairnError, match=f"Did you mean '{part}'"):
        rows(config, split, lang, 1, 7)


def test_russian_is_cyrillic() -> None:
    for row in rows("text", "train", "ru", 300, 7):
        assert not [letter for letter in row["text"] if "a" <= letter.lower() <= "z"], row
