"""M2M-100 through transformers: one model for 100 languages, named by their two-letter codes. Weights are MIT."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.language import codes
from curation.translate.translators import _seq2seq

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKERS = _seq2seq.MARKERS


def describe(src: str, tgt: str, params: Any) -> dict[str, str]:
    """Return the model, its revision, licence and versions."""
    return _seq2seq.describe("m2m100", src, tgt, params) | {"from": src, "to": tgt}


def check(task: str, src: str, tgt: str, params: Any) -> None:
    """Raise :class:`CairnError` when no model is named, or a folder that is not there."""
    _seq2seq.check("m2m100", src, tgt, params)


def translate(texts: Sequence[str], src: str, tgt: str, params: Any) -> list[str]:
    """Return one translation per text by ``params.model`` (``facebook/m2m100_418M``, or a folder)."""
    path = _seq2seq.place("m2m100", src, tgt, params).path
    return _seq2seq.generate(path, texts, params, codes.language(src), f"__{codes.language(tgt)}__")
