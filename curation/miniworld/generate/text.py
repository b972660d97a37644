"""Plain text, parallel by key: it has the constructions of every task, for masked and translation language models.

Texts agree with themselves: a second sentence follows from the first or says it again, and never contradicts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.miniworld.generate import choice, nli, paraphrase, pos, qa
from curation.miniworld.meaning import Clause
from curation.miniworld.scene import Rng
from curation.miniworld.words import text_of

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar


@dataclass(frozen=True)
class Text:
    """Statements in a row, and perhaps a question in the end."""

    clauses: tuple[Clause, ...]
    question: pos.Tagged | None = None


def item(rng: Rng) -> list[Text]:
    """Return one short text.

    Two of five say something twice, in other words or with less detail: from them a masked model learns to compare two
    statements within one language, which the tasks of two texts ask for.
    """
    kind = rng.random()
    if kind < 0.25:
        row = rng.choice(nli.item(rng))
        return [Text(rng.choice([row.premise, (row.hypothesis,)]))]
    if kind < 0.50:
        return [_twice(rng)]
    if kind < 0.60:
        pair = rng.choice(paraphrase.item(rng))
        return [Text(rng.choice([pair.first, pair.second]))]
    if kind < 0.75:
        pair = next(row for row in paraphrase.item(rng) if row.label == 1)
        return [Text((*pair.first, *pair.second))]
    if kind < 0.875:
        return [Text((rng.choice(pos.item(rng)).clause,))] if rng.random() < 0.5 else [_asked(rng)]
    told = rng.choice(choice.item(rng))
    if told.asked or rng.random() < 0.5:
        return [Text(told.story)]
    return [Text((*told.story[:1], *told.choices[:1]))]


def _twice(rng: Rng) -> Text:
    while True:
        for row in nli.item(rng):
            if row.label == nli.ENTAILMENT:
                return Text((*row.premise, row.hypothesis))


def _asked(rng: Rng) -> Text:
    found = rng.choice(qa.item(rng))
    assert found.sentence is not None
    start = max(0, found.sentence - rng.randrange(2))
    return Text(found.story[start : found.sentence + 1], pos.Tagged(found.question, found.asked))


def core(rows: list[Text]) -> object:
    """Return what decides the split."""
    return rows[0]


def render(row: Text, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published text set has it."""
    text = grammar.text(*row.clauses)
    return {"text": f"{text} {text_of(pos.said(row.question, grammar))}" if row.question else text}
