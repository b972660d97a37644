"""Planted defects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from curation import params as parameters
from curation.params import Section


class Plant(Section):
    """Shares of the train rows that get each defect; a row gets one at most."""

    label_noise: float = Field(ge=0, le=0.5)
    """Another label than the right one; for spans a shifted answer, for tags a wrong tag."""
    noise_kind: Literal["uniform", "class_conditional"]
    """Any other label, or always the next one (each class is mistaken for one certain other)."""
    near_duplicates: float = Field(ge=0, le=0.3)
    """The same row again with slips: case, punctuation, spaces, a typo; same label."""
    conflicts: float = Field(ge=0, le=0.3)
    """Such a second row with another label."""
    off_topic: float = Field(ge=0, le=0.3)
    """Web page boilerplate instead of the text."""
    garbled: float = Field(ge=0, le=0.3)
    """Broken encoding, mark-up, shuffled letters."""
    leaks: float = Field(ge=0, le=0.3)
    """English dev and test rows of the task ``leak_from``, some with slips."""
    leak_from: str
    """The target whose rows leak: a miniworld task of two sentences."""
    translation_errors: float = Field(ge=0, le=0.5)
    """Of the translations: a dropped clause, a changed number, the wrong language, a repetition."""


class Params(Section):
    """Section ``miniworld``."""

    seed: int = Field(ge=0)
    """The content of every bundled set derives from it."""
    plant: Plant | None
    """Defects in the train split of intermediate tasks; null = none."""


def section(plant: Plant | Mapping[str, Any]) -> Plant:
    """Return ``plant`` as a checked section."""
    return plant if isinstance(plant, Plant) else parameters.check(Plant, dict(plant), "params.yaml: miniworld.plant")


def rows(config: str, split: str, lang: str, n: int, seed: int, plant: Plant) -> list[dict[str, Any]]:
    raise NotImplementedError


def truth(config: str, split: str, lang: str, n: int, seed: int, plant: Plant) -> list[dict[str, Any]]:
    raise NotImplementedError
