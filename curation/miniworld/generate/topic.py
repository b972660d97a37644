"""Short texts with a topic: what most of their sentences are about. Words do tell it, as in topic data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from curation.miniworld import concepts as world
from curation.miniworld import scene
from curation.miniworld.meaning import Clause
from curation.miniworld.scene import Rng, maybe, other

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar

LABELS = ("animal", "fruit", "instrument", "toy", "flower", "vehicle", "clothes")
"""Classes of :data:`concepts.CLASSES`."""
ASIDE = 0.6
"""Share of texts with a sentence about something else."""


@dataclass(frozen=True)
class Topical:
    """Two or three statements, and what two of them are about."""

    clauses: tuple[Clause, ...]
    label: int


def item(rng: Rng) -> list[Topical]:
    """Return one text."""
    topic = rng.choice(LABELS)
    clauses = [_about(rng, topic), _about(rng, topic)]
    if maybe(rng, ASIDE):
        away = _about(rng, other(rng, LABELS, topic)) if maybe(rng, 0.5) else scene.state(rng, scene.person(rng))
        clauses.insert(rng.randrange(3), away)
    return [Topical(tuple(clauses), LABELS.index(topic))]


def _about(rng: Rng, topic: str) -> Clause:
    """Return something that a person did with a thing of the class ``topic``, or that such an animal did."""
    if topic == "animal" and maybe(rng, 0.5):
        return scene.event(rng, scene.animal(rng))
    while True:
        found = scene.event(rng, scene.person(rng))
        if topic in world.VERBS[found.verb].objects:
            return replace(found, object=scene.thing(rng, (topic,)))


def core(rows: list[Topical]) -> object:
    """Return what decides the split."""
    return rows[0].clauses


def render(row: Topical, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published topic set has it."""
    return {"text": grammar.text(*row.clauses), "label": row.label}
