"""CCG supertagging (Hockenmaier and Steedman 2007): the category of every word, from your own copy of CCGbank."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from curation.core import registry
from curation.rows import columns, local
from curation.tasks import Example, Source, Task

SPLITS = ("train", "dev", "test")
UNKNOWN = ("known once the files are there",)
_SUPPLY = (
    "CCGbank is licensed (Linguistic Data Consortium, LDC2005T13) and cannot come with Cairn. Put your copy into the "
    "task folder as ccgbank/train.jsonl, ccgbank/dev.jsonl and ccgbank/test.jsonl (links will do), one sentence a "
    'line: {"tokens": ["He", "runs"], "tags": ["NP", "S[dcl]\\\\NP"]}. Without a licence use the task '
    "ccg_substitute, which is not CCG."
)


def _source(split: str, rows: int | None = None) -> Source:
    return Source("file:ccgbank/{split}.jsonl", split=split, expected_rows=rows, supply=_SUPPLY)


def __getattr__(name: str) -> Any:
    """Return ``TASK``, whose labels are the categories of the user's files, read when it is asked for."""
    if name != "TASK":
        raise AttributeError(name)
    return Task(
        kind="tags",
        metric="token_accuracy",
        train=_source("train", 38_015),
        dev=_source("dev", 5_484),
        test=_source("test"),
        labels=labels(),
        licence="LDC user agreement: yours",
        citation="Hockenmaier and Steedman 2007, CCGbank: A corpus of CCG derivations and dependency structures",
        note="The rows are yours to supply: ccgbank/train.jsonl, dev.jsonl and test.jsonl in the task folder, with the "
        "columns tokens and tags. The labels are all categories of these files (1,363 in the split that the expected "
        "rows are those of; other cuts of CCGbank have other counts).",
    )


def labels() -> tuple[str, ...]:
    """Return the categories of the user's files, sorted; ``UNKNOWN`` while there are none."""
    files = [file for split in SPLITS if (file := _file(split)) is not None]
    return _categories(tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in files)) or UNKNOWN


def _file(split: str) -> Path | None:
    found = [folder / f"ccgbank/{split}.jsonl" for folder in registry.folders("tasks")]
    return next((file for file in found if file.is_file()), None)


@cache
def _categories(files: tuple[tuple[Path, int, int], ...]) -> tuple[str, ...]:
    found: set[str] = set()
    for file, *_ in files:
        for row in local.read(file):
            tags = (row or {}).get("tags")
            found.update(tag for tag in (tags if isinstance(tags, list) else ()) if isinstance(tag, str) and tag)
    return tuple(sorted(found))


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence, a category a word."""
    return Example(tokens=tuple(row["tokens"]), tags=columns.tags(row, "tags", labels()))
