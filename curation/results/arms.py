"""Arms by name: any number side by side, or two with what was changed between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation import tasks
from curation.core.errors import CairnError
from curation.results import comparison as results
from curation.results import places, wording
from curation.results.changes import differences, flatten
from curation.results.runs import Arm, load_arm
from curation.results.statistics import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.results.comparison import Comparison, Table
    from curation.results.places import Place

STAGES = (("evaluate", "targets"), ("retrieve", "retrieval"))


@dataclass(frozen=True)
class Named:
    """An arm as it was named, with its parameters and all it was scored on."""

    spec: str
    place: Place
    start: str
    values: Mapping[str, Any]
    """Its params.yaml."""
    scored: Mapping[tuple[str, str], Arm]
    """(stage, task) to its runs."""

    def at(self, key: str) -> Any:
        """Return the parameter ``key`` (dotted). The arm without the intermediate step has a ``subset.size`` of 0."""
        if self.start == "pretrained" and key == "subset.size":
            return 0
        return flatten(dict(self.values)).get(key)


def load(spec: str) -> Named:
    """Return the arm that ``spec`` names (:func:`curation.results.places.resolve`)."""
    place, start = places.resolve(spec)
    values = place.params()
    return Named(spec, place, start, values, load_arms(place, start, values))


def load_arms(place: Place, start: Any, values: Mapping[str, Any]) -> dict[tuple[str, str], Arm]:
    """Return (stage, task) to the arm of ``start`` in ``place``."""
    found = {}
    for stage, key in STAGES:
        for task in values.get(key) or ():
            arm = load_arm(stage, start, task, values.get("seeds") or (), place.read, place.data)
            if arm is not None:
                found[stage, task] = arm
    return found


def subsets(place: Place) -> dict[str, Any] | None:
    """Return size and stratum of a place's subset, or ``None`` when it has no report of one."""
    report = place.read(Path("reports/subset.json"))
    if not isinstance(report, dict):
        return None
    return {key: report.get(key) for key in ("rows", "stratum")}


def primary(values: Mapping[str, Any]) -> str | None:
    """Return the metric that params.yaml names as the primary one (``report.metric``); ``None`` = each task's own."""
    section = values.get("report")
    return section.get("metric") if isinstance(section, dict) else None


def tables(arms: Sequence[Named], metric: str | None = None) -> list[Table]:
    """Return one table per task that all ``arms`` were scored on, in the order of the first.

    ``metric`` is the value to look at on every task whose metric gives it; ``None`` = what params.yaml of the last arm
    names, else each task's primary one. Raises :class:`CairnError` when the arms share no task, and when no task has
    the metric.
    """
    wanted = metric or primary(arms[-1].values)
    shared = _shared(arms)
    facts = {key: tasks.load(key[1], "compare") for key in shared}
    results.check_metric(wanted, [(arms[0].scored[key], facts[key]) for key in shared], "compare --metric")
    return [results.side_by_side({arm.spec: arm.scored[key] for arm in arms}, facts[key], wanted) for key in shared]


def compare(spec_a: str, spec_b: str, metric: str | None = None) -> dict[str, Any]:
    """Return changed parameters and one comparison per task that both arms were scored on; ``metric`` as above.

    Raises :class:`CairnError` when they share none.
    """
    a, b = load(spec_a), load(spec_b)
    wanted = metric or primary(b.values)
    shared = _shared([a, b])
    facts = {key: tasks.load(key[1], "compare") for key in shared}
    results.check_metric(wanted, [(b.scored[key], facts[key]) for key in shared], "compare --metric")
    return {
        "a": {"name": spec_a, "start": a.start, "subset": subsets(a.place) if a.start == "intermediate" else None},
        "b": {"name": spec_b, "start": b.start, "subset": subsets(b.place) if b.start == "intermediate" else None},
        "changed": differences(dict(a.values), dict(b.values)),
        "comparisons": [results.compare(a.scored[key], b.scored[key], facts[key], wanted) for key in shared],
        "left_out": [" ".join(key) for key in {**a.scored, **b.scored} if key not in shared],
    }


def worse(comparisons: Sequence[Comparison]) -> list[str]:
    """Return the tasks on whose language mean B is significantly below A; where there is no verdict, it is not."""
    return [c.task for c in comparisons if wording.direction(c.difference[ALL]) < 0]


def _shared(arms: Sequence[Named]) -> list[tuple[str, str]]:
    shared = [key for key in arms[0].scored if all(key in arm.scored for arm in arms)]
    if shared:
        return shared
    told = "\n".join(
        f"  {arm.spec}: {', '.join(' '.join(key) for key in arm.scored) or 'no reports/evaluate or reports/retrieve'}"
        for arm in arms
    )
    raise CairnError(f"the arms share no task.\n{told}\nRun `dvc repro` or `dvc exp run` for all of them.")
