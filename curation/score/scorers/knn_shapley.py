"""Low for rows that teach a classifier of nearest neighbours the wrong thing: data value after Shapley.

Every labelled row is tested on all others: the utility of a set is the share of the ``k`` nearest in it that have the
tested row's label, and a row's value is its Shapley value in that game, summed over all tested rows (Jia et al. 2019,
theorem 1, with the soft labels of Wang and Jia 2023, "A note on KNN-Shapley", theorem 1). Only the neighbours in the
graph count: what lies farther is worth at most one part in neighbours.k (Jia et al., theorem 2), so that memory is that
of the graph. In a pair task the nearest rows share the topic and not the label: there it tells little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pydantic

from curation.core.params import Section
from curation.score import scorers

if TYPE_CHECKING:
    import numpy.typing as npt

    from curation.core.task import Kind

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

KINDS: frozenset[Kind] = frozenset({"classify", "pair"})
NEEDS = frozenset({"neighbours"})

BLOCK = 500
"""Rows that are tested together."""


class Params(Section):
    """Section ``score.knn_shapley``."""

    k: int = pydantic.Field(ge=1)
    """Neighbours that vote in the classifier; below neighbours.k."""


def of_one(match: Floats, there: npt.NDArray[np.bool_], k: int, others: int, classes: int) -> Floats:
    """Return the Shapley value of each neighbour in the test of each row, ``(rows, neighbours)``; 0 where none is.

    Args:
        match: 1 where a neighbour, nearest first, has the tested row's label; those that are there come first.
        there: which neighbours there are.
        k: neighbours that vote.
        others: rows that could be neighbours; where all of them are in the graph, the values are exact.
        classes: labels; guessing is right once in so many.
    """
    rows, width = match.shape
    lengths = there.sum(1)
    inverse = 1 / np.arange(1, k + 1)
    place = np.arange(1, width + 1)
    if others > 1:
        votes = (np.minimum(place, k) * (others - 1) / place - k) / k * (others > k)
        step = (inverse[: others - 1].sum() + votes) / (others - 1)
    else:
        step = np.zeros(width)
    following = np.concatenate([match[:, 1:], np.zeros((rows, 1))], 1)
    last = place[None, :] == lengths[:, None]
    gain = np.where(last | ~there, 0.0, (match - following) * step)
    at_end = np.zeros(rows)
    whole = (lengths == others) & (lengths > 0)
    if whole.any():
        own = match[whole, others - 1]
        rest = match[whole, : others - 1].sum(1) / max(others - 1, 1)
        at_end[whole] = (own - 1 / classes) / others + (own - rest) * inverse[1:others].sum() / others
    value = np.cumsum(gain[:, ::-1], 1)[:, ::-1] + at_end[:, None]
    return np.where(there, value, 0.0)


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return the share of labelled rows that are worth no more, 0..1 (1 = nothing is worth more); null if unlabelled.

    Evidence: ``value`` (mean over the tested rows; below 0 = the classifier is better without the row).
    """
    graph, given = inputs.neighbours, inputs.records["label"].to_pylist()
    labels = np.array([-1 if label is None else label for label in given] + [-1], np.int64)
    by_id = np.zeros(len(given) + 1, np.int64)
    by_id[pc.sort_indices(inputs.records["id"]).to_numpy()] = np.arange(len(given))
    total, labelled = np.zeros(len(given) + 1), int((labels >= 0).sum())
    for start in range(0, len(given), BLOCK):
        near = np.asarray(graph.indices[start : start + BLOCK], np.int64)
        own = labels[start : start + len(near)]
        there = (near >= 0) & (labels[near] >= 0) & (own >= 0)[:, None]
        close = np.round(np.nan_to_num(graph.similarity[start : start + BLOCK], nan=-2.0), 5)
        first = np.lexsort((by_id[near], -close, ~there))  # equally near ones by their ids, not by their place here
        near, there = np.take_along_axis(near, first, 1), np.take_along_axis(there, first, 1)
        match = (there & (labels[near] == own[:, None])).astype(np.float64)
        value = of_one(match, there, params.k, labelled - 1, len(inputs.task.labels))
        np.add.at(total, near[there], value[there])
    worth = np.where(labels[:-1] >= 0, total[:-1] / max(labelled, 1), np.nan)
    ordered = np.sort(np.round(worth[~np.isnan(worth)], 12))
    share = np.searchsorted(ordered, np.round(worth, 12), side="right") / max(len(ordered), 1)
    why = [
        f"its label differs from those of rows near it more than it agrees (value {value:.1e})" if value < 0 else None
        for value in worth
    ]
    evidence = {"value": pa.array(worth, pa.float64(), from_pandas=True)}
    return scorers.table(inputs, np.where(np.isnan(worth), np.nan, share), why, evidence)
