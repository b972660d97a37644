"""One temperature for all probabilities of a probe, so that 0.9 means right nine times in ten (Guo et al. 2017).

A fold's temperature is fitted on the other folds, whose rows are themselves out of fold: no row has a say in its own
calibration. It maximises the likelihood of the labels as given; where some of them are wrong, it takes that into
account, and probabilities are those of the label that this data set would give.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.core.kinds import KINDS
from curation.probe import span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Kind

Probabilities = npt.NDArray[np.float32]

RANGE = (0.2, 5.0)
"""Of the temperature: outside it, the fit says more about few rows than about the probe."""
SAMPLE = 20_000
"""Decisions that a temperature is fitted on, at most; it is one number."""
LEAST = 50
"""Decisions below which probabilities stay as they are."""


def calibrate(
    kind: Kind, rows: Sequence[Mapping[str, Any]], found: Sequence[Probabilities], fold: npt.NDArray[np.int8], seed: int
) -> tuple[list[Probabilities], list[float]]:
    """Return the probabilities of each row at its fold's temperature, and the temperatures by fold (1 = as they were).

    Above 1 a temperature makes the probe less sure, below 1 surer; the order of a row's own labels never changes.
    """
    chosen = set(np.random.default_rng(seed).permutation(len(rows))[: 2 * SAMPLE].tolist())
    decided = [_decisions(kind, row, found[at]) if at in chosen else [] for at, row in enumerate(rows)]
    temperatures = []
    for one in range(int(fold.max()) + 1):
        others = [decision for own, f in zip(decided, fold.tolist(), strict=True) if f != one for decision in own]
        temperatures.append(_fit(others[:: max(1, len(others) // SAMPLE)]))
    return [_at(kind, p, temperatures[f]) for p, f in zip(found, fold.tolist(), strict=True)], temperatures


def _decisions(kind: Kind, row: Mapping[str, Any], p: Probabilities) -> list[tuple[Probabilities, int]]:
    """Return what was decided in a row: the probabilities of the possible answers, and the given one."""
    if kind == "span":
        first, last = span.gold(row)
        return [] if first < 0 else [(p[:, 0], first), (p[:, 1], last)]
    given = row[KINDS[kind].label or ""]
    if given is None:
        return []
    if KINDS[kind].named == "word":
        return [(word, tag) for word, tag in zip(p, given, strict=True) if tag is not None]
    return [(p, given)]


def _fit(decisions: Sequence[tuple[Probabilities, int]]) -> float:
    from scipy.optimize import minimize_scalar

    if len(decisions) < LEAST:
        return 1.0
    sizes = np.array([len(p) for p, _ in decisions])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    logs = np.log(np.maximum(np.concatenate([p for p, _ in decisions]).astype(np.float64), 1e-12))
    chosen = logs[starts + np.array([label for _, label in decisions])]

    def loss(inverse: float) -> float:
        scaled = inverse * logs
        top = np.maximum.reduceat(scaled, starts)
        total = top + np.log(np.add.reduceat(np.exp(scaled - np.repeat(top, sizes)), starts))
        return float((total - inverse * chosen).mean())  # convex in the inverse temperature

    return float(1 / minimize_scalar(loss, bounds=(1 / RANGE[1], 1 / RANGE[0]), method="bounded").x)


def _at(kind: Kind, p: Probabilities, temperature: float) -> Probabilities:
    """Return ``p`` at a temperature; they sum to 1 along a word's tags, a span's words, or the whole row."""
    axis = -1 if KINDS[kind].named == "word" else 0
    scaled = np.log(np.maximum(p.astype(np.float64), 1e-12)) / temperature
    exponents = np.exp(scaled - scaled.max(axis, keepdims=True)) if scaled.size else scaled
    return np.asarray(exponents / exponents.sum(axis, keepdims=True) if scaled.size else p, np.float32)
