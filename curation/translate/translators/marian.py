"""OPUS-MT and other Marian models through transformers: one model per language pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.translate.translators import _seq2seq

if TYPE_CHECKING:
    from collections.abc import Sequence

MARKERS = _seq2seq.MARKERS


def describe(src: str, tgt: str, params: Any) -> dict[str, str]:
    """Return the model, its revision, and versions."""
    return _seq2seq.describe("marian", src, tgt, params)


def check(task: str, src: str, tgt: str, params: Any) -> None:
    """Raise :class:`CairnError` when no model is named, or a folder that is not there."""
    _seq2seq.check("marian", src, tgt, params)


def translate(texts: Sequence[str], src: str, tgt: str, params: Any) -> list[str]:
    """Return one translation per text by ``params.model``, ``Helsinki-NLP/opus-mt-{src}-{tgt}`` or a folder."""
    return _seq2seq.generate(_seq2seq.place("marian", src, tgt, params).path, texts, params)
