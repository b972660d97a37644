"""Plain text, parallel by key: it covers the constructions of every task, for masked and translation language models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.miniworld.generate import nli, paraphrase
from curation.miniworld.meaning import Clause
from curation.miniworld.scene import Rng

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar


@dataclass(frozen=True)
class Text:
    """Statements in a row."""

    clauses: tuple[Clause, ...]


def item(rng: Rng) -> list[Text]:
    """Return one short text."""
    if rng.random() < 0.3:
        return [Text(rng.choice(paraphrase.item(rng)).first)]
    row = rng.choice(nli.item(rng))
    return [Text(rng.choice([row.premise, (row.hypothesis,), (*row.premise, row.hypothesis)]))]


def core(rows: list[Text]) -> object:
    """Return what decides the split."""
    return rows[0].clauses


def render(row: Text, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published text set has it."""
    return {"text": grammar.text(*row.clauses)}
