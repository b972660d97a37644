"""Stage ``translate``: the same ids in another language, labels carried over, every drop with a reason.

Reads ``data/intermediate/<task>/train.parquet``; writes ``train.parquet`` (records), ``checks.parquet`` (every source
id: kept, reason, another label, quality estimates) and ``manifest.json`` in ``data/translated/<task>/<lang>/``.

Labels of ``classify``, ``pair`` and ``choice`` are those of the original: what was mislabelled stays so, and a provided
translation that comes with another label (``other_label`` in the checks) is counted in the manifest. Answers of
``span`` are projected (:mod:`curation.translate.answers`), those of ``tags`` carried along the alignment of words by a
multilingual encoder (:mod:`curation.translate.word_tags`); or both come with a provided translation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pydantic

from curation import fetch
from curation.core.errors import CairnError
from curation.core.params import Section

if TYPE_CHECKING:
    from curation.core.task import Task


class Params(Section):
    """Section ``translate``."""

    languages: tuple[str, ...]
    """Languages to translate the intermediate train rows into; may be empty."""
    backend: str
    """A module of ``curation/translate/translators``."""
    batch_size: int = pydantic.Field(gt=0)
    """marian, nllb, m2m100: sentences per batch."""
    model: str | None
    """Of a neural backend: a hub id or folder; ``{src}`` and ``{tgt}`` are replaced by the languages."""
    revision: str | None
    """marian, nllb, m2m100: commit of a hub model; null = its newest, which the manifest records."""
    beams: int = pydantic.Field(ge=1)
    """Of a neural backend: beams of the search; 1 = greedy."""
    min_quality: float = pydantic.Field(ge=0, le=1)
    """Rows whose ``translation_quality`` is below are dropped: 0.3 is what one good translation in 126 falls below, in
    any language; a third more is ten times as many (:func:`curation.translate.calibration.false_drops`)."""
    aligner: str | None = None
    """A multilingual encoder (hub id or folder) that says which word became which: tags need one, answers are checked
    by it, and sentences are compared by it where it knows both languages, as is what a probe says of a row's label."""
    round_trip: bool = False
    """Translate back as well, and compare with the source (chrF): twice the time."""


def source_language(task: Task) -> str:
    """Return the language that a task is translated from: the one its train rows are fetched in."""
    return fetch.pivot(task.train) if task.train is not None else "en"


def check_request(task: str, facts: Task, lang: str, backend: Any, given: Params, where: str) -> None:
    """Raise :class:`CairnError` when ``backend`` cannot translate ``task`` into ``lang``; ``where``: the params file.

    It reads no rows and asks no network, so that `curation check` can say the same hours earlier.
    """
    src = source_language(facts)
    if lang == src:
        raise CairnError(f"{where}: translate.languages: {task} is in {src} already; take {src} out.")
    if facts.kind == "tags" and not hasattr(backend, "examples") and given.aligner is None:
        raise CairnError(
            f"{where}: {task} has a label per word, and translate.aligner is null. Name a multilingual encoder there, "
            "such as cairn/minilm-l6-multi or xlm-roberta-base; or set translate.backend: provided where translations "
            "exist, or translate.languages: []."
        )
    if facts.kind == "bitext":
        raise CairnError(
            f"{where}: {task} is parallel text already, and there is nothing to translate. "
            f"Set translate.backend: provided where translations exist, or translate.languages: []."
        )
    if hasattr(backend, "check"):
        try:
            backend.check(task, src, lang, given)
        except CairnError as error:
            raise CairnError(f"{where}: {error}") from None
