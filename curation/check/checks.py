"""The checks behind ``curation check``: params.yaml and dvc.yaml held against the code and against each other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation import metrics
from curation.check import closure, plan
from curation.check.flow import FILE, Code, Stage, all_code, at, code, fill, read
from curation.core import params, registry, task_check
from curation.core.errors import CairnError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Findings:
    """Problems and warnings, in the order in which they were found, each one once."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.warnings: list[str] = []
        self.checked: dict[str, int] = {}

    def problem(self, text: object) -> None:
        """Note something that will fail or lie."""
        if str(text) not in self.problems:
            self.problems.append(str(text))

    def warn(self, text: object) -> None:
        """Note something that may be meant."""
        if str(text) not in self.warnings:
            self.warnings.append(str(text))

    def count(self, what: str, number: int = 1) -> None:
        """Count what was checked, so that an empty check cannot look like a good one."""
        self.checked[what] = self.checked.get(what, 0) + number


def check(file: Path) -> Findings:
    """Return what is wrong with ``file`` (a params.yaml) and dvc.yaml; raises only when one cannot be read at all."""
    found = Findings()
    values = params.load(file)
    top = _experiment(file, values, found)
    stages = read(values, found.problems)
    sections: set[str] = set()
    for stage in stages:
        found.count("stages")
        _declared(stage, values, file, found)
        sections |= {key.split(".")[0] for key in stage.params}
        if stage.module is not None:
            sections |= _module(stage, file, values, found)
        _dependencies(stage, found)
    sections |= _sections(file, found)
    known = {*params.Experiment.model_fields, *sections}
    for key in values:
        if key not in known:
            found.problem(unknown("key", str(key), known, str(file)))
    if top:
        _plugins(values, file, found)
        plan.check(file, values, found)
    _encoder(values, file, found)
    return found


def _experiment(file: Path, values: Mapping[str, Any], found: Findings) -> bool:
    """Check the top-level keys and every task and scorer they name; return whether they could be read."""
    try:
        names = params.read(params.Experiment, "", file)
        if names.task_folder is None:
            found.problem(
                f"{file}: task_folder is null, but the stages of {FILE} depend on it. Set task_folder: tasks."
            )
        else:
            registry.add_folder("tasks", Path(names.task_folder))
    except CairnError as error:
        found.problem(error)
        return False
    for key, group in (("intermediate", "tasks"), ("targets", "tasks"), ("retrieval", "tasks"), ("scorers", "scorers")):
        for name in getattr(names, key):
            found.count("plug-ins")
            try:
                module = registry.load(group, name, f"{file}: {key}")
                if group == "tasks":
                    task = task_check.readable(module).TASK
                    metrics.check_kind(task.metric, task.kind, f"{module.__file__}: TASK.metric")
            except CairnError as error:
                found.problem(error)
            except ImportError as error:
                found.problem(f"{file}: {key}: {name} cannot be imported: {error}.")
    return True


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
            names = (
                [f"{parent}.{name}" if parent else str(name) for name in allowed] if allowed is not values else values
            )
            found.problem(unknown("parameter", key, map(str, names), f"{FILE}: {stage.name}.params, not in {file}"))


def _module(stage: Stage, file: Path, values: Mapping[str, Any], found: Findings) -> set[str]:
    """The stage's module exists, takes these options, and reads what it declares; return the sections it reads."""
    assert stage.module is not None
    told = code(stage.module)
    if told is None:
        found.problem(f"{FILE}: {stage.name}.cmd: there is no module {stage.module}.")
        return set()
    found.count("modules")
    if told.options is not None and set(told.options) != set(stage.options):
        takes = ", ".join(f"--{name.replace('_', '-')}" for name in told.options) or "no option"
        found.problem(f"{FILE}: {stage.name}.cmd: {stage.module} takes {takes}; the command gives {stage.command!r}.")
    declared = set(stage.params)
    for key in sorted(told.keys & set(params.Experiment.model_fields)):
        if key not in declared:
            found.problem(f"{FILE}: {stage.name}: {told.file.name} reads {key}; add it under params.")
    for section in told.sections:
        shape = re.compile(re.escape(section).replace(r"\{\}", r"([^.$]*|\$\{[^}]*\})") + r"(\..*)?")
        if not any(shape.fullmatch(key) or section.startswith(f"{key}.") for key in declared):
            found.problem(f"{FILE}: {stage.name}: {told.file.name} reads {section}; add it under params.")
    return {section.split(".")[0] for section in told.sections}


def _sections(file: Path, found: Findings) -> set[str]:
    """Every section that any of the code reads satisfies its class; return these sections' first names."""
    read_by: set[str] = set()
    for told in all_code():
        for section, name in told.sections.items():
            read_by.add(section.split(".")[0])
            if "{}" not in section:
                _section(told, section, name, file, found)
    return read_by


def _section(told: Code, section: str, name: str, file: Path, found: Findings) -> None:
    """Section ``section`` of params.yaml satisfies the class that the stage reads it with."""
    try:
        cls = told.resolve(name)
    except AttributeError:
        return  # not a class of the module, such as a parameter of a function
    except ImportError as error:
        found.warn(f"{told.file.name} cannot be imported here ({error}); its section {section} was not checked.")
        return
    found.count("sections")
    try:
        params.read(cls, section, file)
    except CairnError as error:
        for line in str(error).splitlines():
            found.problem(line)


def _dependencies(stage: Stage, found: Findings) -> None:
    """Every code file that a stage depends on exists, and every one that its code imports is a dependency."""
    listed = stage.filled(stage.deps)
    for path in listed:
        if path.split("/")[0] in closure.PACKAGES:
            found.count("code files")
            if not Path(path).exists():
                found.problem(f"{FILE}: {stage.name}.deps: there is no {path}.")
    for item in stage.items if stage.module is not None else ():
        plugins = {f"{axis}s": [str(name)] for axis, name in item.items()}  # a matrix over scorers runs one of them
        have = [fill(path, {"item": item}) for path in stage.deps]
        lacking = sorted(
            file
            for module in closure.code(str(stage.module), plugins) - closure.PLUMBING
            if (file := closure.shown(module)) and not any(file == path or file.startswith(f"{path}/") for path in have)
        )
        found.count("imports", len(lacking) == 0)
        for file in lacking:
            found.problem(
                f"{FILE}: {stage.name}.deps lacks {file}, which {stage.module} imports. Add it, or its folder."
            )


def _plugins(values: Mapping[str, Any], file: Path, found: Findings) -> None:
    """Scorers parse their sections; backend and selector exist; quality weighs the scorers that run."""
    scorers: Iterable[str] = [name for name in values["scorers"] if name in registry.names("scorers")]
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
            registry.load(group, str(name), f"{file}: {key}")
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
        for name in values["scorers"]:
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
