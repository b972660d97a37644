"""Random content: people, things and statements about them, drawn by a seeded generator and free of any language."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from curation.miniworld import concepts as world
from curation.miniworld.meaning import NP, Clause, Det

T = TypeVar("T")
Rng = random.Random


def maybe(rng: Rng, share: float) -> bool:
    """Return true with probability ``share``."""
    return rng.random() < share


def other(rng: Rng, options: Sequence[T], *taken: T | None) -> T:
    """Return one of ``options`` that is none of ``taken``."""
    return rng.choice([option for option in options if option not in taken])


def synonym(rng: Rng, concept: str) -> int:
    """Return which word to take for ``concept``."""
    return int(concept in world.SYNONYMS and maybe(rng, 0.3))


def person(rng: Rng, gender: str | None = None, named: float = 0.5, surname: float = 0.25) -> NP:
    """Return one person: a name, or a noun with *the*."""
    if maybe(rng, named):
        pool = {"m": world.MEN, "f": world.WOMEN, None: (*world.MEN, *world.WOMEN)}[gender]
        return NP(rng.choice(pool), "name", surname=rng.choice(world.SURNAMES) if maybe(rng, surname) else None)
    nouns = [noun for noun, g in world.PEOPLE.items() if gender in (None, g)]
    head = rng.choice(nouns)
    return NP(head, "the", adj=rng.choice([*world.TRAITS]) if maybe(rng, 0.2) else None, variant=synonym(rng, head))


def animal(rng: Rng) -> NP:
    """Return one animal, sometimes somebody's."""
    adj = rng.choice([*world.FURS, "old", "big", "small"]) if maybe(rng, 0.35) else None
    return NP(rng.choice(world.CLASSES["animal"]), "the", adj=adj, owner=_owner(rng))


def _owner(rng: Rng) -> str | None:
    return rng.choice([*world.PEOPLE]) if maybe(rng, 0.2) else None


def adjective(rng: Rng, head: str) -> str:
    """Return a quality that goes with the noun ``head``."""
    kind = world.class_of(head)
    if kind == "person":
        return rng.choice([*world.TRAITS])
    if kind == "animal":
        return rng.choice([*world.FURS, "old", "big", "small"])
    if kind in ("fruit", "flower"):
        return rng.choice(["red", "yellow", "green", "white", "big", "small", "expensive", "cheap"])
    return rng.choice([*world.COLOURS * 4, *world.OPPOSITES])


def when(rng: Rng) -> str:
    """Return a time; one of four is a day of the week."""
    return rng.choice(rng.choice([*world.TIME_SETS, ("yesterday", "last_week")]))


def thing(rng: Rng, kinds: Sequence[str], adj: float = 0.5) -> NP:
    """Return something of one of the classes ``kinds``: a person, an animal or an object."""
    kind = rng.choice(kinds)
    if kind == "person":
        return person(rng)
    if kind == "company":
        return NP(rng.choice(world.COMPANIES), "name")
    head = rng.choice(world.CLASSES[kind])
    dets: list[Det] = ["a", "a", "a", "the", "the", "two", "three"]
    det = rng.choice(dets)
    owner = _owner(rng) if det == "the" else None
    quality = adjective(rng, head) if maybe(rng, adj) else None
    return NP(head, det, adj=quality, owner=owner, variant=synonym(rng, head))


def event(rng: Rng, subject: NP, place: float = 0.55, time: float = 0.45) -> Clause:
    """Return something that ``subject`` did."""
    kind = world.class_of(subject.head)
    verbs = [name for name, verb in world.VERBS.items() if kind in verb.agents]
    transitive = [name for name in verbs if world.VERBS[name].objects]
    name = rng.choice(transitive if maybe(rng, 0.8) else [name for name in verbs if name not in transitive])
    objects = world.VERBS[name].objects
    found = thing(rng, objects) if objects else None
    while found is not None and found.head == subject.head:
        found = thing(rng, objects)
    return Clause(
        subject,
        name,
        found,
        place=rng.choice(world.PLACES) if maybe(rng, place) else None,
        time=when(rng) if maybe(rng, time) else None,
        variant=synonym(rng, name),
    )


def state(rng: Rng, subject: NP) -> Clause:
    """Return where ``subject`` was, or what it was like."""
    time = when(rng) if maybe(rng, 0.4) else None
    if world.class_of(subject.head) == "person" and maybe(rng, 0.5):
        mood = rng.choice([*world.MOODS])
        return Clause(subject, adj=mood, time=time, variant=synonym(rng, mood))
    return Clause(subject, place=rng.choice(world.PLACES), time=time)


def fact(rng: Rng, subject: NP) -> Clause:
    """Return an event or a state."""
    return event(rng, subject) if maybe(rng, 0.65) else state(rng, subject)


def paraphrase(rng: Rng, c: Clause, passive: float = 0.3, front: float = 0.35, synonym: float = 0.4) -> Clause:
    """Return the same content said in another way: voice, word order, synonyms."""
    fronts = [name for name in ("place", "time") if getattr(c, name) and not (c.verb == "be" and name == "place")]
    c = replace(c, front=rng.choice(fronts) if fronts and maybe(rng, front) else None)  # type: ignore[arg-type]
    if can_be_passive(c):
        c = replace(c, passive=maybe(rng, passive))
    return synonyms(rng, c, synonym)


def synonyms(rng: Rng, c: Clause, share: float) -> Clause:
    """Return ``c`` with its words exchanged for their synonyms, each with probability ``share``."""
    if (c.adj or c.verb) in world.SYNONYMS and maybe(rng, share):
        c = replace(c, variant=1 - c.variant)
    if c.object and c.object.head in world.SYNONYMS and maybe(rng, share):
        c = replace(c, object=replace(c.object, variant=1 - c.object.variant))
    if c.subject.head in world.SYNONYMS and maybe(rng, share):
        c = replace(c, subject=replace(c.subject, variant=1 - c.subject.variant))
    return c


def can_be_passive(c: Clause) -> bool:
    """Return whether the clause has a passive that reads well in every language."""
    subject, verb = c.subject, world.VERBS.get(c.verb)
    plain = subject.det in ("the", "name") and not subject.pron and not subject.plural
    return bool(verb and verb.passive and c.object and plain and not (c.negated and c.object.det == "a") and not c.also)
