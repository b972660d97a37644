"""Sentence pairs: a sentence and its English translation, each content once in a pool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError
from curation.miniworld.generate import ner, nli
from curation.miniworld.languages import load
from curation.miniworld.meaning import Clause
from curation.miniworld.scene import Rng, maybe

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar


@dataclass(frozen=True)
class Sentence:
    """One text of one or two statements."""

    clauses: tuple[Clause, ...]


def item(rng: Rng) -> list[Sentence]:
    """Return one text."""
    if maybe(rng, 0.3):
        return [Sentence((_plain(ner.statement(rng)),))]
    return [Sentence(tuple(_plain(clause) for clause in rng.choice(nli.item(rng)).premise))]


def _plain(c: Clause) -> Clause:
    """Return ``c`` without synonyms and inversions, so that two texts of one content do not both come."""
    found = replace(c.object, variant=0) if c.object else None
    subject, also = replace(c.subject, variant=0), _plain(c.also) if c.also else None
    return replace(c, variant=0, front=None, passive=False, subject=subject, object=found, also=also)


def core(rows: list[Sentence]) -> object:
    """Return what decides the split."""
    return rows[0]


def render(row: Sentence, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published set of translations has it."""
    if grammar.code == "en":
        raise CairnError(
            "bundled:miniworld, config bitext: English is the target side of every pair; ask for another one."
        )
    return {"source_sentence": grammar.text(*row.clauses), "target_sentence": load("en").text(*row.clauses)}
