"""The checks behind ``curation check``: params.yaml held against its classes, plug-ins and dvc.yaml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation import metrics, tasks
from curation.check import links, plan
from curation.check.flow import FILE, Stage, at, read
from curation.core import experiment, params, registry, task_check
from curation.core.errors import CairnError, shown, unknown
from curation.subset import selectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType


UNREAD = ("evaluate.bootstrap", "retrieve.bootstrap")
"""Keys that older files have and nothing reads any more."""


class Findings:
    """Problems and warnings, in the order in which they were found, each one once."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self.notes: list[str] = []
        self.checked: dict[str, int] = {}

    def problem(self, text: object) -> None:
        """Note something that will fail or lie."""
        if str(text) not in self.problems:
            self.problems.append(str(text))

    def warn(self, text: object) -> None:
        """Note something that may be meant."""
        if str(text) not in self.warnings:
            self.warnings.append(str(text))

    def note(self, text: str) -> None:
        """Note what the experiment leaves out on purpose."""
        self.notes.append(text)

    def count(self, what: str, number: int = 1) -> None:
        """Count what was checked, so that an empty check cannot look like a good one."""
        self.checked[what] = self.checked.get(what, 0) + number


def check(file: Path) -> Findings:
    """Return what is wrong with ``file`` (a params.yaml) and dvc.yaml; raises only when one cannot be read at all."""
    with params.using(file):
        return _check(file)


def _check(file: Path) -> Findings:
    found = Findings()
    values = params.load(file)
    top = _experiment(file, values, found)
    for stage in read(values, found.problems):
        found.count("stages")
        _declared(stage, values, file, found)
    problems, warnings = experiment.sections(file)
    found.count("sections", len(experiment.SECTIONS) - len(warnings))
    for problem in problems:
        found.problem(problem)
    for warning in warnings:
        found.warn(warning)
    _named(values, file, found)
    known = (*params.Experiment.model_fields, *params.SECTIONS)
    for key in values:
        if key not in known:
            found.problem(unknown("key", str(key), known, str(file)))
    for key in UNREAD:
        section, _, name = key.partition(".")
        if isinstance(held := values.get(section), dict) and name in held:
            found.note(f"{file}: {key} is not read any more: intervals are computed, not drawn. Take it out.")
    if top:
        _plugins(values, file, found)
        plan.check(file, values, found)
    _encoder(values, file, found)
    return found


def _experiment(file: Path, values: Mapping[str, Any], found: Findings) -> bool:
    """Check the top-level keys and every task and scorer they name; return whether they could be read."""
    folder = params.task_folder()
    if folder is not None and (gone := links.problem(folder)):
        found.problem(f"{file}: task_folder: {gone}")
    try:
        names = params.read(params.Experiment, "", file)
        if names.task_folder is None:
            found.problem(
                f"{file}: task_folder is null, but the stages of {FILE} depend on it. Set task_folder: tasks."
            )
        registry.folders("tasks")
    except CairnError as error:
        found.problem(error)
        return False
    for key, group in (("intermediate", "tasks"), ("targets", "tasks"), ("retrieval", "tasks"), ("scorers", "scorers")):
        for name in getattr(names, key):
            found.count("plug-ins")
            try:
                module = (tasks.module if group == "tasks" else _scorer)(name, f"{file}: {key}")
                if group == "tasks":
                    task = task_check.readable(module).TASK
                    metrics.check_kind(task.metric, task.kind, f"{shown(str(module.__file__))}: TASK.metric")
            except CairnError as error:
                found.problem(error)
            except ImportError as error:
                found.problem(f"{file}: {key}: {name} cannot be imported: {error}.")
    return True


def _scorer(name: str, where: str) -> ModuleType:
    return registry.load("scorers", name, where)


def _declared(stage: Stage, values: Mapping[str, Any], file: Path, found: Findings) -> None:
    """Every key under ``params:`` of dvc.yaml exists in params.yaml."""
    for key in stage.filled(stage.params):
        found.count("parameters")
        try:
            at(values, key)
        except KeyError:
            parent, _, _ = key.rpartition(".")
            try:
                allowed = at(values, parent) if parent else values
            except KeyError:
                allowed = values
            if not isinstance(allowed, dict):
                found.problem(f"{file}: {parent} is {allowed!r}. It is a section, and holds {key.rpartition('.')[2]}.")
                continue
            names = (
                [f"{parent}.{name}" if parent else str(name) for name in allowed] if allowed is not values else values
            )
            found.problem(unknown("parameter", key, map(str, names), f"{FILE}: {stage.name}.params, not in {file}"))


def _named(values: Mapping[str, Any], file: Path, found: Findings) -> None:
    """Sections that hold sections hold no other: ``train`` its phases, ``score`` its scorers."""
    inner = {"train": ["intermediate", "target"], "score": registry.names("scorers")}
    for key, allowed in inner.items():
        held = values.get(key)
        if not isinstance(held, dict):
            found.problem(f"{file}: {key} is {held!r}. It holds the sections {', '.join(allowed)}.")
            continue
        for name in held:
            if name not in allowed:
                found.problem(unknown("key", str(name), allowed, f"{file}: {key}"))


def _plugins(values: Mapping[str, Any], file: Path, found: Findings) -> None:
    """Scorers parse their sections; backend and selector exist; quality weighs the scorers that run."""
    judges = list(dict.fromkeys([*values["scorers"], "contamination"]))
    scorers: Iterable[str] = [name for name in judges if name in registry.names("scorers")]
    for name in scorers:
        try:
            params.read(registry.load("scorers", name).Params, f"score.{name}", file)
            found.count("sections")
        except CairnError as error:
            found.problem(error)
        except (ImportError, AttributeError) as error:
            found.problem(f"scorer {name} cannot be used: {error}.")
    for key, group in (("translate.backend", "translators"), ("subset.selector", "selectors")):
        try:
            name = at(values, key)
            found.count("plug-ins")
            module = registry.load(group, str(name), f"{file}: {key}")
            if group == "selectors":
                selectors.settings(selectors.checked(module, str(name)), str(name))
        except KeyError:
            continue  # the section's own check names what is missing
        except CairnError as error:
            found.problem(error)
        except ImportError as error:
            found.problem(f"{file}: {key}: {name} cannot be imported: {error}.")
    for part in ("weights", "flags"):
        try:
            named = at(values, f"quality.{part}")
        except KeyError:
            continue
        for name in named if isinstance(named, dict) else ():
            if name not in registry.names("scorers"):
                found.problem(unknown("scorer", str(name), registry.names("scorers"), f"{file}: quality.{part}"))
        for name in judges:
            if isinstance(named, dict) and name not in named:
                found.problem(f"{file}: quality.{part} lacks the scorer {name}. Add `{name}: 0.5`.")


def _encoder(values: Mapping[str, Any], file: Path, found: Findings) -> None:
    """The encoder under evaluation is not the one that scores: curation would then know what is being tested."""
    try:
        scoring, evaluated = (str(at(values, key)) for key in ("embed.model", "encoder.model"))
    except KeyError:
        return
    if re.split(r"[/:]", scoring)[-1].lower() == re.split(r"[/:]", evaluated)[-1].lower():
        found.warn(
            f"{file}: embed.model and encoder.model are both {evaluated}: the encoder under evaluation also scores the "
            "rows, so its knowledge leaks into curation. Score with another encoder."
        )
