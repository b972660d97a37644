"""One class a row: what ``classify`` and ``pair`` share once each has made its features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.probe import network
from curation.probe.problems import Classes
from curation.probe.solver import Features, solve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from curation.core.task import Task
    from curation.embed.cache import Floats, Indices
    from curation.probe import Params


def predict(
    task: Task,
    rows: Sequence[Mapping[str, Any]],
    make: Callable[[slice | Indices], Floats],
    fold: npt.NDArray[np.int8],
    settings: Params,
    seed: int,
) -> list[npt.NDArray[np.float32]]:
    """Return per row the out-of-fold probability of each label, ``(labels,)``; ``make``: index to features."""
    labels = np.array([-1 if row["label"] is None else row["label"] for row in rows], np.int64)
    features = Features(len(rows), make, settings.kept)
    classes, folds = len(task.labels), settings.folds
    if settings.hidden:
        return list(network.out_of_fold(labels, fold, classes, folds, features, settings.hidden, seed))
    found = solve(Classes(labels, fold, classes, folds), features, settings.regularisation, "probe")
    return [row for block in found for row in block]
