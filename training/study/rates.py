"""How long stages take, from what studies measured: a time to start and a time per unit of work."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import files
from training.study import state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHIPPED = Path("studies/rates.json")
"""Measured on two CPU cores that were busy with other work, by `training study rates --write`; used for what has not
run on this machine yet."""
_TRAINED = ("intermediate", "target")


@dataclass(frozen=True)
class Rate:
    """How long one kind of work takes."""

    start: float
    """Seconds that a stage takes before it works: Python, torch and DVC."""
    seconds: float
    """Seconds per unit."""
    runs: int
    here: bool
    """Measured on this machine."""


def work(run: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``kind`` and ``units`` of the work that a run of a stage is; ``units`` is null where it is not known."""
    stage, _, rest = run.partition("@")
    model = values["encoder"]["model"] if stage in (*_TRAINED, "evaluate", "retrieve") else values["embed"]["model"]
    rows = values["fetch"]["rows"]
    if stage in _TRAINED:
        settings = values["train"][stage]
        count = values["subset"]["size"] or rows["intermediate"]["train"]
        count = count if stage == "intermediate" else rows["target"]["train"]
        task = "+".join(values["intermediate"]) if stage == "intermediate" else _task(rest, values["targets"])
        if settings["steps"] is not None:
            return _told(f"{stage} {model} {task} tokens", settings["steps"] * settings["batch_tokens"])
        return _told(f"{stage} {model} {task} rows", count and count * settings["epochs"])
    if stage in ("evaluate", "retrieve"):
        role = "target" if stage == "evaluate" else "retrieval"
        languages = values["fetch"]["languages"]
        task = _task(rest, values["targets" if stage == "evaluate" else "retrieval"])
        number = len(languages) if isinstance(languages, list) else 1
        return _told(
            f"{stage} {model} {task} {languages if number == 1 else 'rows'}", _product(rows[role]["test"], number)
        )
    if stage.startswith("fetch-"):
        return _told(run, rows[stage.removeprefix("fetch-")].get("train") or 1)
    return _told(f"{run} {model}" if stage == "embed" else run, rows["intermediate"]["train"])


def _told(kind: str, units: Any) -> dict[str, Any]:
    return {"kind": kind, "units": units}


def _product(one: int | None, other: int) -> int | None:
    return None if one is None else one * other


def _task(rest: str, names: list[str]) -> str:
    return next((name for name in sorted(names, key=len, reverse=True) if f"-{name}-" in f"-{rest}-"), rest)


def measured(root: Path = state.ROOT) -> Iterator[tuple[str, float, float]]:
    """Yield kind, units and seconds of every stage that a study's job has run on this machine."""
    for file in sorted(root.glob("*/*/jobs/*.json")):
        record = state.read(file)
        stages = record.get("stages", [])
        whole = stages if record.get("state") == "done" else stages[:-1]  # the last one may have been cut short
        for one in whole:
            if one.get("units") and "seconds" in one:
                yield one["kind"], float(one["units"]), float(one["seconds"])


def known() -> dict[str, Rate]:
    """Return kind of work to its rate: of this machine where there is one, else as shipped."""
    shipped = files.read_json(SHIPPED) if SHIPPED.exists() else {}
    found = {kind: Rate(one["start"], one["seconds"], one["runs"], False) for kind, one in shipped.items()}
    return found | own()


def ship() -> dict[str, dict[str, Any]]:
    """Return what :data:`SHIPPED` is to hold: the rates of this machine, and of what never ran here the old ones."""
    return {
        kind: {"start": round(rate.start, 2), "seconds": float(f"{rate.seconds:.3g}"), "runs": rate.runs}
        for kind, rate in sorted(known().items())
    }


def own() -> dict[str, Rate]:
    """Return the rates measured on this machine.

    The shortest run that a stage ever took is taken for its start, and the rate is the median over the largest runs of
    a kind (half the largest and above): small ones would tell of the start.
    """
    by_kind: dict[str, list[tuple[float, float]]] = {}
    start: dict[str, float] = {}
    for kind, units, took in measured():
        by_kind.setdefault(kind, []).append((units, took))
        start[_stage(kind)] = min(took, start.get(_stage(kind), math.inf))
    found = {}
    for kind, points in by_kind.items():
        least, most = start[_stage(kind)], max(units for units, _ in points)
        large = [max(took - least, 0.0) / units for units, took in points if units >= most / 2]
        found[kind] = Rate(least, statistics.median(large), len(points), True)
    return found


def _stage(kind: str) -> str:
    return kind.split()[0].partition("@")[0]


def seconds(told: Mapping[str, Any], rates: Mapping[str, Rate]) -> float | None:
    """Return how long a run will take; ``None`` when nothing of its kind was measured, or its size is not known."""
    rate = rates.get(told["kind"])
    return None if rate is None or told["units"] is None else rate.start + rate.seconds * told["units"]
