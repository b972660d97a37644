"""Multiple choice: short answers to a question about a story, or sentences of which one is true; two to four choices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from curation.miniworld import concepts as world
from curation.miniworld import scene
from curation.miniworld.generate import qa
from curation.miniworld.scene import Rng, maybe
from curation.miniworld.words import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from curation.miniworld.grammar import Grammar, Wh
    from curation.miniworld.meaning import Clause

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
    alike = [clause for clause in told if clause.verb == main.verb and clause != main][0]
    wrong = [main, alike]
    while len(wrong) < 6:
        wrong.append(_other(rng, main, asked, told))
    answers = _distinct(wrong, lambda clause: _value(clause, asked))
    short = _row(rng, told, qa.ask(rng, main, asked), asked, answers)
    whole = [_other(rng, main, rng.choice(qa.ASKED), told) for _ in range(6)]
    swapped = replace(alike, object=main.object) if maybe(rng, 0.5) else replace(main, place=alike.place)
    said = [replace(scene.paraphrase(rng, clause), front=None) for clause in _distinct([main, swapped, *whole], repr)]
    return [short, _row(rng, told, main, "", said)]


def _other(rng: Rng, main: Clause, asked: Wh, told: tuple[Clause, ...]) -> Clause:
    """Return ``main`` with another value in the role ``asked``."""
    if asked == "subject":
        known = [clause.subject for clause in told if not clause.subject.pron and clause.subject.head != main.subject.head]
        subject = rng.choice(known) if maybe(rng, 0.6) else qa.people(rng, 1, main.subject)[0]
        return replace(main, subject=subject)
    if asked == "object":
        assert main.object is not None
        while True:
            found = scene.thing(rng, world.VERBS[main.verb].objects)
            if found.head not in (main.subject.head, main.object.head):
                return replace(main, object=found)
    if asked == "place":
        known_places = [c.place for c in told if c.place not in (None, main.place)]
        return replace(main, place=rng.choice(known_places or [p for p in world.PLACES if p != main.place]))
    return replace(main, time=scene.other(rng, world.TIMES, main.time))


def _value(clause: Clause, asked: Wh) -> str:
    return repr(getattr(clause, asked))


def _distinct(clauses: list[Clause], name: Callable[[Clause], str]) -> list[Clause]:
    return list({name(clause): clause for clause in reversed(clauses)}.values())[::-1]


def _row(rng: Rng, told: tuple[Clause, ...], question: Clause, asked: Wh, choices: list[Clause]) -> Choice:
    """Return a row with two to four of ``choices``, the first of which is right."""
    right, wrong = choices[0], choices[1 : rng.choice([2, 3, 4])]
    mixed = [right, *wrong]
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
