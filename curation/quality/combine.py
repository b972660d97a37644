"""All scores of a task as one quality, with ranks and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation import review
from curation.core import seeds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
from curation.quality import Params

Floats = npt.NDArray[np.float64]


def normalise(score: Floats) -> Floats:
    """Return the share of rows that score no higher than each row (the empirical distribution), NaN where NaN.

    In 0..1, growing with the score. Rows that share the top score all get 1, however many they are: where 95% of the
    rows are no duplicates, they stay at 1 and the duplicates fall to 0.05 or less; a constant score is 1 for all and
    changes no order. (Averaged tie ranks would put the 95% at 0.52, as if something were wrong with them.)

    >>> normalise(np.array([1.0, 0.2, np.nan, 1.0, 0.9])).tolist()
    [1.0, 0.25, nan, 1.0, 0.5]
    """
    applicable = np.sort(score[~np.isnan(score)])
    shares = np.searchsorted(applicable, score, side="right") / max(len(applicable), 1)
    return np.where(np.isnan(score), np.nan, shares)


def combine(scores: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """Return the weighted mean of the normalised scores over those that apply to a row; NaN where none does.

    >>> combine({"a": np.array([0.1, 0.9]), "b": np.array([np.nan, 0.5])}, {"a": 3.0, "b": 1.0}).tolist()
    [0.5, 1.0]
    """
    n = len(next(iter(scores.values())))
    total, weight = np.zeros(n), np.zeros(n)
    for name, score in scores.items():
        shares = normalise(score)
        applies = ~np.isnan(shares)
        total += np.where(applies, weights[name] * shares, 0.0)
        weight += np.where(applies, weights[name], 0.0)
    mean: Floats = np.divide(total, weight, out=np.full(n, np.nan), where=weight > 0)
    return mean


def ranks(quality: Floats, ids: Sequence[str], seed: int) -> npt.NDArray[np.int32]:
    """Return the rank of each row, 1 = highest quality; ties in an order drawn by ``seed``, unscored rows last.

    >>> ranks(np.array([0.5, np.nan, 0.9]), ["a", "b", "c"], 17).tolist()
    [2, 3, 1]
    """
    ties = np.fromiter((seeds.derive(seed, "quality", id_) for id_ in ids), np.uint64, len(ids))
    by_id = np.empty(len(ids), np.int64)
    by_id[pc.sort_indices(pa.array(ids, pa.string())).to_numpy()] = np.arange(len(ids))
    worst_last = np.where(np.isnan(quality), np.inf, -quality)
    order = np.lexsort((by_id, ties, worst_last))
    rank = np.empty(len(ids), np.int32)
    rank[order] = np.arange(1, len(ids) + 1)
    return rank


OTHERS = ("near_duplicates", "contamination")
"""Flags about other rows: that a person vouches for a row clears them not."""


def table(
    ids: Sequence[str],
    scored: Mapping[str, pa.Table],
    section: Params,
    seed: int,
    decided: Mapping[str, Mapping[str, Any]] | None = None,
) -> pa.Table:
    """Return the quality table of rows ``ids`` from the tables of their scorers, which have the same rows in order.

    ``decided``: what people decided, id to decision. A row that was kept or relabelled has quality 1 and no flag but
    those about other rows; one that was dropped has quality 0. ``flagged`` are the flags before that.
    """
    decided = decided or {}
    scores = {name: scored[name]["score"].to_numpy(zero_copy_only=False).astype(np.float64) for name in scored}
    quality = combine(scores, section.weights)
    verdicts = [decided[id_]["decision"] if id_ in decided else None for id_ in ids]
    quality = np.where([verdict in review.SETTLED for verdict in verdicts], 1.0, quality)
    quality = np.where([verdict == "drop" for verdict in verdicts], 0.0, quality)
    flags: list[tuple[str, ...]] = [()] * len(ids)
    why: list[tuple[str, ...]] = [()] * len(ids)
    for name, score in scores.items():
        low = np.flatnonzero(score < section.flags[name])  # NaN is never below
        for i, words in zip(low.tolist(), scored[name]["why"].take(pa.array(low)).to_pylist(), strict=True):
            flags[i] = (*flags[i], name)
            why[i] = (*why[i], f"{name}: {words or f'score {score[i]:.2f}'}")
    flagged = list(flags)
    for i, verdict in enumerate(verdicts):
        if verdict in review.SETTLED:
            kept = [at for at, name in enumerate(flags[i]) if name in OTHERS]
            flags[i], why[i] = tuple(flags[i][at] for at in kept), tuple(why[i][at] for at in kept)
    columns = {
        "id": pa.array(ids, pa.string()),
        "quality": pa.array(quality, pa.float64(), from_pandas=True),
        "rank": pa.array(ranks(quality, ids, seed), pa.int32()),
        "flags": pa.array(flags, pa.list_(pa.string())),
        "why": pa.array(["; ".join(words) or None for words in why], pa.string()),
        "decision": pa.array(verdicts, pa.string()),
        "flagged": pa.array(flagged, pa.list_(pa.string())),
        **{name: scored[name]["score"] for name in scored},
    }
    for name, found in scored.items():
        columns |= {f"{name}.{column}": found[column] for column in found.column_names if column not in ("id", "score")}
    return pa.table(columns)
