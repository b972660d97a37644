"""What a finished run reports: sizes, speed, dev values, convergence, and whether it learnt anything."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import torch

from curation.results import reach
from training.finetune import convergence, jobs
from training.finetune.convergence import Point
from training.finetune.jobs import Prepared


@dataclass
class State:
    """How far a run has come; JSON values only."""

    step: int = 0
    tokens: int = 0
    items: int = 0
    seconds: float = 0.0
    best_step: int = 0
    best: float = -1.0
    best_values: dict[str, float] = field(default_factory=dict)
    best_facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What was tuned on dev, by job."""
    best_answers: dict[str, str | None] = field(default_factory=dict)
    """The answer that all dev rows of a job were given, where there was only one."""
    curve: list[dict[str, Any]] = field(default_factory=list)
    pass_tokens: int | None = None
    """Tokens of a forward pass at most, when the memory turned out to hold no more."""


def of(
    parts: Sequence[Prepared], state: State, curve: Sequence[Point], target: torch.device, signs: str | None = None
) -> dict[str, Any]:
    """Return the report of a run, JSON values only; times are in seconds, rows in rows, metrics in 0..1.

    ``signs``: what is wrong with a head, in words (:func:`training.finetune.health.signs`).
    """
    found = {part.job.name: jobs.counts(part) for part in parts}
    baselines = [jobs.baseline(part) for part in parts if part.dev is not None]
    majority = None if None in baselines else fmean(value for value in baselines if value is not None)
    sizes = [len(part.items) for part in parts]
    expected = [part.kind.chance(part.train, part.facts) for part in parts]
    chance = sum(n * c for n, c in zip(sizes, expected, strict=True)) / sum(sizes)
    flat = convergence.degenerate(state.best, majority, curve[-1].loss, chance)
    why = "; ".join(one for one in (flat, signs) if one) or None
    steps, dev = [point.step for point in curve], [point.dev for point in curve]
    level = None if why else reach.own_level(dev, majority)
    quick = None if level is None else reach.reached(steps, dev, level)
    there = next((p for p in curve if p.step == quick.cost), None) if quick is not None and quick.reached else None
    return {
        "rows": sum(one["rows"] for one in found.values()),
        "tasks": found,
        "steps": state.step,
        "epochs": round(state.items / sum(sizes), 3),
        "tokens": state.tokens,
        "seconds": round(state.seconds, 2),
        "rows_per_second": round(state.items / max(state.seconds, 1e-9), 1),
        "dev": state.best_values,
        "best_step": state.best_step,
        "best_dev": state.best,
        "last_dev": curve[-1].dev,
        "majority_baseline": majority,
        "degenerate": why is not None,
        "degenerate_why": why,
        "steps_to_95": there.step if there else None,
        "tokens_to_95": there.tokens if there else None,
        "curve_area": round(reach.area(steps, dev), 6),
        "pass_tokens": state.pass_tokens,
        "peak_memory_mb": round(_peak(target), 1),
        "device": target.type,
    }


def _peak(target: torch.device) -> float:
    """Return the most memory in MB: allocated on the GPU, or resident in this process so far."""
    if target.type == "cuda":
        return torch.cuda.max_memory_allocated() / 2**20
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)
