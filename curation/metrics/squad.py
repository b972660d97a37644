"""SQuAD v1.1 exact match and token F1 (XQuAD, TyDiQA-GoldP, SQuAD), the same normalisation in every language.

Source: Rajpurkar et al. 2016, the published evaluation: lower-case, delete ASCII punctuation, replace the English
articles, collapse white space; best score over the gold answers. Tokens are runs without white space, so a Thai or
Chinese answer is often one token and F1 is close to exact match there. Unanswerable rows (no gold answer) follow
SQuAD v2.0: 1 for no answer, else 0. No answer to an answerable row scores 0.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.metrics import Floats, check_lengths, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KINDS = ("span",)
PRIMARY = "f1_em"

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """Return ``text`` as SQuAD v1.1 compares it.

    >>> normalise("The  U.S.-led, an 'Alliance'")
    'usled alliance'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def token_f1(predicted: str, gold: str) -> float:
    """Return the F1 of the bags of tokens of two normalised texts; 0 when they share no token.

    >>> round(token_f1("big red dog", "red dog"), 3)
    0.8
    """
    guess, true = predicted.split(), gold.split()
    shared = sum((Counter(guess) & Counter(true)).values())
    return 2 * shared / (len(guess) + len(true)) if shared else 0.0


def compare(predicted: str, answers: Sequence[str], normalise: Callable[[str], str]) -> tuple[float, float]:
    """Return exact match and token F1 of one row, each the best over ``answers`` (empty = unanswerable)."""
    if not answers:
        none = float(not normalise(predicted))
        return none, none
    if not predicted:
        return 0.0, 0.0
    guess, gold = normalise(predicted), [normalise(answer) for answer in answers]
    return float(guess in gold), max(token_f1(guess, answer) for answer in gold)


def statistics(gold: Sequence[Sequence[str]], predicted: Sequence[str], *, lang: str, labels: Sequence[str]) -> Floats:
    """Return ``(n, 3)``: exact match, token F1, and 1.

    >>> statistics([["the red dog"], []], ["a dog", ""], lang="en", labels=()).round(3).tolist()
    [[0.0, 0.667, 1.0], [1.0, 1.0, 1.0]]
    """
    check_lengths(gold, predicted, "squad")
    rows = [(*compare(guess, answers, normalise), 1.0) for guess, answers in zip(predicted, gold, strict=True)]
    return np.asarray(rows, dtype=np.float64).reshape(-1, 3)


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``exact_match``, ``f1`` and their mean ``f1_em`` (what XTREME averages) from the sums ``(..., 3)``."""
    exact, f1 = ratio(total[..., 0], total[..., 2]), ratio(total[..., 1], total[..., 2])
    return {"f1_em": (exact + f1) / 2, "f1": f1, "exact_match": exact}
