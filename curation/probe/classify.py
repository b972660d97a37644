"""Classify: which class, from the sentence vector of the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.probe import rows as by_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Task
    from curation.embed import Vectors
    from curation.probe import Params


def predict(
    task: Task,
    rows: Sequence[Mapping[str, Any]],
    vectors: Vectors,
    fold: npt.NDArray[np.int8],
    settings: Params,
    seed: int,
) -> list[npt.NDArray[np.float32]]:
    """Return per row the out-of-fold probability of each label, ``(labels,)``."""
    text = vectors.parts["text"]
    return by_row.predict(task, rows, lambda index: text[index].astype(np.float32), fold, settings, seed)
