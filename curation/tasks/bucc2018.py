"""BUCC 2018 (Zweigenbaum et al. 2018) as the hub has it: the pairs alone, four languages and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_DEV = {"de": 1_038, "fr": 929, "ru": 2_374, "zh": 257}
_TEST = {"de": 9_580, "fr": 9_086, "ru": 14_435, "zh": 1_899}


def _source(split: str, pairs: Mapping[str, int]) -> Source:
    sentences = {lang: 2 * count for lang, count in pairs.items()}
    return Source(
        "google/xtreme", "bucc18.{lang}", split, languages=tuple(pairs), unfold=columns.both_sides,
        expected_rows=sentences,
    )  # fmt: skip


TASK = Task(
    kind="bitext",
    metric="mining",
    dev=_source("validation", _DEV),
    test=_source("test", _TEST),
    licence="free for research; Wikipedia text CC BY-SA",
    citation="Zweigenbaum et al. 2018, Overview of the third BUCC shared task; Hu et al. 2020, XTREME",
    note="THE PAIRS ALONE: every sentence has a translation, where BUCC hides the pairs among many more sentences "
    "without one. Published F1 is for the whole pools: see bucc2018_pool. Sentences are counted, two a pair.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence of one side of a pool."""
    return columns.sentence(row)
