"""Sentences with people, companies and cities, each word tagged in IOB2."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from curation.miniworld import concepts as world
from curation.miniworld import scene
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.scene import Rng, maybe, other

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar

LABELS = ("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC")


def item(rng: Rng) -> list[Clause]:
    """Return one sentence."""
    return [statement(rng)]


def statement(rng: Rng) -> Clause:
    """Return a statement with names, or, one time in six, without."""
    kind = rng.random()
    time = rng.choice(world.TIMES) if maybe(rng, 0.4) else None
    city = rng.choice(world.CITIES) if maybe(rng, 0.6) else None
    subject = scene.person(rng, named=0.8, surname=0.5)
    if kind < 0.3:
        clause = Clause(subject, "work", employer=rng.choice(world.COMPANIES), place=city, time=time)
    elif kind < 0.45:
        buyer = rng.choice(world.COMPANIES)
        bought = NP(other(rng, world.COMPANIES, buyer), "name")
        verb = rng.choice(["buy", "sell", "found"])
        clause = Clause(NP(buyer, "name"), verb, bought, place=city, time=time, variant=scene.synonym(rng, verb))
    elif kind < 0.6:
        company = NP(rng.choice(world.COMPANIES), "name")
        clause = Clause(subject, rng.choice(["found", "buy", "sell"]), company, place=city, time=time)
    else:
        clause = replace(scene.event(rng, subject), negated=maybe(rng, 0.15))
        clause = replace(clause, place=city) if city else clause
    return scene.paraphrase(rng, clause, synonym=0.0)


def core(rows: list[Clause]) -> object:
    """Return what decides the split."""
    return rows[0]


def render(row: Clause, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published NER set has it."""
    found = grammar.say(row)
    return {"tokens": [word.text for word in found], "ner_tags": [word.entity or "O" for word in found]}
