"""Learning curves and convergence of both fine-tunings, from their reports and the CSV beside each."""

from __future__ import annotations

import csv
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from curation.core import files, paths
from curation.results.charts import Line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from curation.core.params import Experiment

NAMES: Mapping[str, str] = {"pretrained": "without", "intermediate": "with"}
"""A start of target training as the report names it."""


@dataclass(frozen=True)
class Run:
    """One fine-tuning: its report and its curve."""

    stage: str
    task: str
    start: str
    seed: int
    report: Mapping[str, Any]
    curve: Sequence[tuple[int, float]]
    """(step, dev value) at each evaluation."""


def _run(path: Path, stage: str, task: str, start: str, seed: int) -> Run | None:
    if not path.exists():
        return None
    curve: list[tuple[int, float]] = []
    beside = path.with_suffix(".csv")
    if beside.exists():
        with beside.open(encoding="utf-8", newline="") as handle:
            curve = [(int(row["step"]), float(row["dev"])) for row in csv.DictReader(handle) if row["dev"]]
    return Run(stage, task, start, seed, files.read_json(path), curve)


def runs(setup: Experiment) -> list[Run]:
    """Return every fine-tuning of the experiment that has a report: intermediate, then target without and with it."""
    mixture = " + ".join(setup.intermediate)
    found = [
        _run(paths.report("intermediate", f"seed-{seed}"), "intermediate", mixture, "pretrained", seed)
        for seed in setup.seeds
    ]
    for task in setup.targets:
        for start in get_args(paths.Start):
            for seed in setup.seeds:
                path = paths.report("target", start, task, f"seed-{seed}")
                found.append(_run(path, "target", task, start, seed))
    return [run for run in found if run is not None]


def lines(found: Sequence[Run], stage: str, task: str) -> list[Line]:
    """Return one line per run of ``task``; the runs of one start share name and colour."""
    chosen = [run for run in found if run.stage == stage and run.task == task and run.curve]
    made = []
    for run in chosen:
        name = f"{NAMES[run.start]} intermediate step" if stage == "target" else "one line per seed"
        tone = "b" if run.start == "intermediate" or stage == "intermediate" else "a"
        made.append(Line(name, tone, [float(step) for step, _ in run.curve], [dev for _, dev in run.curve]))  # type: ignore[arg-type]
    return made


CONVERGENCE = ("best_dev", "steps_to_95", "tokens_to_95", "curve_area", "steps", "seconds")


def convergence(found: Sequence[Run]) -> list[dict[str, Any]]:
    """Return one line per stage, task and start: means over seeds, and which seeds learnt nothing."""
    groups: dict[tuple[str, str, str], list[Run]] = {}
    for run in found:
        groups.setdefault((run.stage, run.task, run.start), []).append(run)
    made = []
    for (stage, task, start), members in groups.items():
        line: dict[str, Any] = {"stage": stage, "task": task, "start": start, "seeds": len(members)}
        for key in CONVERGENCE:
            values = [float(run.report[key]) for run in members if run.report.get(key) is not None]
            line[key] = statistics.fmean(values) if values else None
        line["rows"] = members[0].report.get("rows")
        line["majority"] = members[0].report.get("majority_baseline")
        line["degenerate"] = [run.seed for run in members if run.report.get("degenerate")]
        made.append(line)
    return made


def degenerate(found: Sequence[Run]) -> list[dict[str, Any]]:
    """Return the runs that learnt nothing, with the reason that training gave."""
    return [
        {
            "stage": run.stage,
            "task": run.task,
            "start": run.start,
            "seed": run.seed,
            "why": run.report.get("degenerate_why") or "its dev value never left the majority baseline",
        }
        for run in found
        if run.report.get("degenerate")
    ]


def mean_curves(found: Sequence[Run]) -> list[tuple[str, str, int, dict[str, float]]]:
    """Return (stage, task, step, start to mean dev value over seeds) at every step that all seeds of a start share."""
    groups: dict[tuple[str, str, int], dict[str, list[float]]] = {}
    sizes: dict[tuple[str, str, str], int] = {}
    for run in found:
        sizes[run.stage, run.task, run.start] = sizes.get((run.stage, run.task, run.start), 0) + 1
        for step, dev in run.curve:
            groups.setdefault((run.stage, run.task, step), {}).setdefault(run.start, []).append(dev)
    made = []
    for (stage, task, step), starts in sorted(groups.items()):
        whole = {s: statistics.fmean(v) for s, v in sorted(starts.items()) if len(v) == sizes[stage, task, s]}
        if whole:
            made.append((stage, task, step, whole))
    return made
