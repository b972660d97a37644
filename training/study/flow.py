"""Which runs of stages the arms of a study need, and which of them are the same run.

A run's key is a hash of its command, the values of the parameters it declares, the files of the repository it depends
on, and the keys of the runs whose outputs it reads. Equal keys are one computation, whichever arm asks for it: DVC's
run cache restores it, so it is enough that it is run once, before the arms that share it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.check import flow as dvc_yaml
from curation.core.errors import CairnError
from curation.core.git import git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.study.arms import Arm

SCORED = ("evaluate", "retrieve")
"""The stages whose outputs a study reads."""


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


def runs(arm: Arm, content: Mapping[str, str]) -> dict[str, Run]:
    """Return, by key, the runs that arm's scores need; ``content`` names the repository's files by hash."""
    problems: list[str] = []
    every = dvc_yaml.runs(arm.values, problems)
    if problems:
        raise CairnError("\n".join(f"{arm.name}: {problem}" for problem in problems))
    found: dict[str, Run] = {}
    keys: dict[str, str] = {}
    for run in every.values():
        if run.stage.name in SCORED and run.item.get("start", arm.start) == arm.start:
            _resolve(run, every, arm, content, keys, found)
    return found


def _resolve(
    run: dvc_yaml.Run, every: Mapping[str, dvc_yaml.Run], arm: Arm, content: Mapping[str, str], keys: dict[str, str],
    found: dict[str, Run],
) -> str:  # fmt: skip
    if run.name in keys:
        return keys[run.name]
    given: dict[str, Any] = {}
    needs: list[str] = []
    for dep, makers in run.reads.items():
        above = [_resolve(every[name], every, arm, content, keys, found) for name in makers]
        needs += above
        gate = any(every[name].stage.name in dvc_yaml.GATES for name in makers)
        given[dep] = "passed" if gate else sorted(above) or _files(dep, content)
    settings = {}
    for name in run.params:
        try:
            settings[name] = dvc_yaml.at(arm.values, name)
        except KeyError:
            raise CairnError(f"{arm.name}: stage {run.name} reads {name}, which its parameters lack.") from None
    text = json.dumps([[run.command], settings, given, list(run.outs)], sort_keys=True, default=str)
    key = keys[run.name] = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    found[key] = Run(run.stage.name, run.name, run.item, key, tuple(dict.fromkeys(needs)))
    return key


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
