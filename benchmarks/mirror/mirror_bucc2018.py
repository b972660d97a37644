"""BUCC 2018, the Chinese sample pool of the mirror: the threshold is tuned on one half, and the other is mined."""

from dataclasses import replace

from curation.rows import parts
from curation.tasks import Source, bucc2018_pool


def _source(low: float, high: float) -> Source:
    unfold = parts.Part(low, high, "pair", bucc2018_pool.one_side)
    return Source("google/xtreme", "bucc18.{lang}.pool", "{lang}+en", languages=("zh",), unfold=unfold)


TASK = replace(bucc2018_pool.TASK, dev=_source(0, 0.5), test=_source(0.5, 1))
to_example = bucc2018_pool.to_example
