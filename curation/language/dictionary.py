"""Which words a language has, by lists of subtitles' words (pyspellchecker), for telling a misspelling from a word."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LISTED = frozenset({"ar", "de", "en", "es", "eu", "fr", "it", "lv", "nl", "pt"})
"""Languages with a list of 80,000 words or more; those of Russian and Persian lack too many forms."""


@lru_cache(maxsize=len(LISTED))
def words(lang: str) -> Mapping[str, int] | None:
    """Return the lower-case words of a language, forms and common names among them; ``None`` where there is no list.

    Each with how often subtitles say it (English: of 1.6 billion words); the least count is of words that they do not
    say, which stem from a dictionary.

    >>> {"skateboarders", "woman", "kim"} <= words("en").keys(), "womam" in words("en"), words("sw")
    (True, False, None)
    >>> words("en")["man"], words("en")["brach"], min(words("en").values())
    (1552515, 50, 50)
    """
    if lang not in LISTED:
        return None
    from spellchecker import SpellChecker  # a third of a second for its list

    return dict(SpellChecker(language=lang, distance=1).word_frequency.dictionary)
