"""Training dynamics (Swayamdipta et al. 2020): what the model thought of each row whenever it met it.

Read off the outputs of the training step itself: no extra forward pass. Values stay on the device until they are
collected, so that a GPU is not made to wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import torch

from training.model import heads

if TYPE_CHECKING:
    from training.finetune.jobs import Prepared
    from training.model.sequences import Ints

VALUES = heads.Met._fields
COLUMNS = ("task", "epoch", "item", *VALUES)


class Recorder:
    """Keeps, per item met in training, its epoch, and what the model thought of it: :class:`heads.Met`."""

    def __init__(self, parts: list[Prepared], kept: dict[str, torch.Tensor] | None = None) -> None:
        self.parts = parts
        self.kept = kept or {name: torch.zeros(0, dtype=torch.float64) for name in COLUMNS}
        self._fresh: list[tuple[int, int, Ints, heads.Met]] = []

    def add(self, task: int, epoch: int, items: Ints, found: heads.Met | None) -> None:
        """Remember a batch; ``found`` is what the kind's ``gold`` returned."""
        if found is not None:
            self._fresh.append((task, epoch, items, heads.Met(*(values.detach() for values in found))))

    def collect(self) -> dict[str, torch.Tensor]:
        """Return everything so far as columns, ready for a checkpoint."""
        if self._fresh:
            sizes = [len(items) for _, _, items, _ in self._fresh]
            new: dict[str, Any] = {
                "task": np.repeat([batch[0] for batch in self._fresh], sizes),
                "epoch": np.repeat([batch[1] for batch in self._fresh], sizes),
                "item": np.concatenate([batch[2] for batch in self._fresh]),
            }
            for name in VALUES:
                new[name] = torch.cat([getattr(batch[3], name) for batch in self._fresh]).float().cpu().numpy()
            self.kept = {n: torch.cat([self.kept[n], torch.from_numpy(new[n].astype(np.float64))]) for n in COLUMNS}
            self._fresh = []
        return self.kept

    def table(self) -> pa.Table:
        """Return ``task, id, lang, epoch, confidence (0..1), correct, error, margin``, sorted.

        A row of several windows has their means, and is correct when all are.
        """
        kept = {name: values.numpy() for name, values in self.collect().items()}
        how = {name: "min" if name == "correct" else "mean" for name in VALUES}
        tables = []
        for number, part in enumerate(self.parts):
            here = kept["task"] == number
            columns: dict[str, Any] = {
                "row": part.train.row[kept["item"][here].astype(np.int64)],
                "epoch": kept["epoch"][here].astype(np.int32),
                **{name: kept[name][here].astype(np.float32) for name in VALUES},
                "correct": kept["correct"][here] > 0,
            }
            found = pa.table(columns).group_by(["row", "epoch"]).aggregate(list(how.items()))
            row = found["row"].to_numpy()
            own = {name: found[f"{name}_{way}"] for name, way in how.items()}
            tables.append(
                pa.table(
                    {
                        "task": pa.array([part.job.name] * len(row), pa.string()),
                        "id": part.job.train["id"].combine_chunks().take(pa.array(row)),
                        "lang": part.job.train["lang"].combine_chunks().take(pa.array(row)),
                        "epoch": found["epoch"],
                        **{n: values if n == "correct" else values.cast(pa.float32()) for n, values in own.items()},
                    }
                )
            )
        return pa.concat_tables(tables).sort_by([(n, "ascending") for n in ("task", "id", "lang", "epoch")])
