"""Natural language inference, built hypothesis first, so that a hypothesis alone says nothing about its label.

A hypothesis is drawn from one distribution. Its premise is then built to fit the wanted label by the relation of
the two statements, both without their negation (as in natural logic):

==================  =================  ==============  ==================
premise is          H, P affirmed      H denied        P denied, H denied
==================  =================  ==============  ==================
more specific       entailment         contradiction   neutral
exclusive           contradiction      entailment      neutral
more general        neutral            neutral         entailment
==================  =================  ==============  ==================

and P denied, H affirmed: contradiction for a more general premise, else neutral. Two statements are taken to be
about one event, as annotators of NLI do: another place, day, colour or number excludes the first.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from curation.miniworld import concepts as world
from curation.miniworld import scene
from curation.miniworld.meaning import NP, Clause, Det
from curation.miniworld.scene import Rng, maybe, other

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar

LABELS = ("entailment", "neutral", "contradiction")
ENTAILMENT, NEUTRAL, CONTRADICTION = range(3)
Relation = str
QUANTIFIED, COREFERENCE, JOINED = 0.05, 0.02, 0.015
"""Shares of premises about *all*, *some*, *no*; about two people and a pronoun; and of two statements (two rows each)."""
ASIDE = 0.25
"""Share of changed premises that also say something the hypothesis does not."""
SUBTLE = 0.3
"""Share of exclusive premises that differ in anything, not only in a place or a quality if there is one."""
Change = Callable[[Rng, Clause], Clause | None]


@dataclass(frozen=True)
class Inference:
    """One premise (one or two sentences), one hypothesis, one label."""

    premise: tuple[Clause, ...]
    hypothesis: Clause
    label: int
    kind: str = ""


PLANS: dict[int, tuple[tuple[float, str, bool, bool], ...]] = {
    ENTAILMENT: (
        (0.46, "specific", False, False),
        (0.40, "same", False, False),
        (0.12, "same", True, True),
        (0.01, "general", True, True),
        (0.01, "exclusive", False, True),
    ),
    NEUTRAL: (
        (0.86, "general", False, False),
        (0.11, "general", False, True),
        (0.02, "specific", True, True),
        (0.01, "exclusive", True, True),
    ),
    CONTRADICTION: (
        (0.66, "exclusive", False, False),
        (0.20, "same", True, False),
        (0.14, "specific", False, True),
    ),
}
"""Label to its constructions: (share, premise is ... than the hypothesis, premise denied, hypothesis denied)."""


def item(rng: Rng) -> list[Inference]:
    """Return the rows of one premise: one or two."""
    kind = rng.random()
    if kind < QUANTIFIED:
        return [quantified(rng)]
    if kind < QUANTIFIED + COREFERENCE:
        return [coreference(rng)]
    subject = scene.person(rng) if maybe(rng, 0.75) else scene.animal(rng)
    if kind < 1 - JOINED:
        return [pair(rng, subject, rng.randrange(3))]
    return joined(rng, subject)


def pair(rng: Rng, subject: NP, label: int) -> Inference:
    """Return a row of one premise statement and one hypothesis about ``subject``.

    The hypothesis is drawn first, and only such as can have a premise of each relation: its words do not depend on the
    label, and its negation is as frequent with every label.
    """
    while True:
        plain = scene.fact(rng, subject)
        plain = _hypernym(rng, plain) if maybe(rng, 0.15) else plain
        if all(_possible(plain, changes) for changes in (EXCLUSIVE, GENERAL)):
            break
    plans = PLANS[label]
    _, relation, p_denied, h_denied = rng.choices(plans, [plan[0] for plan in plans])[0]
    said = scene.paraphrase(rng, replace(plain, negated=h_denied), passive=0.15, front=0.15, synonym=0.0)
    while True:
        premise = replace(relate(rng, plain, relation, strict=p_denied), negated=p_denied)
        premise = scene.paraphrase(rng, premise, passive=0.15, front=0.15, synonym=0.3)
        if premise != said:
            name = f"{relation}{'-P' if p_denied else ''}{'-H' if h_denied else ''}"
            return Inference((premise,), said, label, name)


def _possible(c: Clause, changes: tuple[Change, ...]) -> bool:
    return any(change(random.Random(0), c) is not None for change in changes)


def relate(rng: Rng, c: Clause, relation: Relation, strict: bool) -> Clause:
    """Return a statement in ``relation`` to ``c``; not ``strict``: now and then with more said beside it."""
    if relation == "same":
        return c
    if relation == "specific":
        found = _hyponyms(rng, c)
        return _specific(rng, found, 1 if found == c else rng.choice([0, 1]))
    changed = _clear(rng, c) if relation == "exclusive" else _first(rng, c, GENERAL)
    assert changed is not None, c
    if strict or maybe(rng, 1 - ASIDE):
        return changed
    taken = [name for name in ("place", "time") if getattr(c, name) and not getattr(changed, name)]
    return _specific(rng, changed, 1, avoid=tuple(taken))


def _clear(rng: Rng, c: Clause) -> Clause | None:
    """Return ``c`` with one thing exchanged; more often one whose values are far apart in meaning."""
    if maybe(rng, 1 - SUBTLE):
        return _first(rng, c, (_change_place, _change_adjective)) or _first(rng, c, EXCLUSIVE)
    return _first(rng, c, EXCLUSIVE)


def _first(rng: Rng, c: Clause, changes: tuple[Change, ...]) -> Clause | None:
    for change in rng.sample(changes, len(changes)):
        found = change(rng, c)
        if found is not None:
            return found
    return None


def _specific(rng: Rng, c: Clause, times: int, avoid: tuple[str, ...] = ()) -> Clause:
    for _ in range(times):
        found = _first(rng, c, tuple(change for name, change in SPECIFIC.items() if name not in avoid))
        c = found or c
    return c


def _hyponyms(rng: Rng, c: Clause) -> Clause:
    if c.object and c.object.head in world.HYPERNYMS:
        return replace(c, object=replace(c.object, head=rng.choice(world.CLASSES[c.object.head]), variant=0))
    return c


def _hypernym(rng: Rng, c: Clause) -> Clause:
    if c.object and c.object.det != "name" and world.class_of(c.object.head) in world.HYPERNYMS:
        return replace(c, object=replace(c.object, head=world.class_of(c.object.head), det=_indefinite(c.object.det), owner=None, variant=0))
    return c


def _indefinite(det: Det) -> Det:
    return "a" if det == "the" else det


def _add_place(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, place=rng.choice(world.PLACES)) if c.place is None and c.adj is None else None


def _add_time(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, time=rng.choice(world.TIMES)) if c.time is None else None


def _add_adjective(rng: Rng, c: Clause) -> Clause | None:
    if c.object and c.object.adj is None and c.object.det != "name":
        return replace(c, object=replace(c.object, adj=scene.adjective(rng, c.object.head)))
    return None


def _drop_place(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, place=None) if c.place and c.verb != "be" else None


def _drop_time(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, time=None) if c.time else None


def _drop_adjective(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, object=replace(c.object, adj=None)) if c.object and c.object.adj else None


def _widen(rng: Rng, c: Clause) -> Clause | None:
    wider = _hypernym(rng, c)
    return wider if wider != c and c.object and c.object.head not in world.HYPERNYMS else None


def _change_place(rng: Rng, c: Clause) -> Clause | None:
    return replace(c, place=other(rng, world.PLACES, c.place)) if c.place else None


def _change_time(rng: Rng, c: Clause) -> Clause | None:
    for times in world.TIME_SETS:
        if c.time in times:
            return replace(c, time=other(rng, times, c.time))
    return None


def _change_adjective(rng: Rng, c: Clause) -> Clause | None:
    if c.adj:
        return replace(c, adj=world.MOODS[c.adj], variant=0)
    if not c.object or not c.object.adj:
        return None
    adj = c.object.adj
    excluded = other(rng, world.COLOURS, adj) if adj in world.COLOURS else {**world.TRAITS, **world.OPPOSITES}[adj]
    return replace(c, object=replace(c.object, adj=excluded))


def _change_number(rng: Rng, c: Clause) -> Clause | None:
    if c.object and c.object.det in ("two", "three"):
        return replace(c, object=replace(c.object, det="three" if c.object.det == "two" else "two"))
    return None


def _change_verb(rng: Rng, c: Clause) -> Clause | None:
    opposite = world.VERBS[c.verb].opposite if c.verb != "be" else None
    return replace(c, verb=opposite, variant=0) if opposite else None


def _change_object(rng: Rng, c: Clause) -> Clause | None:
    if c.object is None or c.object.det == "name" or c.object.head in world.HYPERNYMS:
        return None
    members = world.CLASSES[world.class_of(c.object.head)]
    return replace(c, object=replace(c.object, head=other(rng, members, c.object.head, c.subject.head), variant=0))


SPECIFIC: dict[str, Change] = {"place": _add_place, "time": _add_time, "adjective": _add_adjective}
GENERAL: tuple[Change, ...] = (_drop_place, _drop_time, _drop_adjective, _widen)
EXCLUSIVE: tuple[Change, ...] = (
    _change_place, _change_time, _change_adjective, _change_number, _change_verb, _change_object
)  # fmt: skip


def joined(rng: Rng, subject: NP) -> list[Inference]:
    """Return two rows whose premise says two things of one subject: by *and*, a relative clause or a second sentence."""
    one, two = pair(rng, subject, rng.randrange(3)), pair(rng, subject, rng.randrange(3))
    p1, p2 = one.premise[0], two.premise[0]
    person = world.class_of(subject.head) == "person"
    ways = ["relative"] if subject.det != "name" and subject.owner is None else []
    ways += ["and"] if not (p1.negated or p2.negated) else []
    ways += ["sentence"] if person else []
    way = rng.choice(ways or ["repeat"])
    p1, p2 = replace(p1, passive=False), replace(p2, passive=False, front=None)
    if way == "relative":
        premise = (replace(p1, subject=replace(subject, rel=p2)),)
    elif way == "and":
        premise = (replace(p1, front=None, also=p2),)
    else:
        again = replace(subject, pron=True) if way == "sentence" else subject
        premise = (p1, replace(p2, subject=again))
    return [replace(one, premise=premise, kind="joined"), replace(two, premise=premise, kind="joined")]


def quantified(rng: Rng) -> Inference:
    """Return a row about *all*, *some* or *no* members of a kind."""
    label = rng.randrange(3)
    kind = rng.choice(["person", "animal"])
    head = rng.choice(world.CLASSES[kind])
    said = scene.event(rng, NP(head))
    while said.object and said.object.det == "name":
        said = scene.event(rng, NP(head))
    dets: tuple[Det, ...] = ("all", "some", "no")
    quantity = rng.choice(dets)
    source: dict[tuple[Det, int], tuple[Det, ...]] = {
        ("all", ENTAILMENT): ("all",), ("all", NEUTRAL): ("some",), ("all", CONTRADICTION): ("no",),
        ("some", ENTAILMENT): ("all", "some"), ("some", CONTRADICTION): ("no",),
        ("no", ENTAILMENT): ("no",), ("no", CONTRADICTION): ("all", "some"),
    }  # fmt: skip
    hypothesis = replace(said, subject=NP(head, quantity))
    if (quantity, label) in source:
        det = rng.choice(source[quantity, label])
        more = said if det == "no" else _specific(rng, said, 1)
        return Inference((scene.paraphrase(rng, replace(more, subject=NP(head, det))),), hypothesis, label, "quantified")
    if quantity != "all" and (said.place or said.time) and maybe(rng, 0.5):
        unsaid = replace(said, place=None, time=None, subject=NP(head, quantity))
        premise, hypothesis = (hypothesis, unsaid) if quantity == "no" else (unsaid, hypothesis)
        return Inference((premise,), hypothesis, label, "quantified")
    kin = other(rng, world.CLASSES[kind], head)
    det = rng.choice(dets)
    return Inference((scene.paraphrase(rng, replace(said, subject=NP(kin, det))),), hypothesis, label, "quantified")


def coreference(rng: Rng) -> Inference:
    """Return a row whose premise names a man and a woman, and then says *he* or *she*."""
    label = rng.randrange(3)
    one, two = rng.sample([scene.person(rng, "m"), scene.person(rng, "f")], 2)
    verbs = [name for name, verb in world.VERBS.items() if "person" in verb.objects and "person" in verb.agents]
    time = rng.choice(world.TIMES) if maybe(rng, 0.3) else None
    first = Clause(one, rng.choice(verbs), two, time=time)
    about, rest = rng.sample([one, two], 2)
    said = scene.state(rng, about)
    hypothesis = said
    if label == CONTRADICTION:
        said = _change_adjective(rng, said) or _change_place(rng, said) or said
    if label == NEUTRAL:
        about = rest
    return Inference((scene.paraphrase(rng, first), replace(said, subject=replace(about, pron=True))), hypothesis, label, "coreference")


def core(rows: list[Inference]) -> object:
    """Return what decides the split and what may occur once: the premise and what is said about it."""
    return [(row.premise, row.hypothesis) for row in rows]


def render(row: Inference, grammar: Grammar) -> dict[str, Any]:
    """Return the row as a published NLI set has it."""
    return {
        "premise": grammar.text(*row.premise),
        "hypothesis": grammar.text(row.hypothesis),
        "label": row.label,
    }
