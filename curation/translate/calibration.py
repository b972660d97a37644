"""What an estimate means: the share of good translations that look at least as suspicious, the same in every language.

``calibration.json`` holds, for each language and estimate, the values that so many of people's translations reach
(``python benchmarks/calibrate.py quality``). A value becomes that share, a p-value. What it then weighs as evidence
of an error is fitted, one rising line with two bends for each estimate and the same ones for every language (a
logistic regression with weights of at least 0, on errors planted in people's translations); the evidence of all
estimates is added up, less what good translations usually have of those estimates which could be made at all, and
calibrated once more, by language. So a language with fewer estimates is not judged more mildly, and a threshold drops
about the same share of good translations in each: ``docs/results.md`` says how nearly, and where it does not.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from curation.language import codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Floats = NDArray[np.float64]
FILE = Path(__file__).with_name("calibration.json")
TAILS = (0.5, 0.3, 0.2, 0.1, 0.07, 0.05, 0.03, 0.02, 0.014, 0.01, 0.007, 0.005, 0.003, 0.002, 0.001)
"""The shares of good translations whose values are kept."""
COMBINED = "combined"
LEAST = 1e-6
BENDS = (0.5, 0.05, 0.005)
"""Shares at which the evidence of an estimate begins, and bends."""
FAINTEST = 1e-4
"""The share from which on evidence grows no more: what is beyond it was extrapolated."""
DECADES = 3.0
"""``translation_quality`` loses 1 over so many powers of ten."""


def table(values: Floats, least: int = 450) -> list[float] | None:
    """Return the values that the shares :data:`TAILS` of good translations reach; ``None`` for fewer than ``least``.

    One of which nothing can be said (NaN: numbers, where there are none) is a good translation that is not suspicious,
    so that an estimate which seldom has anything to say is believed when it does.
    """
    known = values[~np.isnan(values)]
    if len(values) < least or len(known) < min(100, least // 4):
        return None
    filled = np.where(np.isnan(values), known.min(), values)
    return [float(f"{value:.4g}") for value in np.quantile(filled, 1 - np.array(TAILS), method="higher")]


@cache
def _tables() -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = json.loads(FILE.read_text(encoding="utf-8"))["languages"]
    return found


def calibrated(lang: str) -> bool:
    """Return whether ``lang`` has tables of its own; others are judged by those of all languages together."""
    return codes.language(lang) in _tables()


def _table(lang: str, name: str) -> list[float]:
    """Return the table of a language and estimate, else that of all languages; of an estimate without any, another's.

    What people's translations cannot be asked for (the way back through a backend) is in robust deviations from its
    own table, as ``content`` is.
    """
    tables = _tables()
    return tables.get(codes.language(lang), {}).get(name) or tables["*"].get(name) or tables["*"]["content"]


def share(values: Floats, tails: Sequence[float]) -> Floats:
    """Return the share of good translations with a value as high, ``(n,)`` in 1e-6..1, NaN where there is no value.

    Between two values of the table the logarithm of the share runs straight; beyond the last it goes on as between
    0.01 and 0.001.

    >>> share(np.array([0.0, 1.0, 2.0, np.nan]), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1.5, 2, 3, 4, 5]).round(4).tolist()
    [1.0, 0.01, 0.005, nan]
    """
    at, where = np.unique(np.asarray(tails), return_index=True)  # of equal values the one of the largest share
    logs = np.log(np.asarray(TAILS))[where]
    found = np.interp(values, at, logs, left=0.0)
    found = np.where(values <= at[0], np.where(values < at[0], 0.0, logs[0]), found)
    if logs[0] > np.log(0.5) - 1e-9:  # half of them have the lowest value: it says nothing
        found = np.where(values <= at[0], 0.0, found)
    slope = max(float(at[-1] - at[np.searchsorted(-logs, -np.log(0.011)) - 1]) if len(at) > 1 else 0.0, 1e-3)
    over = values > at[-1]
    found = np.where(over, np.log(TAILS[-1]) - (values - at[-1]) / slope * np.log(10), found)
    result: Floats = np.where(np.isnan(values), np.nan, np.clip(np.exp(found), LEAST, 1.0))
    return result


def pieces(share: Floats) -> Floats:
    """Return how far ``share`` goes below each of :data:`BENDS` until the next, in nats: ``(..., 3)``, 0 where NaN.

    >>> pieces(np.array([1.0, 0.05, np.nan])).round(3).tolist()
    [[0.0, 0.0, 0.0], [2.303, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    nats = -np.log(np.clip(np.where(np.isnan(share), 1.0, share), FAINTEST, 1.0))
    ends = -np.log([*BENDS, FAINTEST])
    found: Floats = np.clip(nats[..., None] - ends[:-1], 0.0, np.diff(ends))
    return found


@cache
def _fitted() -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = json.loads(FILE.read_text(encoding="utf-8"))["evidence"]
    return found


def evidence(shares: Mapping[str, Floats], fitted: Mapping[str, Mapping[str, Sequence[float]]] | None = None) -> Floats:
    """Return the evidence ``(n,)`` of all estimates together, in deviations above what good translations have of them.

    NaN where no estimate says anything. ``fitted``: per estimate ``slopes`` (three) and ``usual`` (mean and variance
    among good translations); those of ``calibration.json`` unless given. An estimate that was not fitted weighs as
    ``content`` does.
    """
    known = _fitted() if fitted is None else fitted
    total, mean, variance = np.zeros(len(next(iter(shares.values())))), 0.0, 1e-9
    silent = np.ones(len(total), dtype=bool)
    for name, values in shares.items():
        if np.isnan(values).all():
            continue  # could not be made here: less evidence is to be expected
        own = known.get(name) or known["content"]
        total += pieces(values) @ np.asarray(own["slopes"])
        mean, variance = mean + own["usual"][0], variance + own["usual"][1]
        silent &= np.isnan(values)
    return np.where(silent, np.nan, (total - mean) / np.sqrt(variance))


def shares(estimates: Mapping[str, Floats], lang: str) -> dict[str, Floats]:
    """Return the share of every estimate, and under ``combined`` that of all together."""
    found = {name: share(values, _table(lang, name)) for name, values in estimates.items()}
    found[COMBINED] = share(evidence(found), _table(lang, COMBINED))
    return found


def rows(values: Floats, row_of: Sequence[int], count: int) -> Floats:
    """Return per row the worst of its pairs' shares, as if it were one of so many tries; NaN for a row without any.

    The least of k shares is below s in 1 - (1 - s)^k of all cases (Sidak), whatever the number of sentences.

    >>> rows(np.array([0.5, 0.01, 0.2]), [0, 0, 1], 3).round(4).tolist()
    [0.0199, 0.2, nan]
    """
    at = np.asarray(row_of, dtype=np.intp)
    least, tries = np.full(count, np.inf), np.zeros(count)
    here = ~np.isnan(values)
    np.minimum.at(least, at[here], values[here])
    np.add.at(tries, at[here], 1.0)
    least = np.where(tries == 0, np.nan, least)
    result: Floats = -np.expm1(tries * np.log1p(-np.minimum(least, 1 - 1e-12)))
    return np.where(np.isnan(least), np.nan, result)


def quality(share: Floats) -> Floats:
    """Return ``translation_quality``, 0..1: 1 = as ordinary as can be, and a third less for every power of ten.

    >>> quality(np.array([1.0, 0.1, 0.01, 0.00001])).round(3).tolist()
    [1.0, 0.667, 0.333, 0.0]
    """
    result: Floats = np.clip(1 + np.log10(np.maximum(share, LEAST)) / DECADES, 0.0, 1.0)
    return result


def false_drops(least: float) -> float:
    """Return the share of good translations whose quality is below ``least``.

    >>> round(false_drops(0.3), 4), false_drops(0)
    (0.0079, 0.0)
    """
    return 0.0 if least <= 0 else float(10 ** (DECADES * (least - 1)))


def facts() -> dict[str, Any]:
    """Return what ``calibration.json`` says of itself."""
    stored: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: value for name, value in stored.items() if name not in ("languages", "evidence")}
