"""TyDiQA-GoldP (Clark et al. 2020): questions asked in nine languages by people who did not know the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_NAMES = {
    "ar": "arabic",
    "bn": "bengali",
    "en": "english",
    "fi": "finnish",
    "id": "indonesian",
    "ko": "korean",
    "ru": "russian",
    "sw": "swahili",
    "te": "telugu",
}


def only(row: Mapping[str, Any], lang: str, _key: str) -> Iterable[Mapping[str, Any]]:
    """Yield the row if it is in ``lang``: the config holds all languages, and the id begins with the language."""
    if row["id"].split("-")[0] == _NAMES[lang]:
        yield row


_REPO = "google-research-datasets/tydiqa"
TASK = Task(
    kind="span",
    metric="squad",
    train=Source(_REPO, "secondary_task", "train", unfold=only, expected_rows=3_696),
    dev=Source(_REPO, "secondary_task", "validation", unfold=only, expected_rows=440),
    test=Source(_REPO, "secondary_task", "validation", languages=tuple(_NAMES), unfold=only),
    licence="Apache-2.0",
    citation="Clark et al. 2020, TyDi QA: A benchmark for information-seeking question answering",
    note="The public development set is the test set, as in XTREME; its English part is also the dev set.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one question with its paragraph, which is the group."""
    return columns.question(row)
