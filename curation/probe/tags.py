"""Tags: a class for each word, from its frozen vector and those of its two neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.probe.problems import Classes
from curation.probe.solver import Features, solve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Task
    from curation.embed import Vectors
    from curation.embed.cache import Floats, Indices
    from curation.probe import Params


def predict(
    task: Task,
    rows: Sequence[Mapping[str, Any]],
    vectors: Vectors,
    fold: npt.NDArray[np.int8],
    settings: Params,
    seed: int,
) -> list[npt.NDArray[np.float32]]:
    """Return per row the out-of-fold probability of each tag for each word, ``(words, tags)``."""
    stored = vectors.words["tokens"]
    lengths = np.array([len(row["tokens"]) for row in rows], np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    row_of = np.repeat(np.arange(len(rows)), lengths)
    inside = np.arange(offsets[-1]) - offsets[row_of]
    place = stored.offsets[stored.entry[row_of]] + inside

    def make(index: slice | Indices) -> Floats:
        here = place[index]
        blocks = []
        for step in (-1, 0, 1):
            there = inside[index] + step
            real = (there >= 0) & (there < lengths[row_of[index]])
            blocks.append(stored.values[np.where(real, here + step, here)].astype(np.float32) * real[:, None])
        return np.concatenate(blocks, 1)

    labels = np.full(offsets[-1], -1, np.int64)
    for row, start in zip(rows, offsets, strict=False):
        if row["tags"] is not None:
            labels[start : start + len(row["tags"])] = row["tags"]
    problem = Classes(labels, fold[row_of], len(task.labels), settings.folds)
    found = np.concatenate(solve(problem, Features(len(place), make, settings.kept), settings.regularisation, "probe"))
    return np.split(found, offsets[1:-1])
