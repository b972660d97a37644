"""Whether a text denies something: cues per language, learnt from translations of English sentences with and without.

The cues are substrings of the lower-case words with blanks around them, weighed by a logistic regression with an L1
penalty (``python benchmarks/calibrate.py negation`` makes ``negation.json`` from parallel texts of the data mirror).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import regex
from numpy.typing import NDArray

from curation.language import codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FILE = Path(__file__).with_name("negation.json")
_ENGLISH = regex.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|without|cannot|\w+n['’]t|dont|doesnt|didnt|isnt|cant|wont)\b",
    regex.IGNORECASE,
)


def denied_in_english(text: str) -> bool:
    """Return whether an English text holds a word of negation.

    >>> denied_in_english("He isn't here"), denied_in_english("He is here")
    (True, False)
    """
    return _ENGLISH.search(text) is not None


@cache
def cues(lang: str) -> tuple[float, Mapping[str, float]] | None:
    """Return the bias and the weight of every cue of ``lang``; ``None`` = none were learnt."""
    found = _all().get(codes.language(lang))
    return None if found is None else (found["bias"], found["cues"])


@cache
def _all() -> dict[str, dict[str, Any]]:
    if not FILE.is_file():
        return {}
    table: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))["languages"]
    return table


def spaced(tokens: Sequence[str]) -> str:
    """Return words with one blank before and after each: what cues are looked up in."""
    return f" {' '.join(tokens)} "


def denies(texts: Sequence[str], tokens: Sequence[Sequence[str]], lang: str) -> NDArray[np.float64]:
    """Return the probability that each text denies something, ``(n,)``; NaN for a language without cues.

    ``tokens``: the lower-case words of each text.
    """
    if codes.language(lang) == "en":
        return np.array([0.98 if denied_in_english(text) else 0.02 for text in texts])
    table = cues(lang)
    if table is None:
        return np.full(len(texts), np.nan)
    bias, weights = table
    found = np.array([bias + sum(w for cue, w in weights.items() if cue in part) for part in map(spaced, tokens)])
    return np.asarray(1 / (1 + np.exp(-found)), dtype=np.float64)
