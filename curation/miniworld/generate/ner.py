"""Sentences with people, companies and cities, each word tagged in IOB2.

Some people bear the name of a city and some companies that of a family, so that a list of names does not solve it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from curation.miniworld import concepts as world
from curation.miniworld import scene
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.scene import Rng, maybe, other

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar

CITY_SURNAMES = ("Berlin", "Madrid", "London")
"""Cities that are surnames too, in words that every language inflects as it does surnames."""
LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")


def item(rng: Rng) -> list[Clause]:
    """Return one sentence."""
    return [statement(rng)]


def statement(rng: Rng) -> Clause:
    """Return a statement with names, or, one time in eight, without."""
    kind = rng.random()
    time = rng.choice(world.TIMES) if maybe(rng, 0.4) else None
    city = rng.choice(world.CITIES) if maybe(rng, 0.6) else None
    subject = scene.person(rng, named=0.8, surname=0.5)
    if subject.surname and maybe(rng, 0.4):
        subject = replace(subject, surname=rng.choice(CITY_SURNAMES))
    if kind < 0.3:
        employer = other(rng, world.SURNAMES if maybe(rng, 0.5) else world.COMPANIES, subject.surname)
        clause = Clause(subject, "work", employer=employer, place=city, time=time)
    elif kind < 0.45:
        buyer = rng.choice(world.COMPANIES)
        bought = NP(other(rng, world.COMPANIES, buyer), "name")
        verb = rng.choice(["buy", "sell", "found"])
        clause = Clause(NP(buyer, "name"), verb, bought, place=city, time=time, variant=scene.synonym(rng, verb))
    elif kind < 0.6:
        company = NP(rng.choice(world.COMPANIES), "name")
        clause = Clause(subject, rng.choice(["found", "buy", "sell"]), company, place=city, time=time)
    elif kind < 0.88:
        clause = replace(scene.event(rng, subject), negated=maybe(rng, 0.15))
        clause = replace(clause, place=city) if city else clause
    else:
        clause = scene.event(rng, scene.person(rng, named=0.0))
    return scene.paraphrase(rng, clause, synonym=0.0)


def core(rows: list[Clause]) -> object:
    """Return what decides the split."""
    return rows[0]


def render(row: Clause, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published NER set has it."""
    found = grammar.say(row)
    return {"tokens": [word.text for word in found], "ner_tags": [word.entity or "O" for word in found]}
