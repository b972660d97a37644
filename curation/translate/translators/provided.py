"""Translations that exist already: published ones (XNLI's, PAWS-X's, MLQA's) and the miniworld's parallel rows.

They bring texts, answers and tags of words; the class of a row, or its right choice, stays that of the row that they
translate. One that comes with another is counted and named (``other_label``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Example


def describe(src: str, tgt: str, params: Any) -> dict[str, str]:
    """Return what names this backend; its data are pinned by ``fetch`` and the task file."""
    return {"engine": "provided"}


def check(task: str, src: str, tgt: str, params: Any) -> None:
    """Raise :class:`CairnError` when ``task`` names no translations into ``tgt``."""
    from curation import tasks
    from curation.translate.existing import translations

    translations(task, tasks.load(task), tgt)


def examples(task: str, lang: str, keys: Sequence[str], params: Any) -> Mapping[str, Example]:
    """Return the existing translation of each of ``keys`` that has one.

    Raises :class:`CairnError` when the task names no translations, or nobody serves them in ``lang``.
    """
    from curation.translate.existing import provided

    return provided(task, lang, list(keys))
