"""SQuAD v2.0 exact match and token F1: v1.1's, but an answer of articles and marks alone is no answer.

Source: Rajpurkar et al. 2018, the published evaluation. Gold answers that normalise to nothing are left out; a
question whose gold answers all do is unanswerable. The threshold for "no answer" is tuned where predictions are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.metrics import Floats, check_lengths, ratio, squad

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS = ("span",)
PRIMARY = squad.PRIMARY


def statistics(gold: Sequence[Sequence[str]], predicted: Sequence[str], *, lang: str, labels: Sequence[str]) -> Floats:
    """Return ``(n, 5)``: exact match, token F1, 1; and exact match and 1 of the rows that have no answer.

    >>> statistics([["The", "red dog"], ["the"]], ["", ""], lang="en", labels=()).tolist()
    [[0.0, 0.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0, 1.0]]
    """
    check_lengths(gold, predicted, "squad_v2")
    rows = []
    for guess, answers in zip(predicted, gold, strict=True):
        known = [answer for answer in answers if squad.normalise(answer)]
        exact, f1 = squad.compare(guess, known, squad.normalise)
        rows.append((exact, f1, 1.0, 0.0 if known else exact, float(not known)))
    return np.asarray(rows, dtype=np.float64).reshape(-1, 5)


def values(total: Floats, labels: Sequence[str]) -> dict[str, Any]:
    """Return ``f1_em``, ``f1``, ``exact_match`` of all rows, and the parts with and without an answer.

    ``f1_answerable`` is the token F1 where there is an answer, ``unanswerable`` the share of the others that were
    left unanswered; 0 where there is no such row. From the sums ``(..., 5)``.
    """
    exact, f1, rows, none_right, none = np.moveaxis(total, -1, 0)
    return {
        "f1_em": (ratio(exact, rows) + ratio(f1, rows)) / 2,
        "f1": ratio(f1, rows),
        "exact_match": ratio(exact, rows),
        "f1_answerable": ratio(f1 - none_right, rows - none),
        "unanswerable": ratio(none_right, none),
    }
