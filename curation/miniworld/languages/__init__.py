"""One module per language: its lexicon, written by hand, and its grammar; ``load(code)`` returns the grammar."""

from __future__ import annotations

import importlib
from functools import cache
from typing import TYPE_CHECKING

from curation.core.errors import unknown

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar

LANGUAGES: tuple[str, ...] = ("en", "de", "es", "fr", "it", "ru")


@cache
def load(code: str) -> Grammar:
    """Return the grammar of language ``code``; raises :class:`CairnError` for one the miniworld does not have."""
    if code not in LANGUAGES:
        raise unknown("language", code, LANGUAGES, "miniworld")
    grammar: Grammar = importlib.import_module(f"curation.miniworld.languages.{code}").GRAMMAR
    return grammar
