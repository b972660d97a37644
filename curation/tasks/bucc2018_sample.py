"""BUCC 2018, the sample pools alone, cut in two: tune the threshold on one half, mine the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import parts
from curation.tasks import Example, Source, Task, bucc2018_pool

_LANGUAGES = ("de", "fr", "ru", "zh")


def _source(low: float, high: float) -> Source:
    """Return the source of a part of each pool; both sides of a pair fall into the same part."""
    return Source(
        bucc2018_pool.REPO,
        split="sample.{lang}+sample.en",
        languages=_LANGUAGES,
        unfold=parts.Part(low, high, "pair", bucc2018_pool.one_side),
        supply=bucc2018_pool.SUPPLY,
    )


TASK = Task(
    kind="bitext",
    metric="mining",
    dev=_source(0, 0.5),
    test=_source(0.5, 1),
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
