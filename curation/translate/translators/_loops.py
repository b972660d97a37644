"""Loops and cut texts of neural translators: seen, tried again with other settings, and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.language.words import plain
from curation.translate.estimates import repeated
from curation.translate.translators import CUT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LOOPING = 0.34
"""Share of a translation's words in loops, less that of its source, from which it is tried again."""


def looping(source: str, target: str) -> float:
    """Return the share of words in loops of a translation, less that of its source.

    >>> looping("a dog ran", "ein Hund ein Hund"), looping("a dog ran", "ein Hund lief")
    (0.5, 0.0)
    """
    return repeated(plain(target)) - repeated(plain(source))


def again(
    texts: Sequence[str],
    found: Sequence[str],
    cut: Sequence[bool],
    retry: Callable[[list[str]], tuple[list[str], list[bool]]],
) -> list[str]:
    """Return the translations, those in a loop tried once more by ``retry``; the better of the two is kept.

    ``cut``: whether the source or its translation met the model's limit; such translations end in :data:`CUT`.
    """
    best, short = list(found), list(cut)
    stuck = [i for i, text in enumerate(texts) if looping(text, best[i]) >= LOOPING]
    if stuck:
        other, other_cut = retry([texts[i] for i in stuck])
        for i, text, was_cut in zip(stuck, other, other_cut, strict=True):
            if looping(texts[i], text) < looping(texts[i], best[i]):
                best[i], short[i] = text, was_cut
    return [text + CUT * was_cut for text, was_cut in zip(best, short, strict=True)]
