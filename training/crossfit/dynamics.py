"""Training dynamics of every row, over all models that trained on it: one line a row.

``confidence`` and ``variability`` (mean and standard deviation over epochs of the gold label's probability) and
``correctness`` (share of epochs in which it won) after Swayamdipta et al. 2020; ``forgetting`` (how often it was won
and then lost, per model) after Toneva et al. 2019; ``el2n`` (length of the error in the second epoch, the first where
there is one only) after Paul et al. 2021; ``aum`` (mean margin over epochs) after Pleiss et al. 2020. A row is met
before it is learnt from in each epoch, so the first value is of a model that has not seen it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = ("confidence", "variability", "correctness", "forgetting", "el2n", "aum")


def of_rows(ids: Sequence[str], runs: Sequence[pa.Table]) -> pa.Table:
    """Return ``id`` and :data:`NAMES`, means over the runs that trained on a row; null where none did.

    ``runs``: per model ``id, epoch, confidence, correct, error, margin``.
    """
    place = {id_: at for at, id_ in enumerate(ids)}
    total, count = np.zeros((len(ids), len(NAMES))), np.zeros(len(ids))
    for run in runs:
        frame = run.sort_by([("id", "ascending"), ("epoch", "ascending")])
        names = frame["id"].to_numpy(zero_copy_only=False)
        starts = np.flatnonzero(np.append(True, names[1:] != names[:-1])) if len(names) else np.zeros(0, np.int64)
        sizes = np.diff(np.append(starts, len(names)))
        confidence, error, margin = (frame[n].to_numpy().astype(np.float64) for n in ("confidence", "error", "margin"))
        correct = np.array(frame["correct"].to_pylist(), dtype=np.float64)
        mean = np.add.reduceat(confidence, starts) / sizes
        square = np.add.reduceat(confidence**2, starts) / sizes
        lost = np.append((correct[:-1] > correct[1:]) & (names[:-1] == names[1:]), False).astype(np.float64)
        rows = np.array([place[name] for name in names[starts]], np.int64)
        total[rows] += np.column_stack([
            mean, np.sqrt(np.maximum(square - mean**2, 0)), np.add.reduceat(correct, starts) / sizes,
            np.add.reduceat(lost, starts), error[starts + np.minimum(1, sizes - 1)],
            np.add.reduceat(margin, starts) / sizes,
        ])  # fmt: skip
        count[rows] += 1
    values = np.divide(total, count[:, None], out=np.full(total.shape, np.nan), where=count[:, None] > 0)
    columns = {name: pa.array(values[:, at], pa.float64(), from_pandas=True) for at, name in enumerate(NAMES)}
    return pa.table({"id": pa.array(ids, pa.string()), **columns})
