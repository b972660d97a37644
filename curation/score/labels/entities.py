"""Begin-inside-outside tags: is an entity's boundary doubted, or its type?

A word's *boundary* is its probability among the tags of its own entity's type and ``O`` (of a word outside, the types
of the entities beside it, or all where there are none): what is unsure about the type takes no part. An entity's *type*
is its share of the probability, as a geometric mean over its words, among all types with the boundary as it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float64]

SHARPNESS = 20.0
"""Inverse temperature of :func:`soft_minimum`: cleanlab's default for sentences."""


def soft_minimum(values: Sequence[float] | Floats) -> float:
    """Return a mean of scores in 0..1 in which the low ones weigh most: cleanlab's ``softmin``.

    >>> round(soft_minimum([0.1, 1.0, 1.0]), 3), round(soft_minimum([0.1, 0.1, 1.0]), 3)
    (0.1, 0.1)
    """
    given = np.asarray(values, np.float64)
    weight = np.exp(SHARPNESS * (given.min() - given))
    return float((weight * given).sum() / weight.sum())


def types(labels: Sequence[str]) -> list[str]:
    """Return the entity types of a tag set, none where it is not one of ``O``, ``B-`` and ``I-`` tags throughout.

    >>> types(["O", "B-PER", "I-PER"]), types(["NOUN", "VERB"])
    (['PER'], [])
    """
    found = sorted({label[2:] for label in labels if label[:2] in ("B-", "I-")})
    return found if {"O", *(f"{p}-{kind}" for kind in found for p in "BI")} == set(labels) else []


def entities(tags: Sequence[int | None], labels: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return first word, last word and type of each entity in ``B-``/``I-`` tags.

    >>> entities([0, 1, 2, 0], ["O", "B-PER", "I-PER"])
    [(1, 2, 'PER')]
    """
    found: list[tuple[int, int, str]] = []
    for at, tag in enumerate(tags):
        prefix, _, kind = ("O" if tag is None else labels[tag]).partition("-")
        if prefix == "I" and found and found[-1][1] == at - 1 and found[-1][2] == kind:
            found[-1] = (found[-1][0], at, kind)
        elif kind:
            found.append((at, at, kind))
    return found


def boundary_and_type(tags: Sequence[int], matrix: Floats, labels: Sequence[str]) -> tuple[float, float | None]:
    """Return how well boundaries and types are supported, 0..1, 1 = right; the type is ``None`` without an entity.

    ``matrix``: ``(words, tags)`` probabilities.
    """
    names, kinds = list(labels), types(labels)
    outside = matrix[:, names.index("O")]
    begin, inside = (matrix[:, [names.index(f"{p}-{kind}") for kind in kinds]] for p in "BI")
    of_type = begin + inside
    near = np.zeros((len(tags), len(kinds)), bool)
    found = entities(tags, labels)
    for first, last, kind in found:
        near[max(0, first - 1) : last + 2, kinds.index(kind)] = True
    for first, last, kind in found:
        near[first : last + 1] = np.array(kinds) == kind
    near[~near.any(1)] = True
    given = matrix[np.arange(len(tags)), list(tags)]
    boundary = soft_minimum(given / np.maximum(outside + (of_type * near).sum(1), 1e-12))
    shares = []
    for first, last, kind in found:
        logs = np.log(np.maximum(of_type[first : last + 1], 1e-12)).mean(0)
        odds = np.exp(logs - logs.max())
        shares.append(odds[kinds.index(kind)] / odds.sum())
    return boundary, min(shares) if shares else None
