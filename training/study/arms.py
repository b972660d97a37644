"""The arms of a study: every combination of its grids, as a name and a whole params.yaml."""

from __future__ import annotations

import copy
import itertools
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import params
from curation.core.errors import CairnError, unknown
from curation.core.params import Experiment
from curation.results.changes import flatten
from training.study.questions import FOLDER, Pair, Size, Study

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_REFERENCE = re.compile(r"\s*([\w-]+)\s*(?:\[([^\]]*)\])?\s*")


@dataclass(frozen=True)
class Arm:
    """One arm."""

    name: str
    """Unique in the study; letters, digits, dots, hyphens."""
    label: str
    """For people."""
    group: str
    place: tuple[int, ...]
    """Its place in each axis of the group's grid."""
    start: str
    values: Mapping[str, Any]
    """Its whole params.yaml."""
    axes: Mapping[str, Any]
    """Grid key to its value here."""


@dataclass(frozen=True)
class Contrast:
    """A declared comparison between arms that exist: ``b - a``, or ``(b - a) - (minus_b - minus_a)``."""

    a: Arm
    b: Arm
    minus: tuple[Arm, Arm] | None
    says: str


def base(name: str, found: Size, profile: Path) -> dict[str, Any]:
    """Return the parameters that all arms of a size share: the profile with the size's changes."""
    where = f"{FOLDER / name}.yaml: sizes"
    values = params.load(profile)
    changes = {
        "seeds": list(found.seeds),
        "targets": list(found.targets),
        "retrieval": list(found.retrieval),
        "fetch.languages": found.languages if isinstance(found.languages, str) else list(found.languages),
        **found.changes,
    }
    return changed(values, changes, where)


