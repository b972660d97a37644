"""Two estimates that cost a model, made where params ask for them: likeness across languages, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curation.translate.estimates import Floats, Pairs, relative

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KNOWS = 0.9
"""Share of mismatched pairs that a true one has to be nearer than, for an encoder to count as knowing the languages."""


def knows(true: Floats, mismatched: Floats) -> float:
    """Return the share of comparisons in which a true pair is nearer than a mismatched one, 0..1 (the AUROC).

    >>> knows(np.array([0.9, 0.8]), np.array([0.1, 0.85]))
    0.75
    """
    ordered = np.sort(mismatched)
    below = np.searchsorted(ordered, true, side="left")
    level = np.searchsorted(ordered, true, side="right") - below
    return float((below + 0.5 * level).mean() / max(1, len(ordered)))


def similarity(pairs: Pairs, encode: Callable[[Sequence[str]], NDArray[Any]]) -> Floats:
    """Return how much less alike two texts are than the other pairs of the table, in robust deviations.

    ``encode`` gives unit vectors. NaN in all of them where the encoder does not know both languages, which is seen on
    the table itself: true pairs have to be nearer than mismatched ones.
    """
    if len(pairs) < 2:
        return np.full(len(pairs), np.nan)
    source = np.asarray(encode(pairs.sources), dtype=np.float64)
    target = np.asarray(encode(pairs.targets), dtype=np.float64)
    true = (source * target).sum(axis=1)
    order = np.argsort(np.array(pairs.keys, dtype=object), kind="stable")
    mismatched = (source[order] * target[np.roll(order, 1)]).sum(axis=1)
    if knows(true, mismatched) < KNOWS:
        return np.full(len(pairs), np.nan)
    return relative(pairs, -true, 0.02)


def round_trip(pairs: Pairs, back: Callable[[Sequence[str]], Sequence[str]]) -> Floats:
    """Return how far a source is from its translation translated back, in robust deviations below the usual chrF.

    ``back`` translates from the target's language. chrF of Popović (2015) as sacrebleu computes it, order 6, beta 2.
    """
    from sacrebleu.metrics import CHRF

    metric = CHRF()
    returned = back(pairs.targets)
    scores = [metric.sentence_score(b, [a]).score / 100 for a, b in zip(pairs.sources, returned, strict=True)]
    return relative(pairs, -np.array(scores), 0.02)
