"""How a study's jobs stand, read from their records, locks and logs: by anyone, while others run them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.study.plan import Plan
    from training.study.state import State

_MARKS = {"done": "done", "running": "running", "failed": "FAILED", "stopped": "stopped", "waiting": "waiting"}


@dataclass(frozen=True)
class Line:
    """One job."""

    job: str
    state: State
    runs: int
    """Runs of stages that are this job's to make."""
    ran: int
    """Of them, those that were made and not restored."""
    stage: str
    """The run it is at."""
    seconds: float | None
    cpu: float | None
    """Seconds of processor, which other work on the machine leaves alone."""
    error: str
    log: Path


def lines(plan: Plan) -> list[Line]:
    """Return one line per job."""
    found, keys = [], plan.keys
    for job in plan.jobs:
        state = plan.place.state(job.name, keys[job.name])
        record: dict[str, Any] = plan.place.read(job.name) if state != "waiting" else {}
        stages = record.get("stages", [])
        ended = record.get("finished") or (time.time() if state == "running" else None)
        took = ended - record["started"] if ended and "started" in record else None
        at = stages[-1]["name"] if stages and state in ("running", "stopped") else ""
        log = plan.place.log(job.name)
        cpu, error = record.get("cpu_seconds"), record.get("error", "")
        found.append(Line(job.name, state, len(job.keys), len(stages), at, took, cpu, error, log))
    return found


def as_json(found: list[Line]) -> list[dict[str, Any]]:
    """Return plain values, for scripts."""
    return [
        {
            "job": line.job, "state": line.state, "runs": line.runs, "ran": line.ran, "stage": line.stage or None,
            "seconds": None if line.seconds is None else round(line.seconds, 1), "cpu_seconds": line.cpu,
            "error": line.error or None, "log": str(line.log),
        }
        for line in found
    ]  # fmt: skip


def table(plan: Plan, found: list[Line]) -> Any:
    """Return what a terminal shows."""
    from rich.console import Group

    from curation.core import output

    done = sum(line.state == "done" for line in found)
    rows = [
        [line.job, _MARKS[line.state], line.ran or None, duration(line.seconds), duration(line.cpu), line.stage]
        for line in found
    ]
    title = f"{plan.name}, {plan.place.size}: {done} of {len(found)} jobs done"
    parts = [
        output.table(["job", "state", "ran", "time", "cpu", "at"], rows, title=title, right=["ran", "time", "cpu"])
    ]
    failed = [(line.job, line.error) for line in found if line.state == "failed"]
    if failed:
        parts += [output.heading("failed"), output.facts(failed)]
    return Group(*parts)


def duration(seconds: float | None) -> str:
    """Return seconds as people say them.

    >>> duration(5.2), duration(125), duration(7260), duration(None)
    ('5 s', '2 min 5 s', '2 h 1 min', '')
    """
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
