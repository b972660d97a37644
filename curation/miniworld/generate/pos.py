"""Sentences with the universal part of speech of every word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.miniworld.generate import ner, nli, qa
from curation.miniworld.meaning import Clause
from curation.miniworld.scene import Rng

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar, Wh
    from curation.miniworld.words import Words

LABELS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM",
    "VERB", "X",
)  # fmt: skip


@dataclass(frozen=True)
class Tagged:
    """A statement, or a question for ``wh``."""

    clause: Clause
    wh: Wh = ""


def item(rng: Rng) -> list[Tagged]:
    """Return one sentence."""
    kind = rng.random()
    if kind < 0.25:
        question = rng.choice(qa.item(rng))
        return [Tagged(question.question, question.asked)]
    if kind < 0.45:
        return [Tagged(ner.statement(rng))]
    row = rng.choice(nli.item(rng))
    return [Tagged(rng.choice(row.premise))]


def core(rows: list[Tagged]) -> object:
    """Return what decides the split."""
    return rows[0]


def said(row: Tagged, grammar: Grammar) -> Words:
    """Return the sentence's words."""
    return grammar.ask(row.clause, row.wh) if row.wh else grammar.say(row.clause)


def render(row: Tagged, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published treebank has it."""
    found = said(row, grammar)
    return {"tokens": [word.text for word in found], "upos": [word.pos for word in found]}
