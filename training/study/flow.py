"""Which runs of stages the arms of a study need, and which of them are the same run.

A run's key is a hash of its command, the values of the parameters it declares, the files of the repository it depends
on, and the keys of the runs whose outputs it reads. Equal keys are one computation, whichever arm asks for it: DVC's
run cache restores it, so it is enough that it is run once, before the arms that share it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from curation.check import flow as dvc_yaml
from curation.core.errors import CairnError
from curation.core.git import git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.study.arms import Arm

SCORED = ("evaluate", "retrieve")
"""The stages whose outputs a study reads."""
GATES = ("check", "trial")
"""Stages that pass or fail: what they write says the same each time, so nothing depends on what they read."""


@dataclass(frozen=True)
class Run:
    """One run of a stage, as one arm asks for it."""

    stage: str
    name: str
    """As DVC calls it: ``target@pretrained-mini_xnli-1``."""
    item: Mapping[str, Any]
    key: str
    needs: tuple[str, ...]
    """Keys of the runs whose outputs it reads."""


@dataclass(frozen=True)
class Job:
    """What one worker does at a time: the shared runs that come first, or one arm."""

    name: str
    arm: Arm
    """Whose params.yaml it runs with."""
    targets: tuple[str, ...]
    """What DVC is asked for."""
    keys: frozenset[str]
    """The runs it makes that no job before it has made."""
    needs: tuple[str, ...]
    """Names of the jobs that come first."""
    shared: bool


@dataclass
class _Draft:
    name: str
    item: Mapping[str, Any]
    stage: dvc_yaml.Stage
    deps: list[str]
    outs: list[str]
    key: str | None = field(default=None)
    needs: list[str] = field(default_factory=list)


_Makers = tuple[dict[str, _Draft], dict[str, list[_Draft]]]
"""Output to the run that writes it; folder to the runs that write something in it."""


def runs(arm: Arm, content: Mapping[str, str]) -> dict[str, Run]:
    """Return, by key, the runs that arm's scores need; ``content`` names the repository's files by hash."""
    problems: list[str] = []
    drafts = [
        _Draft(_name(stage.name, item), item, stage, _filled(stage.deps, item, arm), _filled(stage.outs, item, arm))
        for stage in dvc_yaml.read(arm.values, problems)
        for item in stage.items
    ]
    if problems:
        raise CairnError("\n".join(f"{arm.name}: {problem}" for problem in problems))
    makers: _Makers = ({}, {})
    for draft in drafts:
        for out in draft.outs:
            makers[0][out] = draft
            for above in PurePosixPath(out).parents[:-1]:
                makers[1].setdefault(above.as_posix(), []).append(draft)
    found: dict[str, Run] = {}
    for draft in drafts:
        if draft.stage.name in SCORED and draft.item.get("start", arm.start) == arm.start:
            _resolve(draft, makers, arm, content, found)
    return found


def _name(stage: str, item: Mapping[str, Any]) -> str:
    return f"{stage}@{'-'.join(map(str, item.values()))}" if item else stage


def _filled(texts: Sequence[str], item: Mapping[str, Any], arm: Arm) -> list[str]:
    return [dvc_yaml.fill(dvc_yaml.fill(text, {"item": item}), arm.values) for text in texts]


def _resolve(draft: _Draft, makers: _Makers, arm: Arm, content: Mapping[str, str], found: dict[str, Run]) -> str:
    if draft.key is not None:
        return draft.key
    given: dict[str, Any] = {}
    for dep in draft.deps:
        keys = [_resolve(maker, makers, arm, content, found) for maker in _made(dep, makers) if maker is not draft]
        draft.needs += keys
        gate = any(maker.stage.name in GATES for maker in _made(dep, makers))
        given[dep] = "passed" if gate else sorted(keys) or _files(dep, content)
    settings = {}
    for name in _filled(draft.stage.params, draft.item, arm):
        try:
            settings[name] = dvc_yaml.at(arm.values, name)
        except KeyError:
            raise CairnError(f"{arm.name}: stage {draft.name} reads {name}, which its parameters lack.") from None
    command = _filled([draft.stage.command], draft.item, arm)
    text = json.dumps([command, settings, given, draft.outs], sort_keys=True, default=str)
    draft.key = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    found[draft.key] = Run(draft.stage.name, draft.name, draft.item, draft.key, tuple(dict.fromkeys(draft.needs)))
    return draft.key


def _made(dep: str, makers: _Makers) -> list[_Draft]:
    """Return the runs that write a dependency, a folder that holds it, or something in it."""
    exact, inside = makers
    path = PurePosixPath(dep)
    whole = [exact[place.as_posix()] for place in (path, *path.parents[:-1]) if place.as_posix() in exact]
    return whole + inside.get(dep, [])


def _files(dep: str, content: Mapping[str, str]) -> list[str]:
    return sorted(f"{path} {digest}" for path, digest in content.items() if path == dep or path.startswith(f"{dep}/"))


def repository() -> dict[str, str]:
    """Return path to hash of every file that git knows, as it is in the working directory.

    Raises :class:`CairnError` where there is no git.
    """
    listed = git("ls-files", "-s", "-z")
    if listed is None:
        raise CairnError("this folder is not in git, and a study needs it: its workers are clones. Type: git init")
    found = {}
    for line in listed.split("\0"):
        if line:
            facts, path = line.split("\t", 1)
            found[path] = facts.split()[1]
    changed = [path for path in (git("diff", "--name-only", "-z") or "").split("\0") if path in found]
    for path in changed:
        found[path] = (git("hash-object", "--", path) or "gone").strip()
    return found


def jobs(made: Sequence[Arm], content: Mapping[str, str]) -> tuple[list[Job], dict[str, dict[str, Run]]]:
    """Return the jobs in an order that honours their needs, and the runs of each arm by name.

    Runs that several arms need come first: each such run belongs to the first arm that asks for it, and one job makes
    those that depend on the same set of arms' jobs. Then comes one job per arm.
    """
    by_arm = {arm.name: runs(arm, content) for arm in made}
    users: dict[str, list[str]] = {}
    for arm in made:
        for key in by_arm[arm.name]:
            users.setdefault(key, []).append(arm.name)
    found: list[Job] = []
    owner: dict[str, str] = {}
    for arm in made:
        own = {key: run for key, run in by_arm[arm.name].items() if len(users[key]) > 1 and key not in owner}
        if own:
            name = f"shared-{arm.name}"
            needs = {owner[key] for run in own.values() for key in run.needs if key in owner}
            last = [run for run in own.values() if not any(run.key in other.needs for other in own.values())]
            found.append(
                Job(name, arm, tuple(sorted(run.name for run in last)), frozenset(own), tuple(sorted(needs)), True)
            )
            owner |= dict.fromkeys(own, name)
    return [*found, *(_arm_job(arm, by_arm[arm.name], owner) for arm in made)], by_arm


def _arm_job(arm: Arm, mine: Mapping[str, Run], owner: Mapping[str, str]) -> Job:
    targets = tuple(sorted(run.name for run in mine.values() if run.stage in SCORED))
    needs = tuple(sorted({owner[key] for key in mine if key in owner}))
    return Job(arm.name, arm, targets, frozenset(key for key in mine if key not in owner), needs, False)


def arm_key(mine: Mapping[str, Run]) -> str:
    """Return one hash for everything that an arm's scores depend on."""
    return hashlib.blake2b("".join(sorted(mine)).encode(), digest_size=12).hexdigest()
