"""Answers in a text: is it the right place, and are they the right words there?

A probe that seldom finds the place may still know well where an answer begins once the place is given. So the two are
judged apart: *boundary* asks where among the few words around each end the answer begins and ends, and the place is
judged by the answer's share beside the best other one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

AROUND = 4
"""Words to each side of an end that it is set against."""


def boundary(probabilities: npt.NDArray[np.float32], first: int, last: int) -> float:
    """Return how well both ends of the answer are supported among the words around, 0..1; the worse end counts.

    ``probabilities``: ``(1 + words, 2)``, begin and end; ``first`` and ``last``: items of the answer, 0 = no answer.
    Without an answer there is no boundary to doubt: 1.

    >>> p = np.array([[0.0, 0.0], [0.1, 0.0], [0.3, 0.1], [0.0, 0.4], [0.6, 0.5]], np.float32)
    >>> round(boundary(p, 2, 3), 3)  # begins at 2 rather than 1; ends at 3 or 4 with 0.4 to 0.5, and 2 with 0.1
    0.4
    """
    if not first:
        return 1.0
    begin, end = probabilities[:, 0].astype(np.float64), probabilities[:, 1].astype(np.float64)
    begins = begin[max(1, first - AROUND) : min(last, first + AROUND) + 1].sum()
    ends = end[max(first, last - AROUND) : last + AROUND + 1].sum()
    return float(min(begin[first] / max(begins, 1e-30), end[last] / max(ends, 1e-30)))


def together(boundaries: Floats, places: Floats) -> Floats:
    """Return one score of both, 0..1: a geometric mean in which boundaries weigh twice.

    Of the weights tried on answers of SQuAD that were cut, shifted, or put elsewhere, these lose least on any of them.

    >>> together(np.array([0.5, 1.0]), np.array([0.5, 0.0])).round(3).tolist()
    [0.5, 0.0]
    """
    found: Floats = np.cbrt(boundaries**2 * places)
    return found
