"""BUCC 2018, the sample pools alone, cut in two: tune the threshold on one half, mine the other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from curation.tasks import Example, Source, Task, bucc2018_pool

_LANGUAGES = ("de", "fr", "ru", "zh")


def _half(number: int) -> Any:
    """Return an ``unfold`` that keeps half of a pool; both sides of a pair fall into the same half."""

    def unfold(row: Mapping[str, Any], lang: str, key: str) -> Iterable[Mapping[str, Any]]:
        for one in bucc2018_pool.one_side(row, lang, key):
            if hashlib.blake2b(one["pair"].encode(), digest_size=8).digest()[0] % 2 == number:
                yield one

    return unfold


def _source(number: int) -> Source:
    return Source(
        bucc2018_pool.REPO,
        split="sample.{lang}+sample.en",
        languages=_LANGUAGES,
        unfold=_half(number),
        supply=bucc2018_pool.SUPPLY,
    )


TASK = Task(
    kind="bitext",
    metric="mining",
    dev=_source(0),
    test=_source(1),
    licence="free for research; Wikipedia text CC BY-SA",
    citation="Zweigenbaum et al. 2018, Overview of the third BUCC shared task: Spotting parallel sentences in "
    "comparable corpora",
    note="For a try without the large files of bucc2018_pool, whose layout it shares: only sample.xx.parquet and "
    "sample.en.parquet are needed. Pairs and single sentences are halved by a hash of their ids. Half a small pool is "
    "easier than the whole of a large one: not comparable with published F1. Take the languages you have: "
    "fetch.languages: [zh].",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence; both sides of a pair are a group."""
    return bucc2018_pool.to_example(row)
