"""Choice: one score per (prompt, choice), softmax over the row's own choices, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.probe.pair import compare
from curation.probe.problems import Choices
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
    """Return per row the out-of-fold probability of each of its choices, ``(choices,)``."""
    prompt, choices, match = vectors.parts["prompt"], vectors.parts["choices"], vectors.match
    assert match is not None
    offsets = np.concatenate([[0], np.cumsum([len(row["choices"]) for row in rows])]).astype(np.int64)
    row_of = np.repeat(np.arange(len(rows)), np.diff(offsets))

    def make(index: slice | Indices) -> Floats:
        own, row = choices[index], row_of[index]
        pair = compare(prompt[row], own, match[index])
        values = np.concatenate([pair, own.astype(np.float32)], 1)
        # What all choices of a row share cannot choose between them: take the row's mean out.
        _, begin, place = np.unique(row, return_index=True, return_inverse=True)
        count = np.diff(np.append(begin, len(row)))[:, None]
        centred: Floats = values - (np.add.reduceat(values, begin, axis=0) / count)[place]
        return centred

    labels = np.array([[-1 if row["label"] is None else row["label"]] for row in rows], np.int64)
    problem = Choices(offsets, labels, fold, settings.folds)
    found = np.concatenate(solve(problem, Features(len(row_of), make, settings.kept), settings.regularisation, "probe"))
    return np.split(found[:, 0], offsets[1:-1])
