"""dvc.yaml as we see it: stages with their matrix expanded, the runs that DVC makes of them, and who reads whom."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from curation.core.errors import CairnError

FILE = Path("dvc.yaml")
GATES = ("check", "trial")
"""Stages that pass or fail: what they write says the same each time, so nothing depends on what they read."""
_HOLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Stage:
    """One stage of dvc.yaml, before its matrix is expanded."""

    name: str
    command: str
    params: tuple[str, ...]
    """Keys of params.yaml that it declares; may hold ``${item.x}``."""
    deps: tuple[str, ...]
    outs: tuple[str, ...]
    """Paths it writes, plots among them; may hold ``${item.x}``."""
    items: tuple[Mapping[str, Any], ...]
    """The matrix, expanded: one mapping per run."""

    def filled(self, texts: tuple[str, ...]) -> list[str]:
        """Return ``texts`` for every run of the stage, holes filled, each one once."""
        found = [fill(text, {"item": item}) for text in texts for item in self.items]
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Run:
    """One run of a stage, all holes filled."""

    stage: Stage
    name: str
    """As DVC calls it: ``target@pretrained-mini_xnli-1``."""
    item: Mapping[str, Any]
    command: str
    params: tuple[str, ...]
    outs: tuple[str, ...]
    reads: Mapping[str, tuple[str, ...]]
    """Each dependency, and the names of the runs that write it, a folder that holds it, or something in it."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Return the names of all runs whose outputs it reads, each one once."""
        return tuple(dict.fromkeys(name for names in self.reads.values() for name in names))


def at(values: Any, key: str) -> Any:
    """Return the value at a dotted key; raise :class:`KeyError` when there is none.

    >>> at({"a": {"b": 1}}, "a.b")
    1
    """
    for part in key.split("."):
        if not isinstance(values, Mapping) or part not in values:
            raise KeyError(key)
        values = values[part]
    return values


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Return ``text`` with every ``${dotted.key}`` that ``values`` know replaced."""

    def one(match: re.Match[str]) -> str:
        try:
            return str(at(values, match[1].strip()))
        except KeyError:
            return match[0]

    return _HOLE.sub(one, text)


def read(values: Mapping[str, Any], problems: list[str]) -> list[Stage]:
    """Return the stages of dvc.yaml; a matrix that names an unknown key of params.yaml is added to ``problems``."""
    from curation.core import params

    if not FILE.exists():
        raise CairnError(f"{FILE} is missing. Run `curation check` in the root of a clone of Cairn.")
    stages = params.load(FILE).get("stages")
    if not isinstance(stages, dict):
        raise CairnError(f"{FILE} has no stages.")
    return [_stage(name, body, values, problems) for name, body in stages.items()]


def runs(values: Mapping[str, Any], problems: list[str]) -> dict[str, Run]:
    """Return the runs of all stages by name, in the order in which ``dvc repro`` comes to them; see :func:`read`."""
    drafts = [
        (
            Run(
                stage, f"{stage.name}@{'-'.join(map(str, item.values()))}" if item else stage.name, item,
                fill(fill(stage.command, {"item": item}), values), _filled(stage.params, item, values),
                _filled(stage.outs, item, values), {},
            ),
            _filled(stage.deps, item, values),
        )
        for stage in read(values, problems)
        for item in stage.items
    ]  # fmt: skip
    exact = {out: run.name for run, _ in drafts for out in run.outs}
    inside: dict[str, list[str]] = {}
    for out, name in exact.items():
        for above in PurePosixPath(out).parents[:-1]:
            inside.setdefault(above.as_posix(), []).append(name)
    found = {}
    for run, deps in drafts:
        reads = {dep: tuple(name for name in _makers(dep, exact, inside) if name != run.name) for dep in deps}
        found[run.name] = replace(run, reads=reads)
    return found


def _filled(texts: Sequence[str], item: Mapping[str, Any], values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(fill(fill(text, {"item": item}), values) for text in texts)


def _makers(dep: str, exact: Mapping[str, str], inside: Mapping[str, list[str]]) -> list[str]:
    path = PurePosixPath(dep)
    whole = [exact[place.as_posix()] for place in (path, *path.parents[:-1]) if place.as_posix() in exact]
    return whole + inside.get(dep, [])


def _stage(name: str, body: Mapping[str, Any], values: Mapping[str, Any], problems: list[str]) -> Stage:
    matrix = {key: _axis(name, value, values, problems) for key, value in (body.get("matrix") or {}).items()}
    items = [dict(zip(matrix, row, strict=True)) for row in itertools.product(*matrix.values())]
    keys = [key for key in body.get("params") or () if isinstance(key, str)]
    for entry in body.get("params") or ():
        if isinstance(entry, dict):  # another params file, or `params.yaml: [keys]`
            keys += [str(key) for key in entry.get("params.yaml") or ()]
    command = body.get("cmd", "")
    text = " && ".join(command) if isinstance(command, list) else str(command)
    deps = tuple(dep for dep in body.get("deps") or () if isinstance(dep, str))
    written = [out for key in ("outs", "metrics", "plots") for out in body.get(key) or ()]
    outs = tuple(path for out in written for path in (out if isinstance(out, dict) else [out]))
    return Stage(name, text, tuple(keys), deps, outs, tuple(items))


def _axis(stage: str, value: Any, values: Mapping[str, Any], problems: list[str]) -> list[Any]:
    hole = _HOLE.fullmatch(value) if isinstance(value, str) else None
    if hole is None:
        return list(value) if isinstance(value, list) else [value]
    try:
        found = at(values, hole[1].strip())
    except KeyError:
        problems.append(f"{FILE}: {stage}.matrix: params.yaml has no {hole[1]}.")
        return []
    return list(found) if isinstance(found, list) else [found]
