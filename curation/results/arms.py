"""Two arms side by side: what was changed between them, and what that did, task by task and language by language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation import tasks
from curation.core.errors import CairnError
from curation.core.seeds import derive
from curation.results import comparison as results
from curation.results import places
from curation.results.changes import differences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.results.places import Place

STAGES = (("evaluate", "targets"), ("retrieve", "retrieval"))
RESAMPLES = 1000


def load_arms(place: Place, start: Any, values: Mapping[str, Any]) -> dict[tuple[str, str], results.Arm]:
    """Return (stage, task) to the arm of ``start`` in ``place``."""
    found = {}
    for stage, key in STAGES:
        for task in values.get(key) or ():
            arm = results.load_arm(stage, start, task, values.get("seeds") or (), place.read, place.data)
            if arm is not None:
                found[stage, task] = arm
    return found


def subsets(place: Place) -> dict[str, Any] | None:
    """Return size and stratum of a place's subset, or ``None`` when it has no report of one."""
    report = place.read(Path("reports/subset.json"))
    if not isinstance(report, dict):
        return None
    return {key: report.get(key) for key in ("rows", "stratum")}


def compare(spec_a: str, spec_b: str) -> dict[str, Any]:
    """Return changed parameters and one comparison per task that both arms were scored on.

    Raises :class:`CairnError` when they share none.
    """
    (place_a, start_a), (place_b, start_b) = places.resolve(spec_a), places.resolve(spec_b)
    values_a, values_b = place_a.params(), place_b.params()
    arms_a, arms_b = load_arms(place_a, start_a, values_a), load_arms(place_b, start_b, values_b)
    shared = [key for key in arms_a if key in arms_b]
    if not shared:
        raise CairnError(_nothing(spec_a, arms_a, spec_b, arms_b))
    evaluate = values_b.get("evaluate")
    resamples = evaluate.get("bootstrap", RESAMPLES) if isinstance(evaluate, dict) else RESAMPLES
    comparisons: list[results.Comparison] = []
    for stage, task in shared:
        facts = tasks.load(task, "compare")
        seed = derive(int(values_b.get("seed", 0)), stage, task)  # the draws of the stage itself
        comparisons.append(results.compare(arms_a[stage, task], arms_b[stage, task], facts, resamples, seed))
    return {
        "a": {"name": spec_a, "start": start_a, "subset": subsets(place_a) if start_a == "intermediate" else None},
        "b": {"name": spec_b, "start": start_b, "subset": subsets(place_b) if start_b == "intermediate" else None},
        "changed": differences(values_a, values_b),
        "comparisons": comparisons,
        "left_out": [" ".join(key) for key in {**arms_a, **arms_b} if key not in shared],
    }


def _nothing(spec_a: str, a: Mapping[Any, results.Arm], spec_b: str, b: Mapping[Any, results.Arm]) -> str:
    def told(spec: str, found: Mapping[Any, results.Arm]) -> str:
        return f"{spec}: {', '.join(' '.join(key) for key in found) or 'no reports/evaluate or reports/retrieve'}"

    return (
        f"the arms share no task.\n  {told(spec_a, a)}\n  {told(spec_b, b)}\nRun `dvc repro` or `dvc exp run` for both."
    )


def worse(comparisons: Sequence[results.Comparison]) -> list[str]:
    """Return the target tasks on whose language mean B is significantly below A."""
    return [c.task for c in comparisons if c.difference["all"].high < 0]
