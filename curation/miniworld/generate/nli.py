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

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from curation.miniworld import changes, scene
from curation.miniworld import concepts as world
from curation.miniworld.changes import Relation
from curation.miniworld.meaning import NP, Clause, Det
from curation.miniworld.scene import Rng, maybe, other

if TYPE_CHECKING:
    from curation.miniworld.grammar import Grammar

LABELS = ("entailment", "neutral", "contradiction")
ENTAILMENT, NEUTRAL, CONTRADICTION = range(3)
QUANTIFIED, COREFERENCE, JOINED = 0.03, 0.012, 0.008
"""Shares of premises about *all*, *some*, *no*; with a pronoun for one of two people; of two statements (two rows)."""


@dataclass(frozen=True)
class Inference:
    """One premise (one or two sentences), one hypothesis, one label."""

    premise: tuple[Clause, ...]
    hypothesis: Clause
    label: int
    kind: str = ""
    """Its construction, for tests: the relation, and -P, -H for what is denied."""


PLANS: dict[int, tuple[tuple[float, Relation, bool, bool], ...]] = {
    ENTAILMENT: (
        (0.49, "specific", False, False),
        (0.38, "same", False, False),
        (0.12, "same", True, True),
        (0.005, "general", True, True),
        (0.005, "exclusive", False, True),
    ),
    NEUTRAL: (
        (0.872, "general", False, False),
        (0.115, "general", False, True),
        (0.01, "specific", True, True),
        (0.003, "exclusive", True, True),
    ),
    CONTRADICTION: (
        (0.67, "exclusive", False, False),
        (0.20, "same", True, False),
        (0.13, "specific", False, True),
    ),
}
"""Label to its constructions: (share, premise is ... than the hypothesis, premise denied, hypothesis denied)."""


def item(
    rng: Rng, quantities: float = QUANTIFIED, pronouns: float = COREFERENCE, two: float = JOINED
) -> list[Inference]:
    """Return the rows of one premise: one or two. The shares are those of :data:`QUANTIFIED` and its like."""
    kind = rng.random()
    if kind < quantities:
        return [quantified(rng)]
    if kind < quantities + pronouns:
        return [coreference(rng)]
    subject = scene.person(rng) if maybe(rng, 0.75) else scene.animal(rng)
    if kind < 1 - two:
        return [pair(rng, subject, rng.randrange(3))]
    return joined(rng, subject)


def pair(rng: Rng, subject: NP, label: int) -> Inference:
    """Return a row of one premise statement and one hypothesis about ``subject``.

    The hypothesis is drawn first, and only such as can have a premise of each relation: its words do not depend on the
    label, and its negation is as frequent with every label.
    """
    while True:
        plain = scene.fact(rng, subject)
        plain = changes.hypernym(rng, plain) if maybe(rng, 0.2) else plain
        movable = plain.time or (plain.place and plain.verb != "be")  # else a second wording may not exist
        if movable and all(changes.possible(rng, plain, kind) for kind in (changes.CLEAR, changes.GENERAL)):
            break
    plans = PLANS[label]
    _, relation, p_denied, h_denied = rng.choices(plans, [plan[0] for plan in plans])[0]
    if p_denied and relation == "specific" and not changes.extensible(rng, plain):
        relation = "exclusive"  # neutral as well
    said = scene.paraphrase(rng, replace(plain, negated=h_denied), passive=0.08, front=0.12, synonym=0.0)
    while True:
        premise = replace(changes.relate(rng, plain, relation, strict=p_denied), negated=p_denied)
        premise = scene.paraphrase(rng, premise, passive=0.08, front=0.12, synonym=0.5)
        if premise != said:
            name = f"{relation}{'-P' if p_denied else ''}{'-H' if h_denied else ''}"
            return Inference((premise,), said, label, name)


def joined(rng: Rng, subject: NP) -> list[Inference]:
    """Return two rows with a premise of two statements: joined by *and*, a relative clause or a second sentence."""
    one, two = pair(rng, subject, rng.randrange(3)), pair(rng, subject, rng.randrange(3))
    p1, p2 = one.premise[0], two.premise[0]
    person = world.class_of(subject.head) == "person"
    ways = ["relative"] if subject.det != "name" and subject.owner is None else []
    # "waited and sang in the park": where did they wait? Only joined where nothing of the second reads as of the first
    own = all(getattr(p1, name) or not getattr(p2, name) for name in ("place", "time"))
    ways += ["and"] if own and not (p1.negated or p2.negated) else []
    ways += ["sentence"] if person else []
    way = rng.choice(ways or ["repeat"])
    p1, p2 = replace(p1, passive=False), replace(p2, passive=False, front=None)
    if way == "relative":
        premise: tuple[Clause, ...] = (replace(p1, subject=replace(subject, rel=p2)),)
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
        more = said if det == "no" else changes.specific(rng, said, 1)
        premise = scene.paraphrase(rng, replace(more, subject=NP(head, det)))
        return quantified(rng) if premise == hypothesis else Inference((premise,), hypothesis, label, "quantified")
    if quantity != "all" and (said.place or said.time) and maybe(rng, 0.75):
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
        said = changes.change_adjective(rng, said) or changes.change_place(rng, said) or said
    if label == NEUTRAL:
        about = rest
    return Inference(
        (scene.paraphrase(rng, first), replace(said, subject=replace(about, pron=True))),
        hypothesis,
        label,
        "coreference",
    )


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
