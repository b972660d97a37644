"""BUCC 2018 (Zweigenbaum et al. 2018), whole pools from your own files: mine the pairs among all sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

REPO = "file:bucc2018/{lang}-en/{split}.parquet"
SUPPLY = (
    "The pools of BUCC 2018 are given out by the shared task (files xx-en.sample.* and xx-en.training.*). Put them "
    "into the task folder, for German as bucc2018/de-en/sample.de.parquet, sample.en.parquet, training.de.parquet and "
    "training.en.parquet, with the columns id, sentence and gold_id: the id of the translation on the other side, "
    "empty where there is none (from the .gold file)."
)
_LANGUAGES = ("de", "fr", "ru", "zh")
_TEST = {"de": 413_869 + 399_337, "fr": 271_874 + 369_810, "ru": 460_853 + 558_401, "zh": 94_637 + 88_860}


def one_side(row: Mapping[str, Any], lang: str, _key: str) -> Iterable[Mapping[str, Any]]:
    """Yield the row with its language, pool, side and pair; ids begin with the language, such as zh-000000057."""
    own, gold = row["id"] or "", row["gold_id"] or ""
    english = own.startswith("en-")
    yield {
        "key": own,
        "text": row["sentence"],
        "gold": gold,
        "pool": lang,
        "side": "target" if english else "source",
        "lang": "en" if english else lang,
        "pair": gold if english and gold else own,
    }


def _pool(split: str, rows: Mapping[str, int] | None = None) -> Source:
    both = f"{split}.{{lang}}+{split}.en"
    return Source(REPO, split=both, languages=_LANGUAGES, unfold=one_side, expected_rows=rows, supply=SUPPLY)


TASK = Task(
    kind="bitext",
    metric="mining",
    dev=_pool("sample"),
    test=_pool("training", _TEST),
    licence="free for research; Wikipedia text CC BY-SA",
    citation="Zweigenbaum et al. 2018, Overview of the third BUCC shared task: Spotting parallel sentences in "
    "comparable corpora",
    note="As in XTREME the sample is dev, where the threshold is tuned, and the training set is test. A sentence "
    "without a translation has an empty gold list.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence; both sides of a pair are a group, so that a cap keeps whole pairs."""
    if not row["key"].startswith(f"{row['lang']}-"):
        raise Reject("id does not begin with its language")
    return Example(
        text=columns.text(row, "text"),
        pool=row["pool"],
        side=row["side"],
        gold=(row["gold"],) if row["gold"] else (),
        group=row["pair"],
        key=row["key"],
    )
