"""Multiple choice: short answers to a question about a story, or sentences of which one is true; two to four choices.

Every choice is made of what the story says, and equally much of it, so that neither length nor shared words give the
right one away: a wrong sentence takes its parts from two sentences of the story. In every other row such a sentence is
denied, and so it is the right one, and the sentence that looks most like the story is denied, too, and wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from curation.miniworld import scene
from curation.miniworld.generate import qa
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.scene import Rng, maybe
from curation.miniworld.words import text_of

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar, Wh

WHICH = {
    "en": "Which sentence is true?",
    "de": "Welcher Satz ist richtig?",
    "es": "¿Qué frase es verdadera?",
    "fr": "Quelle phrase est vraie?",
    "it": "Quale frase è vera?",
    "ru": "Какое предложение верно?",
}


@dataclass(frozen=True)
class Choice:
    """A story, a question (``asked`` is empty when whole sentences are the choices), and clauses to choose from."""

    story: tuple[Clause, ...]
    question: Clause
    asked: Wh
    choices: tuple[Clause, ...]
    label: int


def item(rng: Rng) -> list[Choice]:
    """Return one row of each form about one story."""
    told, main = qa.story(rng)
    asked = rng.choice(qa.ASKED)
    values = {_name(clause, asked): clause for clause in reversed(told) if _said(clause, asked)}
    values.pop(_name(main, asked))
    wrong = rng.sample([*values.values()], len(values))
    short = _row(rng, told, qa.ask(rng, main, asked), asked, main, wrong)
    return [short, sentences(rng, told, main)]


def _said(clause: Clause, asked: Wh) -> bool:
    return getattr(clause, asked) is not None and not (asked == "subject" and clause.subject.pron)


def _name(clause: Clause, asked: Wh) -> str:
    """Return what must differ between two answers: for people and things the noun alone."""
    value = getattr(clause, asked)
    return value.head if isinstance(value, NP) else str(value)


def sentences(rng: Rng, told: tuple[Clause, ...], main: Clause) -> Choice:
    """Return a row whose choices mix the two sentences that have the same verb; exactly one of them is true.

    A sentence has three parts: who, what, and when or where. With the number of the sentence that each is taken from,
    000 is true, and 011, 101 and 110 are not; any two of the four have one part in common.
    """
    alike = next(clause for clause in told if clause.verb == main.verb and clause != main)
    first, second = rng.sample([main, alike], 2)
    keep: Literal["place", "time"] = rng.choice(["place", "time"])
    true = _mixed(first, second, (0, 0, 0), keep)
    mixed = [_mixed(first, second, parts, keep) for parts in rng.sample([(0, 1, 1), (1, 0, 1), (1, 1, 0)], 3)]
    if maybe(rng, 0.5):
        right, wrong = replace(mixed[0], negated=True), [replace(true, negated=True), *mixed[1:]]
    else:
        right, wrong = true, mixed
    front = keep if keep == "time" and maybe(rng, 0.5) else None
    passive = maybe(rng, 0.5) and all(scene.can_be_passive(clause) for clause in (right, *wrong))
    row = _row(rng, told, main, "", right, wrong)
    return replace(row, choices=tuple(replace(clause, front=front, passive=passive) for clause in row.choices))


def _mixed(first: Clause, second: Clause, parts: tuple[int, int, int], keep: Literal["place", "time"]) -> Clause:
    """Return who, what, and when or where, each of the sentence that ``parts`` says."""
    who, what, where = ((first, second)[part] for part in parts)
    place, time = (where.place, None) if keep == "place" else (None, where.time)
    return replace(first, subject=who.subject, object=what.object, place=place, time=time)


def _row(rng: Rng, told: tuple[Clause, ...], question: Clause, asked: Wh, right: Clause, wrong: list[Clause]) -> Choice:
    """Return a row with ``right`` and the first one to three of ``wrong``."""
    mixed = [right, *wrong[: rng.randrange(1, min(len(wrong), 3) + 1)]]
    rng.shuffle(mixed)
    return Choice(told, question, asked, tuple(mixed), mixed.index(right))


def core(rows: list[Choice]) -> object:
    """Return what decides the split: the story."""
    return rows[0].story


def render(row: Choice, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published multiple-choice set has it."""
    if row.asked:
        question = text_of(grammar.ask(row.question, row.asked))
        choices = [text_of([w for w in grammar.clause(clause) if w.role == row.asked]) for clause in row.choices]
    else:
        question, choices = WHICH[grammar.code], [grammar.text(clause) for clause in row.choices]
    return {"context": grammar.text(*row.story), "question": question, "choices": choices, "label": row.label}
