"""Paraphrase pairs with traps: the same words in other roles mean something else, other words may mean the same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from curation.miniworld import changes, scene
from curation.miniworld import concepts as world
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.scene import Rng, maybe

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar

LABELS = ("different", "paraphrase")
MIX = (0.5, 0.25, 0.25)
"""Shares of pairs whose trap changes one thing, swaps who did what to whom, or swaps two statements' parts."""


@dataclass(frozen=True)
class Paraphrase:
    """Two texts of one or two sentences, and whether they say the same."""

    first: tuple[Clause, ...]
    second: tuple[Clause, ...]
    label: int


def item(rng: Rng) -> list[Paraphrase]:
    """Return the rows of one first sentence: one of each label."""
    while True:
        (make,) = rng.choices([_one, _roles, _two], MIX)
        first, trap = make(rng)
        right, wrong = _again(rng, first), _again(rng, trap)
        if right is not None and wrong is not None:
            break
    rows = [Paraphrase(first, right, 1), Paraphrase(first, wrong, 0)]
    rng.shuffle(rows)
    return rows


def _again(rng: Rng, clauses: tuple[Clause, ...]) -> tuple[Clause, ...] | None:
    """Return the statements in other words or another order; ``None`` when there is no other way to say them.

    Both labels pass through here, so that neither the rewording nor its amount tells them apart.
    """
    for _ in range(8):
        said = tuple(scene.paraphrase(rng, c, passive=0.4, front=0.4, synonym=0.6) for c in clauses)
        said = said[::-1] if len(said) == 2 and maybe(rng, 0.4) else said
        if said != clauses:
            return said
    return None


def _one(rng: Rng) -> tuple[tuple[Clause, ...], tuple[Clause, ...]]:
    """One statement; the trap changes one thing in it."""
    while True:
        subject = scene.person(rng) if maybe(rng, 0.75) else scene.animal(rng)
        c = replace(scene.event(rng, subject, place=0.6, time=0.6), negated=maybe(rng, 0.15))
        if c.object is not None and c.place and c.time:
            return (c,), (changes.relate(rng, c, "exclusive", strict=True),)


def _roles(rng: Rng) -> tuple[tuple[Clause, ...], tuple[Clause, ...]]:
    """Somebody does something to somebody; in the trap it is the other way round."""
    verbs = [name for name, verb in world.VERBS.items() if "person" in verb.objects and "person" in verb.agents]
    one, two = scene.person(rng), scene.person(rng)
    while two.head == one.head:
        two = scene.person(rng)
    c = scene.event(rng, one, place=0.6, time=0.6)
    c = replace(c, verb=rng.choice(verbs), object=two)
    return (c,), (replace(c, subject=two, object=one),)


def _two(rng: Rng) -> tuple[tuple[Clause, ...], tuple[Clause, ...]]:
    """Two statements about two people; the trap swaps the people, or places, or times."""
    one, two = scene.person(rng), scene.person(rng)
    while two.head == one.head:
        two = scene.person(rng)
    a, b = scene.fact(rng, one), scene.fact(rng, two)
    if a.place and b.place and a.place != b.place and maybe(rng, 0.5):
        return (a, b), (replace(a, place=b.place), replace(b, place=a.place))
    if _same(a, b):
        return _two(rng)
    return (a, b), (replace(a, subject=two), replace(b, subject=one))


def _same(a: Clause, b: Clause) -> bool:
    """Return whether swapping the people changes nothing or makes somebody act on themselves."""
    people = {a.subject.head, b.subject.head}
    plain = [replace(c, subject=NP("dog"), variant=0) for c in (a, b)]
    return plain[0] == plain[1] or any(c.object and c.object.head in people for c in (a, b))


def core(rows: list[Paraphrase]) -> object:
    """Return what decides the split: the statements, in no order."""
    return sorted(map(repr, rows[0].first))


def render(row: Paraphrase, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published paraphrase set has it."""
    return {"sentence1": grammar.text(*row.first), "sentence2": grammar.text(*row.second), "label": row.label}
