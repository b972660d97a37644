"""Translations that exist already: the rows of ``Task.translations`` that say the same as the fetched train rows."""

from __future__ import annotations

from collections.abc import Collection

from curation.core import paths, records
from curation.core.errors import CairnError, unknown
from curation.core.task import Example, Source, Task
from curation.fetch import splits
from curation.language import codes
from curation.translate import english


def provided(task: str, lang: str, keys: Collection[str]) -> dict[str, Example]:
    """Return key to translated row of intermediate ``task`` in ``lang``, for those of ``keys`` that have one.

    Rows are matched by their upstream key. Where the translations come with an English side (``"en"`` is among the
    languages of ``Task.translations``) they are matched through its text instead, without case, spacing and
    punctuation, so that another order of rows or another tokenisation upstream cannot pair the wrong ones.

    Raises :class:`CairnError` when the task names no translations, or none in ``lang``.
    """
    job = splits.open_job("intermediate", task)
    source = translations(task, job.task, lang)
    _, found = splits.convert_split(job, "train", source, lang)
    by_key = {str(item.example.key): item.example for item in found.items}
    pivot = codes.among("en", source.languages)
    if pivot is None:
        return {key: by_key[key] for key in keys if key in by_key}
    kind, wanted = job.task.kind, set(keys)
    there = english.keys(job, source, pivot)
    fetched = records.read(paths.fetched("intermediate", task) / "train.parquet")
    pairs = {row["key"]: there.get(english.letters(kind, row)) for row in records.Rows(fetched) if row["key"] in wanted}
    return {key: by_key[other] for key in keys if (other := pairs.get(key)) in by_key and other is not None}


def translations(name: str, task: Task, lang: str) -> Source:
    """Return the source of existing translations; raise :class:`CairnError` when there are none into ``lang``."""
    source = task.translations
    if source is None:
        raise CairnError(
            f"task {name} names no translations, so translate.backend: provided cannot serve it. "
            "Set another backend in params.yaml: translate.backend, or leave the task out of the arm."
        )
    if lang not in source.languages:
        allowed = [code for code in source.languages if code != "en"]
        raise unknown("language", lang, allowed, f"translate.languages, for {name} by provided")
    return source
