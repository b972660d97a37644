"""Folds that are done, kept in the cache until the stage has written what all of them make.

A killed run makes the others only. Each lies in a sealed folder of ``.cairn/cache/crossfit/<key>``; the key names
everything that a fold depends on. They go when the stage is done, and after :data:`checkpoints.DAYS` in any case.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation import probe
from curation.core import aside, checksums, files
from curation.core.errors import CairnError
from training.finetune import checkpoints

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa


@dataclass(frozen=True)
class Fold:
    """What the training of one fold gave."""

    judged: probe.Probe
    """The rows that were held out, in record order; ``manifest`` holds the ``seconds`` of training."""
    dynamics: pa.Table
    """Of the rows that were trained on."""

    @property
    def probabilities(self) -> list[npt.NDArray[np.float32]]:
        """Those of the held-out rows."""
        return self.judged.probabilities

    @property
    def seconds(self) -> float:
        """Seconds of training."""
        return float(self.judged.manifest["seconds"])


class Kept:
    """The folds of one crossfit, named by :func:`training.finetune.checkpoints.key`."""

    def __init__(self, name: str) -> None:
        self.folder = files.cache_folder("crossfit") / name
        for other in self.folder.parent.iterdir():  # of runs given up long ago
            if other != self.folder and time.time() - other.stat().st_mtime > checkpoints.DAYS * 86400:
                shutil.rmtree(other, ignore_errors=True)

    def load(self, fold: int) -> Fold | None:
        """Return a fold that is done; ``None`` where it is not. A damaged one is named and set aside."""
        place = self._place(fold)
        if not place.exists():
            return None
        try:
            checksums.checked_folder(place)
            return Fold(probe.read(place), files.read_parquet(place / "dynamics.parquet"))
        except CairnError as error:
            aside.set_aside(place, str(error))
            return None

    def save(self, fold: int, done: Fold) -> None:
        """Keep a fold."""
        with files.replacing_folder(self._place(fold)) as folder:
            probe.write(folder, done.judged)
            files.write_parquet(folder / "dynamics.parquet", done.dynamics)

    def forget(self) -> None:
        """Delete what was kept: the stage has written what it makes of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _place(self, fold: int) -> Path:
        return self.folder / f"fold-{fold}"
