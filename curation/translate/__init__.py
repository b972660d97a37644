"""Stage ``translate``: the same ids in another language, labels carried over, every drop with a reason.

Reads ``data/intermediate/<task>/train.parquet``; writes ``train.parquet`` (records), ``checks.parquet`` (every source
id: kept, reason, quality estimates) and ``manifest.json`` in ``data/translated/<task>/<lang>/``.

Labels of ``classify``, ``pair`` and ``choice`` are those of the original: what was mislabelled stays so. Answers of
``span`` are projected (:mod:`curation.translate.projection`) or come with a provided translation; ``tags`` need a
provided translation, since no backend here says which word became which.
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
    """marian, nllb: sentences per batch."""
    model: str | None
    """marian, nllb: a hub id or folder; ``{src}`` and ``{tgt}`` are replaced by the languages."""
    revision: str | None
    """marian, nllb: commit of a hub model; null = its newest, which the manifest records."""
    beams: int = pydantic.Field(ge=1)
    """marian, nllb: beams of the search; 1 = greedy."""
    min_quality: float = pydantic.Field(ge=0, le=1)
    """Rows whose translation is estimated below are dropped."""


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
    if facts.kind == "bitext" or (facts.kind == "tags" and not hasattr(backend, "examples")):
        why = "is parallel text already" if facts.kind == "bitext" else "has a label per word"
        raise CairnError(
            f"{where}: {task} {why}, and backend {given.backend} cannot carry that over. "
            f"Set translate.backend: provided where translations exist, or translate.languages: []."
        )
    if hasattr(backend, "check"):
        try:
            backend.check(task, src, lang, given)
        except CairnError as error:
            raise CairnError(f"{where}: {error}") from None
