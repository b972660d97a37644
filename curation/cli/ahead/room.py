"""How many runs this machine has room for beside DVC's own: idle cores and free memory say so."""

from __future__ import annotations

import json
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import budget, models, threads
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curation.check.flow import Run

NAME = "CAIRN_AHEAD"
"""Variable that says how many runs are made ahead at a time, at most; 0 = none."""
GPUS = ("/dev/nvidia0", "/dev/kfd")
TRAINING = 1.5
"""Gigabytes of a run with a narrow encoder: twice what the demo's trainings report (``peak_memory_mb``: 0.6 to 0.7)."""
COPIES = 8
"""Sizes of the encoder's weights that come on top, by reckoning: weights, gradients, AdamW, the best, activations."""


def most(values: Mapping[str, Any]) -> int:
    """Return how many runs may be made ahead at a time: ``CAIRN_AHEAD``, or else the cores but one.

    0 beside a GPU and with another engine, where nothing is idle, and elsewhere than on Linux, whatever is asked.
    Raises :class:`CairnError` when ``CAIRN_AHEAD`` is no number.
    """
    asked = os.environ.get(NAME, "")
    if asked and not (asked.isdecimal() and asked.isascii()):
        raise CairnError(f"{NAME} is {asked!r}; it is a whole number from 0, or not set. Type: unset {NAME}")
    if sys.platform != "linux" or any(Path(gpu).exists() for gpu in GPUS) or values.get("engine", "local") != "local":
        return 0
    return int(asked) if asked else _cores() - 1


def fits(run: Run, values: Mapping[str, Any], running: int) -> bool:
    """Tell whether there is room for ``run`` beside DVC's stage and ``running`` runs made ahead.

    Encoders are trained and evaluated side by side where each has its threads to itself: narrow ones, or with
    ``CAIRN_THREADS`` below the number of cores. A stage of curation may take all of budget.memory_gb.
    """
    if run.command.split()[2:3] == [f"training.{run.stage.name}"]:
        width, weights = _encoder(run, values)
        cores = max(_cores(), most(values) + 1)
        return (running + 2) * threads.of(width, cores) <= cores and free() >= TRAINING + COPIES * weights
    return free() >= budget.read().memory_gb


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def free() -> float:
    """Return the gigabytes of memory that are free, or would be when asked for; 0 where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1e6 for line in lines if line.startswith("MemAvailable:")), 0.0)


def _encoder(run: Run, values: Mapping[str, Any]) -> tuple[int, float]:
    asked = values.get("encoder") or {}
    if run.stage.name == "crossfit":
        asked = (values.get("probe") or {}).get("crossfit") or {"model": "bundled:tiny"}
    return size(str(asked.get("model")), asked.get("revision"))


@lru_cache(maxsize=8)
def size(model: str, revision: str | None) -> tuple[int, float]:
    """Return hidden units and gigabytes of weights of an encoder; many units where nothing says how many.

    >>> size("bundled:tiny", None)[0], size("nobody/has-it", None)[0] == sys.maxsize
    (128, True)
    """
    try:
        folder = Path(models.model(model, revision).path)
        width = json.loads((folder / "config.json").read_text(encoding="utf-8"))["hidden_size"]
        return int(width), sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 1e9
    except (CairnError, OSError, ValueError, KeyError, TypeError):
        return sys.maxsize, 0.0
