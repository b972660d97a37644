"""Changes of one statement: to one that says more, less, or something that excludes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from curation.miniworld import concepts as world
from curation.miniworld import scene
from curation.miniworld.meaning import Clause, Det
from curation.miniworld.scene import Rng, maybe, other

Change = Callable[[Rng, Clause], Clause | None]
"""Returns the changed statement, or ``None`` where it has nothing to change."""
ASIDE = 0.25
"""Share of changed premises that also say something the hypothesis does not."""
SUBTLE = 0.05
"""Share of exclusive premises that differ in anything, not only in a place or a quality if there is one."""
Relation = Literal["same", "specific", "exclusive", "general"]


def possible(rng: Rng, c: Clause, changes: tuple[Change, ...]) -> bool:
    """Return whether one of ``changes`` applies to ``c``."""
    return any(change(rng, c) is not None for change in changes)


def relate(rng: Rng, c: Clause, relation: Relation, strict: bool) -> Clause:
    """Return a statement in ``relation`` to ``c``; not ``strict``: now and then with more said beside it."""
    if relation == "same":
        return c
    if relation == "specific":
        found = _hyponyms(rng, c)
        return specific(rng, found, 1 if found == c else rng.choice([0, 1]))
    changed = _clear(rng, c) if relation == "exclusive" else _first(rng, c, GENERAL)
    assert changed is not None, c
    if strict or maybe(rng, 1 - ASIDE):
        return changed
    taken = [name for name in ("place", "time") if getattr(c, name) and not getattr(changed, name)]
    taken += ["adjective"] if c.object and c.object.adj else []  # what was left out must not come back
    return specific(rng, changed, 1, avoid=tuple(taken))


def _clear(rng: Rng, c: Clause) -> Clause | None:
    """Return ``c`` with one thing exchanged; more often one whose values are far apart in meaning."""
    if maybe(rng, 1 - SUBTLE):
        return _first(rng, c, CLEAR) or _first(rng, c, EXCLUSIVE)
    return _first(rng, c, EXCLUSIVE)


def _first(rng: Rng, c: Clause, changes: tuple[Change, ...]) -> Clause | None:
    for change in rng.sample(changes, len(changes)):
        found = change(rng, c)
        if found is not None:
            return found
    return None


def specific(rng: Rng, c: Clause, times: int, avoid: tuple[str, ...] = ()) -> Clause:
    """Return ``c`` with so many things more said, none of them of the kinds in ``avoid``."""
    for _ in range(times):
        found = _first(rng, c, tuple(change for name, change in SPECIFIC.items() if name not in avoid))
        c = found or c
    return c


def extensible(rng: Rng, c: Clause) -> bool:
    """Return whether more can be said than ``c``."""
    return _hyponyms(rng, c) != c or possible(rng, c, tuple(SPECIFIC.values()))


def _hyponyms(rng: Rng, c: Clause) -> Clause:
    if c.object and c.object.head in world.HYPERNYMS:
        return replace(c, object=replace(c.object, head=rng.choice(world.CLASSES[c.object.head]), variant=0))
    return c


def hypernym(rng: Rng, c: Clause) -> Clause:
    """Return ``c`` with the class for its object (*an animal* for *the dog*), where that is a noun."""
    if c.object and c.object.det != "name" and world.class_of(c.object.head) in world.HYPERNYMS:
        return replace(
            c,
            object=replace(
                c.object, head=world.class_of(c.object.head), det=_indefinite(c.object.det), owner=None, variant=0
            ),
        )
    return c


def _indefinite(det: Det) -> Det:
    return "a" if det == "the" else det


def _add_place(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, place=rng.choice(world.PLACES)) if c.place is None and c.adj is None else None


def _add_time(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, time=rng.choice(world.TIMES)) if c.time is None else None


def _add_adjective(rng: Rng, c: Clause) -> Clause | None:
    if c.object and c.object.adj is None and c.object.det != "name":
        return replace(c, object=replace(c.object, adj=scene.adjective(rng, c.object.head)))
    return None


def _drop_place(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, place=None) if c.place and c.verb != "be" else None


def _drop_time(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, time=None) if c.time else None


def _drop_adjective(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, object=replace(c.object, adj=None)) if c.object and c.object.adj else None


def _widen(rng: Rng, c: Clause) -> Clause | None:
    wider = hypernym(rng, c)
    return wider if wider != c and c.object and c.object.head not in world.HYPERNYMS else None


def change_place(rng: Rng, c: Clause) -> Clause | None:
    """Return ``c`` in another place."""
    return replace(c, place=other(rng, world.PLACES, c.place)) if c.place else None


def _change_time(rng: Rng, c: Clause) -> Clause | None:
    for times in world.TIME_SETS:
        if c.time in times:
            return replace(c, time=other(rng, times, c.time))
    return None


def change_adjective(rng: Rng, c: Clause) -> Clause | None:
    """Return ``c`` with the opposite quality, or another colour."""
    if c.adj:
        return replace(c, adj=world.MOODS[c.adj], variant=0)
    if not c.object or not c.object.adj:
        return None
    adj = c.object.adj
    living = world.class_of(c.object.head) in ("person", "animal")
    opposites = {**world.OPPOSITES, **world.TRAITS, "old": "young"} if living else world.OPPOSITES
    excluded = other(rng, world.COLOURS, adj) if adj in world.COLOURS else opposites[adj]
    return replace(c, object=replace(c.object, adj=excluded))


def _change_number(rng: Rng, c: Clause) -> Clause | None:
    if c.object and c.object.det in ("two", "three"):
        return replace(c, object=replace(c.object, det="three" if c.object.det == "two" else "two"))
    return None


def _change_verb(rng: Rng, c: Clause) -> Clause | None:
    opposite = world.VERBS[c.verb].opposite if c.verb != "be" else None
    return replace(c, verb=opposite, variant=0) if opposite else None


def _change_object(rng: Rng, c: Clause) -> Clause | None:
    if c.object is None or c.object.det == "name" or c.object.head in world.HYPERNYMS:
        return None
    members = world.CLASSES[world.class_of(c.object.head)]
    return replace(c, object=replace(c.object, head=other(rng, members, c.object.head, c.subject.head), variant=0))


SPECIFIC: dict[str, Change] = {"place": _add_place, "time": _add_time, "adjective": _add_adjective}
GENERAL: tuple[Change, ...] = (_drop_place, _drop_time, _drop_adjective, _widen)
EXCLUSIVE: tuple[Change, ...] = (
    change_place, _change_time, change_adjective, _change_number, _change_verb, _change_object
)  # fmt: skip
CLEAR: tuple[Change, ...] = (change_place, change_adjective)
"""The exclusive changes between things that are far apart in meaning."""
