"""Span questions, a third of them without an answer in the context."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.miniworld.generate import qa
from curation.miniworld.generate.qa import Question, core, render

if TYPE_CHECKING:
    from curation.miniworld.scene import Rng

__all__ = ["core", "item", "render"]


def item(rng: Rng) -> list[Question]:
    """Return two questions about one story."""
    return qa.item(rng, unanswerable=1 / 3)
