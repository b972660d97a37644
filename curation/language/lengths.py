"""How long a translation is: characters, held against those of the original.

A translation is about as long as its original, and hardly any other text is (Gale and Church 1993, "A program for
aligning sentences in bilingual corpora"). How long "about" is depends on the two languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from curation.language import codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

CHARACTERS: Mapping[str, float] = {
    "af": 1.08, "am": 0.68, "ar": 0.93, "bg": 1.09, "bn": 0.98, "de": 1.19, "el": 1.21, "en": 1.00, "es": 1.16,
    "et": 0.99, "eu": 1.11, "fa": 0.98, "fi": 1.09, "fr": 1.18, "he": 0.81, "hi": 1.06, "hu": 1.12, "id": 1.16,
    "it": 1.17, "ja": 0.45, "ka": 1.08, "kk": 1.05, "ko": 0.54, "mr": 1.05, "nl": 1.18, "pt": 1.12, "ru": 1.11,
    "sw": 1.10, "ta": 1.25, "te": 1.00, "th": 0.96, "tr": 1.07, "uk": 1.06, "ur": 1.00, "vi": 1.09, "yo": 1.28,
    "zh": 0.34,
}  # fmt: skip
"""Characters in all for one of the English originals, in the 1,997 sentences of news of NTREX-128 (Federmann, Kocmi and
Xin 2022). Other texts differ: those of XNLI and XQuAD are 2 to 11% shorter than this says."""

DOMAIN = 0.1
"""Standard deviation of the logarithm of the ratio between kinds of texts and translators, however long the text."""
FEW = 3
"""Characters added to both lengths, so that the ratio of two very short texts says little."""
USUAL = 1.0
"""Standard deviations that say nothing: of two texts of nearly the same words the one of the likelier length is not the
likelier translation."""
MOST = 5.0
"""Standard deviations beyond which a length is no further from what is expected."""


def expected(langs: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return the logarithm of :data:`CHARACTERS` of each language, ``(n,)``; NaN where that is not known.

    >>> expected(["en", "zho_Hans", "tlh"]).round(2).tolist()
    [0.0, -1.08, nan]
    """
    known = {lang: np.log(CHARACTERS.get(codes.language(lang), np.nan)) for lang in set(langs)}
    return np.array([known[lang] for lang in langs], np.float64)


def misfit(
    one: npt.NDArray[np.int64],
    other: npt.NDArray[np.int64],
    expected_one: npt.NDArray[np.float64],
    expected_other: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Return the square of how many standard deviations beyond :data:`USUAL` two lengths are off, 0..16.

    0 where either language is unknown. The variance of the logarithm of a ratio is one character's over the mean
    length, as Gale and Church have it, and :data:`DOMAIN`'s.

    Args:
        one: characters of texts, any shape.
        other: characters of what may be their translations; shapes are broadcast, here and below.
        expected_one: :func:`expected` of the first texts' languages.
        expected_other: of the others'.

    >>> here = expected(["en"]), expected(["de"])
    >>> misfit(np.array([100, 100]), np.array([119, 30]), *here).round(1).tolist()
    [0.0, 16.0]
    """
    a, b = np.asarray(one) + FEW, np.asarray(other) + FEW
    off = np.log(a / b) - (expected_one - expected_other)
    deviations = np.minimum(np.abs(off) / np.sqrt(2 / (a + b) + DOMAIN**2), MOST)
    found: npt.NDArray[np.float64] = np.maximum(np.nan_to_num(deviations) - USUAL, 0.0) ** 2
    return found
