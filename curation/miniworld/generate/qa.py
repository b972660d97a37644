"""Span questions: a short story in which other people do the same and the same people do other things."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from curation.miniworld import concepts as world
from curation.miniworld import scene
from curation.miniworld.grammar import WHO, Grammar, Wh
from curation.miniworld.meaning import NP, Clause
from curation.miniworld.scene import Rng, maybe, other
from curation.miniworld.words import offsets, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ASKED: tuple[Wh, ...] = ("subject", "object", "place", "time")


@dataclass(frozen=True)
class Question:
    """A story, a question about it, and the sentence that answers it (``None`` = no sentence does)."""

    story: tuple[Clause, ...]
    question: Clause
    asked: Wh
    sentence: int | None


def item(rng: Rng, unanswerable: float = 0.0) -> list[Question]:
    """Return two questions about one story."""
    told, main = story(rng)
    rows = []
    for asked in rng.sample(ASKED, 2):
        question = ask(rng, main, asked)
        if maybe(rng, unanswerable):
            rows.append(Question(told, _elsewhere(rng, question, told), asked, None))
        else:
            rows.append(Question(told, question, asked, told.index(main)))
    return rows


def story(rng: Rng) -> tuple[tuple[Clause, ...], Clause]:
    """Return three to five statements, and the one to ask about."""
    verb = rng.choice([name for name in world.TRANSITIVE if world.VERBS[name].agents[0] == "person"])
    one, two = people(rng, 2)
    things = world.VERBS[verb].objects
    main = _told(rng, one, verb, things, (one, two))
    while True:
        same_verb = _told(rng, two, verb, things, (one, two))
        clash = {main.place, main.time} & {same_verb.place, same_verb.time}
        if same_verb.object and main.object and same_verb.object.head != main.object.head and not clash:
            break
    verbs = [name for name in world.TRANSITIVE if name != verb and "person" in world.VERBS[name].agents]
    other_verb = rng.choice([name for name in verbs if world.VERBS[name].objects[0] in world.OBJECTS])
    also = _told(rng, one, other_verb, world.OBJECTS, (one, two))
    also = replace(also, place=other(rng, world.PLACES, main.place), time=None, subject=replace(one, pron=True))
    blocks: list[tuple[Clause, ...]] = [(main, also), (same_verb,)]
    if maybe(rng, 0.5):
        blocks.append((scene.state(rng, people(rng, 1, one, two)[0]),))
    rng.shuffle(blocks)
    return tuple(clause for block in blocks for clause in block), main


def people(rng: Rng, count: int, *taken: NP) -> list[NP]:
    """Return so many people, all different from one another and from ``taken``."""
    found = list(taken)
    while len(found) < count + len(taken):
        new = scene.person(rng, named=0.7)
        if new.head not in [np.head for np in found]:
            found.append(replace(new, adj=None, variant=0))
    return found[len(taken) :]


def _told(rng: Rng, subject: NP, verb: str, things: Sequence[str], taken: Sequence[NP]) -> Clause:
    """Return an event with object, place and time, all said."""
    while True:
        found = scene.thing(rng, things)
        if found.head not in [np.head for np in taken]:
            break
    place = rng.choice(world.CITIES if maybe(rng, 0.3) else world.PLACES)
    front = rng.choice(["time", None, None])
    return Clause(subject, verb, found, place=place, time=rng.choice(world.TIMES), front=front)  # type: ignore[arg-type]


def ask(rng: Rng, main: Clause, asked: Wh) -> Clause:
    """Return the content of the question: what is known, without the answer."""
    found = main.object
    if found and found.det == "a":
        found = replace(found, det="the")
    known = replace(main, object=found, front=None)
    if asked == "subject":
        known = replace(known, subject=NP(WHO, "name"))
    keep = rng.choice(["place", "time", "both", "neither"])
    place = None if asked == "place" or keep in ("time", "neither") else known.place
    time = None if asked == "time" or keep in ("place", "neither") else known.time
    return replace(known, place=place, time=time)


def _elsewhere(rng: Rng, question: Clause, told: Sequence[Clause]) -> Clause:
    """Return a question that looks alike and that nothing in the story answers."""
    if question.subject.head != WHO and maybe(rng, 0.5):
        return replace(question, subject=people(rng, 1, *(clause.subject for clause in told))[0])
    used = {clause.verb for clause in told}
    verbs = [v for v in world.TRANSITIVE if v not in used and world.VERBS[v].objects == world.OBJECTS]
    return replace(question, verb=rng.choice(verbs), variant=0)


def core(rows: list[Question]) -> object:
    """Return what decides the split: the story."""
    return rows[0].story


def answer(row: Question, grammar: Grammar) -> tuple[str, int] | None:
    """Return the answer as it stands in the context, and where."""
    if row.sentence is None:
        return None
    before = grammar.text(*row.story[: row.sentence])
    words = grammar.say(row.story[row.sentence])
    text, spans = offsets(words)
    found = [span for word, span in zip(words, spans, strict=True) if word.role == row.asked]
    start, end = found[0][0], found[-1][1]
    return text[start:end], start + len(before) + (1 if before else 0)


def render(row: Question, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published question set has it."""
    found = answer(row, grammar)
    return {
        "context": grammar.text(*row.story),
        "question": text_of(grammar.ask(row.question, row.asked)),
        "answers": {"text": [found[0]], "answer_start": [found[1]]} if found else {"text": [], "answer_start": []},
    }
