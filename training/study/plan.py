"""What running a study means: its arms, what they share, how long that takes and how much disk it needs."""

from __future__ import annotations

import functools
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation import metrics, tasks
from curation.check import flow as dvc_yaml
from curation.cli.profile import profiles
from curation.core import models
from curation.core.errors import CairnError, unknown
from training.study import arms, flow, questions, rates, worker
from training.study.run import job_key
from training.study.state import Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.study.arms import Arm, Contrast
    from training.study.flow import Job, Run
    from training.study.questions import Size, Study

PRIMARY = "primary"
"""The metric that stands for each target's own."""


@dataclass(frozen=True)
class Plan:
    """A study at one size, ready to run."""

    name: str
    study: Study
    size: Size
    place: Place
    arms: Sequence[Arm]
    contrasts: Sequence[Contrast]
    jobs: Sequence[Job]
    runs: Mapping[str, Mapping[str, Run]]
    """Arm to its runs by key."""

    @property
    def keys(self) -> dict[str, str]:
        """Job to what its record must say to count."""
        return {job.name: job_key(job, self._behind(job)) for job in self.jobs}

    @property
    def task_folders(self) -> set[str]:
        """The folders of a user's task files that the arms name."""
        return {str(arm.values["task_folder"]) for arm in self.arms if arm.values.get("task_folder")}

    def _behind(self, job: Job) -> set[str]:
        mine = {key for key, run in self.runs[job.arm.name].items() if run.stage not in dvc_yaml.GATES}
        return mine & job.keys if job.shared else mine

    def experiment(self, arm: Arm) -> str:
        """Return the name of the experiment that an arm is saved as."""
        return worker.experiment(self.place, arm.name)


def make(name: str, size: str) -> Plan:
    """Return the plan of study ``name`` at ``size``; raise :class:`CairnError` for what cannot be run."""
    study = questions.load(name)
    found = questions.size(study, name, size)
    if found.metric is not None:
        study = study.model_copy(update={"metric": found.metric})
    known = profiles()
    if found.profile not in known:
        raise unknown("profile", found.profile, known, f"{questions.FOLDER / name}.yaml: sizes.{size}.profile")
    values = arms.base(name, found, known[found.profile])
    made = arms.of(name, study, found, values)
    for arm in made:
        _check(arm, study, name)
    contrasts = arms.contrasts(name, study, made, found.without)
    jobs, runs = flow.jobs(made, flow.repository())
    return Plan(name, study, found, Place(name, size), made, contrasts, jobs, runs)


def unable(plan: Plan) -> list[str]:
    """Return what the stage ``check`` would find in the arms, in words, before any of them runs.

    Raises :class:`CairnError` when no arm could run.
    """
    from curation.check import checks
    from curation.core import params

    found: dict[str, list[str]] = {}
    for arm in plan.arms:
        with arms.using(arm):
            file = str(params.path())
            for problem in checks.check(params.path()).problems:
                found.setdefault(problem.replace(file, "params.yaml"), []).append(arm.name)
    lines = [f"{problem} (arms: {', '.join(names)})" for problem, names in found.items()]
    if len({name for names in found.values() for name in names}) == len(plan.arms):
        where = f"{questions.FOLDER / plan.name}.yaml: sizes.{plan.place.size}"
        raise CairnError("\n".join([f"{where}: none of its arms can be run as it is:", *lines]))
    return lines


def _check(arm: Arm, study: Study, name: str) -> None:
    """Raise :class:`CairnError` unless the arm's tasks exist and one of its targets has the study's metric."""
    setup = arms.setup(arm)
    named = (("intermediate", setup.intermediate), ("targets", setup.targets), ("retrieval", setup.retrieval))
    with arms.using(arm):
        for role, several in named:
            for task in several:
                tasks.load(task, f"{questions.FOLDER / name}.yaml: {arm.name}: {role}")
        known = [_values(task) for task in setup.targets] if study.metric != PRIMARY else []
    if known and not any(study.metric in values for values in known):
        raise unknown("metric", study.metric, [PRIMARY, *known[0]], f"{questions.FOLDER / name}.yaml: metric")


def _values(name: str) -> list[str]:
    task = tasks.load(name)
    return metrics.names(task.metric, task.labels)


def unique(plan: Plan) -> dict[str, tuple[Run, Arm]]:
    """Return every run of the study once, with the first arm that asks for it."""
    found: dict[str, tuple[Run, Arm]] = {}
    for arm in plan.arms:
        for key, run in plan.runs[arm.name].items():
            found.setdefault(key, (run, arm))
    return found


def costs(plan: Plan) -> dict[str, Any]:
    """Return counts, ``seconds`` on one core of what rates are known for, and ``bytes`` of the models that are kept.

    ``unmeasured``: stages that nothing is known of; their time is not in ``seconds``.
    """
    known, runs = rates.known(), unique(plan)
    total, unmeasured, shipped = 0.0, set(), False
    by_job: dict[str, float] = {job.name: 0.0 for job in plan.jobs}
    owner = {key: job.name for job in plan.jobs for key in job.keys}
    for key, (run, arm) in runs.items():
        told = rates.work(run.name, arm.values)
        took = rates.seconds(told, known)
        if took is None:
            unmeasured.add(run.stage)
            continue
        shipped |= not known[told["kind"]].here
        total += took
        by_job[owner[key]] += took
    asked = sum(len(mine) for mine in plan.runs.values())
    trained = [arm.values["encoder"] for run, arm in runs.values() if run.stage in ("intermediate", "target")]
    disk = [_bytes(one["model"], one["revision"]) for one in trained]
    return {
        "arms": len(plan.arms),
        "runs": len(runs),
        "runs_asked_for": asked,
        "shared": sum(len(job.keys) for job in plan.jobs if job.shared),
        "seconds": total,
        "seconds_by_job": by_job,
        "unmeasured": sorted(unmeasured),
        "from_shipped_rates": shipped,
        "bytes": None if None in disk else sum(size for size in disk if size is not None),
    }


@functools.cache
def _bytes(model: str, revision: str | None) -> int | None:
    """Return the size of one fine-tuned model, kept in float32; ``None`` when the encoder is not on this disk."""
    try:
        near = models.model(model, revision)
    except CairnError:
        return None
    total = 0
    for shard in Path(near.path).glob("model*.safetensors"):
        with shard.open("rb") as handle:
            (length,) = struct.unpack("<Q", handle.read(8))
            header = json.loads(handle.read(length))
        for name, tensor in header.items():
            if name != "__metadata__":
                size = 4
                for side in tensor["shape"]:
                    size *= side
                total += size
    return total or None
