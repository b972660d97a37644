"""Inference of another make than ``nli``: premises of two statements, quantities and pronouns are common here.

What XNLI is to SNLI, in small: the same three labels, longer premises, another source of sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.miniworld.generate import nli
from curation.miniworld.generate.nli import LABELS, Inference, core, render

if TYPE_CHECKING:
    from curation.miniworld.scene import Rng

__all__ = ["LABELS", "core", "item", "render"]

QUANTIFIED, COREFERENCE, JOINED = 0.10, 0.05, 0.20
"""As in ``nli``, where they are rare."""


def item(rng: Rng) -> list[Inference]:
    """Return the rows of one premise: one or two."""
    return nli.item(rng, QUANTIFIED, COREFERENCE, JOINED)
