"""TyDiQA-GoldP from its train split, which the mirror has in three languages; of English, a fifth is dev and test."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from curation.rows import parts
from curation.tasks import tydiqa

_TRAIN = replace(tydiqa.TASK.train, expected_rows=None)
_REST, _HELD_OUT = parts.Part(0.2, 1, "context", tydiqa.only), parts.Part(0, 0.2, "context", tydiqa.only)


def _tested(row: Mapping[str, Any], lang: str, key: str) -> Iterable[Mapping[str, Any]]:
    """Yield the held-out English rows, and all rows of the other languages."""
    yield from (_HELD_OUT if lang == "en" else tydiqa.only)(row, lang, key)


TASK = replace(
    tydiqa.TASK,
    train=replace(_TRAIN, unfold=_REST),
    dev=replace(_TRAIN, unfold=_HELD_OUT),
    test=replace(_TRAIN, languages=("en", "ko", "sw"), unfold=_tested),
)
to_example = tydiqa.to_example
