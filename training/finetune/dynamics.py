"""Training dynamics (Swayamdipta et al. 2020): what the model thought of each row whenever it met it.

Read off the outputs of the training step itself: no extra forward pass. Values stay on the device until they are
collected, so that a GPU is not made to wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import torch

if TYPE_CHECKING:
    from training.finetune.jobs import Prepared
    from training.model.sequences import Ints

COLUMNS = ("task", "epoch", "item", "confidence", "correct")


class Recorder:
    """Keeps, per item met in training, its epoch, the probability of its gold label, and whether that won."""

    def __init__(self, parts: list[Prepared], kept: dict[str, torch.Tensor] | None = None) -> None:
        self.parts = parts
        self.kept = kept or {name: torch.zeros(0, dtype=torch.float64) for name in COLUMNS}
        self._fresh: list[tuple[int, int, Ints, torch.Tensor, torch.Tensor]] = []

    def add(self, task: int, epoch: int, items: Ints, found: tuple[torch.Tensor, torch.Tensor] | None) -> None:
        """Remember a batch; ``found`` is what the kind's ``gold`` returned."""
        if found is not None:
            self._fresh.append((task, epoch, items, found[0].detach(), found[1].detach()))

    def collect(self) -> dict[str, torch.Tensor]:
        """Return everything so far as columns, ready for a checkpoint."""
        if self._fresh:
            sizes = [len(items) for _, _, items, _, _ in self._fresh]
            new = {
                "task": np.repeat([batch[0] for batch in self._fresh], sizes),
                "epoch": np.repeat([batch[1] for batch in self._fresh], sizes),
                "item": np.concatenate([batch[2] for batch in self._fresh]),
                "confidence": torch.cat([batch[3] for batch in self._fresh]).float().cpu().numpy(),
                "correct": torch.cat([batch[4] for batch in self._fresh]).cpu().numpy(),
            }
            self.kept = {n: torch.cat([self.kept[n], torch.from_numpy(new[n].astype(np.float64))]) for n in COLUMNS}
            self._fresh = []
        return self.kept

    def table(self) -> pa.Table:
        """Return ``task, id, lang, epoch, confidence (0..1), correct``, sorted.

        A row of several windows has their mean confidence, and is correct when all are.
        """
        kept = {name: values.numpy() for name, values in self.collect().items()}
        tables = []
        for number, part in enumerate(self.parts):
            here = kept["task"] == number
            rows = part.train.row[kept["item"][here].astype(np.int64)]
            columns: dict[str, Any] = {
                "row": rows,
                "epoch": kept["epoch"][here].astype(np.int32),
                "confidence": kept["confidence"][here].astype(np.float32),
                "correct": kept["correct"][here] > 0,
            }
            found = pa.table(columns).group_by(["row", "epoch"]).aggregate([("confidence", "mean"), ("correct", "min")])
            row = found["row"].to_numpy()
            tables.append(
                pa.table(
                    {
                        "task": pa.array([part.job.name] * len(row), pa.string()),
                        "id": part.job.train["id"].combine_chunks().take(pa.array(row)),
                        "lang": part.job.train["lang"].combine_chunks().take(pa.array(row)),
                        "epoch": found["epoch"],
                        "confidence": found["confidence_mean"].cast(pa.float32()),
                        "correct": found["correct_min"],
                    }
                )
            )
        return pa.concat_tables(tables).sort_by([(n, "ascending") for n in ("task", "id", "lang", "epoch")])
