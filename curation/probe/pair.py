"""Pair: which label, from how two sentence vectors differ, how the words of the texts match, and the second text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.probe import rows as by_row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Task
    from curation.embed import Vectors
    from curation.embed.cache import Floats, Indices
    from curation.probe import Params


def compare(a: Floats, b: Floats, match: Floats) -> Floats:
    """Return the features of text pairs: absolute difference and product of their vectors, and the word match."""
    first, second = a.astype(np.float32), b.astype(np.float32)
    return np.concatenate([np.abs(first - second), first * second, match.astype(np.float32)], 1)


def predict(
    task: Task,
    rows: Sequence[Mapping[str, Any]],
    vectors: Vectors,
    fold: npt.NDArray[np.int8],
    settings: Params,
    seed: int,
) -> list[npt.NDArray[np.float32]]:
    """Return per row the out-of-fold probability of each label, ``(labels,)``."""
    a, b, match = vectors.parts["text_a"], vectors.parts["text_b"], vectors.match
    assert match is not None

    def make(index: slice | Indices) -> Floats:
        return np.concatenate([compare(a[index], b[index], match[index]), b[index].astype(np.float32)], 1)

    return by_row.predict(task, rows, make, fold, settings, seed)