def changed(values: Mapping[str, Any], changes: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return ``values`` with dotted keys replaced; raise :class:`CairnError` for a key that there is not.

    >>> changed({"a": {"b": 1}}, {"a.b": 2}, "here")
    {'a': {'b': 2}}
    """
    found: dict[str, Any] = copy.deepcopy(dict(values))
    for key, value in changes.items():
        *above, last = key.split(".")
        level: Any = found
        for part in above:
            level = level.get(part) if isinstance(level, dict) else None
        if not isinstance(level, dict) or last not in level:
            raise unknown("key of params.yaml", key, _keys(values), where)
        level[last] = copy.deepcopy(value)
    return found


def _keys(values: Mapping[str, Any]) -> list[str]:
    flat = list(flatten(dict(values)))
    above = {key.rsplit(".", n)[0] for key in flat for n in range(1, key.count(".") + 1)}
    return sorted({*flat, *above})


def of(name: str, study: Study, found: Size, values: Mapping[str, Any]) -> list[Arm]:
    """Return every arm of a study at a size, given the parameters that they share."""
    made: list[Arm] = []
    for group in found.without:
        if group not in study.arms:
            raise unknown("arm", group, study.arms, f"{FOLDER / name}.yaml: sizes.<size>.without")
    for group, told in study.arms.items():
        if group in found.without:
            continue
        where = f"{FOLDER / name}.yaml: arms.{group}"
        grid = {key: _filled(value, found.values, f"{where}.grid.{key}") for key, value in told.grid.items()}
        for key, options in grid.items():
            if not isinstance(options, list) or not options:
                raise CairnError(f"{where}.grid.{key} is {options!r}, must be a list of values such as [500, 1000].")
        for place in itertools.product(*(range(len(options)) for options in grid.values())):
            axes = {key: options[i] for (key, options), i in zip(grid.items(), place, strict=True)}
            fixed = {key: _filled(value, found.values, f"{where}.changes.{key}") for key, value in told.changes.items()}
            rule = axes.get("compute", study.compute)
            changes = fixed | {key: value for key, value in axes.items() if key != "compute"}
            if told.start == "intermediate":
                changes = _length(rule, found, f"{FOLDER / name}.yaml") | changes
            arm = changed(values, changes, where)
            shown = [_shown(value) for value in axes.values()]
            made.append(
                Arm(
                    slug("-".join([group, *shown])), " ".join([told.label or group, *shown]), group, place, told.start,
                    arm, axes,
                )
            )  # fmt: skip
    twice = {arm.name for arm in made if [other.name for other in made].count(arm.name) > 1}
    if twice:
        raise CairnError(
            f"{FOLDER / name}.yaml: arms: several arms are called {', '.join(sorted(twice))}. Rename them."
        )
    return made


def _length(rule: str, found: Size, where: str) -> dict[str, Any]:
    lengths = {"epochs": found.compute.epochs, "steps": found.compute.steps}
    if rule not in lengths:
        raise unknown("compute rule", str(rule), lengths, where)
    if lengths[rule] is None:
        raise CairnError(f"{where}: sizes: compute.{rule} is missing, but arms are to train for equal {rule}. Add it.")
    return {f"train.intermediate.{key}": value if key == rule else None for key, value in lengths.items()}


def _filled(value: Any, values: Mapping[str, Any], where: str) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        if value[1:] not in values:
            raise unknown("value", value, [f"${key}" for key in values], f"{where} (sizes.<size>.values)")
        return values[value[1:]]
    return [_filled(one, values, where) for one in value] if isinstance(value, list) else value


def _shown(value: Any) -> str:
    """Return a value of a grid as a name shows it.

    >>> _shown(["mini_nli", "mini_qa"]), _shown(1000), _shown(None), _shown("bundled:tiny"), _shown([])
    ('mini_nli+mini_qa', '1000', 'all', 'tiny', 'none')
    """
    if value is None:
        return "all"
    if isinstance(value, list):
        return "+".join(map(_shown, value)) or "none"
    return str(value).rsplit(":", 1)[-1].rsplit("/", 1)[-1]


def slug(text: str) -> str:
    """Return a text as part of the name of a file or an experiment.

    >>> slug("quality top/1000")
    'quality-top-1000'
    """
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", text).strip("-.")


def contrasts(name: str, study: Study, made: Sequence[Arm], without: Sequence[str] = ()) -> list[Contrast]:
    """Return the declared comparisons, each group or ``*`` written out arm by arm, but for those ``without``."""
    found = []
    for i, pair in enumerate(study.comparisons):
        where = f"{FOLDER / name}.yaml: comparisons[{i}]"
        if any((match := _REFERENCE.fullmatch(text)) and match[1] in without for text in _sides(pair)):
            continue
        sides = [_refer(text, made, where) for text in _sides(pair)]
        most = max(len(side) for side in sides)
        if any(len(side) not in (1, most) for side in sides):
            told = ", ".join(f"{text} ({len(side)})" for text, side in zip(_sides(pair), sides, strict=True))
            raise CairnError(f"{where}: {told}: each side must be one arm, or as many as the other.")
        for n in range(most):
            a, b, *rest = (side[0] if len(side) == 1 else side[n] for side in sides)
            minus = (rest[0], rest[1]) if rest else None
            words = f"{b.label} against {a.label}"
            if minus:
                words += f", more than {minus[1].label} against {minus[0].label}"
            if pair.says:
                words = pair.says if most == 1 else f"{pair.says} ({b.label})"
            found.append(Contrast(a, b, minus, words))
    return found


def _sides(pair: Pair) -> list[str]:
    return [pair.a, pair.b, *([pair.minus.a, pair.minus.b] if pair.minus else [])]


def _refer(text: str, made: Sequence[Arm], where: str) -> list[Arm]:
    """Return the arms that ``group``, ``group[0]``, ``group[-1]`` or ``group[*, 1]`` names, in the grid's order."""
    match = _REFERENCE.fullmatch(text)
    groups = {arm.group for arm in made}
    if match is None or match[1] not in groups:
        raise unknown("arm", match[1] if match else text, groups, where)
    members = [arm for arm in made if arm.group == match[1]]
    if match[2] is None:
        return members
    shape = [max(arm.place[axis] for arm in members) + 1 for axis in range(len(members[0].place))]
    wanted = [part.strip() for part in match[2].split(",")]
    if len(wanted) != len(shape) or any(not re.fullmatch(r"\*|-?\d+", part) for part in wanted):
        raise CairnError(
            f"{where}: {text!r}: write one place for each of the {len(shape)} axes of {match[1]}'s grid: a number "
            "from 0, -1 for the last, or * for all."
        )
    for part, length in zip(wanted, shape, strict=True):
        if part != "*" and not -length <= int(part) < length:
            raise CairnError(f"{where}: {text!r}: {part} is outside the grid, which has {length} values there.")
    places = [None if part == "*" else int(part) % length for part, length in zip(wanted, shape, strict=True)]
    return [arm for arm in members if all(p is None or p == at for p, at in zip(places, arm.place, strict=True))]


def setup(arm: Arm) -> Experiment:
    """Return the checked top-level keys of an arm's parameters."""
    return params.check(
        Experiment, {key: arm.values[key] for key in Experiment.model_fields if key in arm.values}, arm.name
    )


def write(arm: Arm, file: Path) -> None:
    """Write an arm's params.yaml, in block style: within brackets not every parser takes ``bundled:tiny`` for a text.

    DVC reads with the one in C where ``ruamel.yaml.clib`` is installed.
    """
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    with file.open("w", encoding="utf-8") as handle:
        yaml.dump(dict(arm.values), handle)


@contextmanager
def using(arm: Arm) -> Iterator[None]:
    """Let the parameters be those of ``arm`` while the context lasts, its task folder among them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "params.yaml"
        write(arm, file)
        with params.using(file):
            yield
