"""``studies/<name>.yaml``: a question, the arms that answer it, and the comparisons declared before anything ran."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args

import pydantic

from curation.core import params
from curation.core.errors import CairnError, unknown
from curation.core.params import Section

FOLDER = Path("studies")
SizeName = Literal["demo", "mirror", "paper"]
SIZES: tuple[SizeName, ...] = get_args(SizeName)
Rule = Literal["epochs", "steps"]


class Group(Section):
    """Arms that differ in the values of a grid."""

    start: Literal["pretrained", "intermediate"] = "intermediate"
    """``pretrained``: without the intermediate step."""
    changes: dict[str, Any] = pydantic.Field(default_factory=dict)
    """Dotted key of params.yaml to its value in every arm of the group; ``$name`` is filled in by the size."""
    grid: dict[str, Any] = pydantic.Field(default_factory=dict)
    """Dotted key (or ``compute``) to the list of its values, or the ``$name`` of one; the arms are the product."""
    label: str | None = None
    """How the arms are called in tables; null = the group's name."""


class Pair(Section):
    """Arm ``b`` against arm ``a``; with ``minus``, the difference of two such differences (an interaction)."""

    a: str
    """A group, or one of its arms by place: ``rows[0]``, ``rows[-1]``, ``grid[0, 1]``, ``grid[*, 1]``."""
    b: str
    minus: Pair | None = None
    says: str | None = None
    """What is compared, in words; null = the names of the arms."""


class Compute(Section):
    """How long the intermediate step trains at this size under each rule."""

    epochs: int | None = pydantic.Field(default=None, gt=0)
    steps: int | None = pydantic.Field(default=None, gt=0)


class Size(Section):
    """One size of a study: a profile and what is changed in it."""

    profile: str
    about: str = ""
    """What this size is not, for readers of its numbers."""
    seeds: tuple[int, ...] = pydantic.Field(min_length=1)
    targets: tuple[str, ...] = pydantic.Field(min_length=1)
    languages: tuple[str, ...] | Literal["all"]
    """Test languages."""
    retrieval: tuple[str, ...] = ()
    compute: Compute
    values: dict[str, Any] = pydantic.Field(default_factory=dict)
    """What ``$name`` stands for in the arms."""
    changes: dict[str, Any] = pydantic.Field(default_factory=dict)
    """Dotted key of params.yaml to its value in every arm."""
    metric: str | None = None
    """The primary metric where this size's targets have another one; null = the study's."""
    without: tuple[str, ...] = ()
    """Groups of arms that this size has not; comparisons with them are left out too."""


class Study(Section):
    """A question and how it is answered."""

    question: str
    about: str
    """Where the question comes from, and what is expected; one paragraph."""
    metric: str
    """The primary metric, one of those of the targets' metric: ``f1``, ``macro_f1``, ``exact_match``, ``accuracy``."""
    compute: Rule
    """Arms see their rows equally often (``epochs``), or train for equally many steps (``steps``)."""
    x: str | None = None
    """The key of params.yaml along which the figure runs; null = one line per arm."""
    equivalent: float = pydantic.Field(default=2.0, gt=0)
    """Differences below so many points count as none."""
    arms: dict[str, Group] = pydantic.Field(min_length=1)
    comparisons: tuple[Pair, ...] = pydantic.Field(min_length=1)
    """Declared in advance; the first is the study's answer."""
    sizes: dict[SizeName, Size] = pydantic.Field(min_length=1)
    next: str
    """What to run after it."""


def names() -> dict[str, Path]:
    """Return study name to file; raise :class:`CairnError` outside a clone of Cairn."""
    found = {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))}
    if not found:
        raise CairnError(
            f"no studies in {FOLDER.resolve()}. Run `training study` in the root of a clone of Cairn, where dvc.yaml "
            "and studies/ lie."
        )
    return found


def load(name: str) -> Study:
    """Return the study ``name``, checked; raise :class:`CairnError` that says what to type."""
    known = names()
    if name not in known:
        raise unknown("study", name, known, str(FOLDER))
    return params.check(Study, params.load(known[name]), str(known[name]))


def size(study: Study, name: str, wanted: str) -> Size:
    """Return the size ``wanted`` of a study; raise :class:`CairnError` when it has none of that name."""
    if wanted not in study.sizes:
        raise unknown("size", wanted, study.sizes, f"{FOLDER / name}.yaml: sizes")
    return study.sizes[wanted]
