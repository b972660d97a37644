"""Translations that exist already: published ones (XNLI's, PAWS-X's, MLQA's) and the miniworld's parallel rows."""

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
