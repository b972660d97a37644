"""NLI: the labels follow from the relation of the two statements, and the hypothesis does not give them away."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from curation.miniworld import changes, content, rows
from curation.miniworld import concepts as world
from curation.miniworld.generate import nli
from curation.miniworld.languages import LANGUAGES
from curation.miniworld.meaning import NP, Clause

RELATIONS = ("same", "specific", "general", "exclusive")
SAMPLE = content.first("nli", "train", 3000, 7)
PLAIN = Clause(NP("Anna", "name"), "buy", NP("doll", "two", adj="red"), place="park", time="morning")


def negations(label: int) -> float:
    found = [row.hypothesis.negated for row in SAMPLE if row.label == label and row.kind != "joined"]
    return sum(found) / len(found)


def test_labels_are_balanced() -> None:
    counts = Counter(row.label for row in SAMPLE)
    assert set(counts) == {0, 1, 2}
    assert min(counts.values()) > 0.29 * len(SAMPLE)


def test_negation_of_the_hypothesis_says_nothing_about_the_label() -> None:
    shares = [negations(label) for label in range(3)]
    assert all(0.08 < share < 0.2 for share in shares)
    assert max(shares) - min(shares) < 0.04


def test_every_construction_occurs() -> None:
    kinds = {row.kind for row in SAMPLE}
    assert {"specific", "same", "general", "exclusive", "quantified", "coreference", "joined"} <= kinds
    assert {"same-P", "same-P-H", "general-H", "specific-H", "exclusive-H", "specific-P-H"} <= kinds
    assert any(row.premise[0].subject.rel for row in SAMPLE)
    assert any(row.hypothesis.object and row.hypothesis.object.head in world.HYPERNYMS for row in SAMPLE)
    assert {row.hypothesis.subject.det for row in SAMPLE} >= {"the", "name", "all", "some", "no"}


def exclusive(p: Clause, h: Clause) -> bool:
    """Whether two affirmed statements cannot both be true of one event: written without the generator's own changes."""
    apart = {*world.OPPOSITES.items(), *world.MOODS.items(), *world.TRAITS.items(), ("old", "young")}
    apart |= {(a, b) for a in world.COLOURS for b in world.COLOURS if a != b}
    times = any(p.time in group and h.time in group for group in world.TIME_SETS) and p.time != h.time
    places = None not in (p.place, h.place) and p.place != h.place
    verbs = p.verb != h.verb
    if not (p.object and h.object):
        return times or places or verbs or (p.adj, h.adj) in apart
    heads = p.object.head != h.object.head and not {p.object.head, h.object.head} & set(world.HYPERNYMS)
    numbers = {p.object.det, h.object.det} == {"two", "three"}
    return times or places or verbs or heads or numbers or (p.object.adj, h.object.adj) in apart


def covers(p: Clause, h: Clause) -> bool:
    """Whether the affirmed statement ``p`` says all that ``h`` says."""
    said = h.place in (None, p.place) and h.time in (None, p.time) and h.adj in (None, p.adj)
    if not (p.object and h.object):
        return said
    same = h.object.head in (p.object.head, world.class_of(p.object.head))
    return said and same and h.object.adj in (None, p.object.adj)


def judged(p: Clause, h: Clause) -> int:
    """The label that follows from the two statements."""
    if not p.negated:
        holds = False if exclusive(p, h) else True if covers(p, h) else None
    else:
        holds = False if covers(h, p) else None  # who denies a thing denies all that says more
    if holds is None:
        return nli.NEUTRAL
    return nli.ENTAILMENT if holds != h.negated else nli.CONTRADICTION


def test_labels_follow_from_logic() -> None:
    found = [row for row in SAMPLE if row.kind.split("-")[0] in RELATIONS]
    assert len(found) > 2500
    wrong = [row for row in found if judged(row.premise[0], row.hypothesis) != row.label]
    assert wrong == []


@pytest.mark.parametrize("seed", range(40))
def test_exclusive_statements_differ_in_one_exclusive_thing(seed: int) -> None:
    changed = changes.relate(random.Random(seed), PLAIN, "exclusive", strict=True)
    assert changed.object is not None
    assert PLAIN.object is not None
    differences = {
        "place": changed.place != PLAIN.place,
        "time": changed.time != PLAIN.time,
        "verb": changed.verb != PLAIN.verb,
        "adj": changed.object.adj != PLAIN.object.adj,
        "number": changed.object.det != PLAIN.object.det,
        "head": changed.object.head != PLAIN.object.head,
    }
    assert sum(differences.values()) == 1, differences
    assert changed.time is not None
    assert changed.place is not None
    assert changed.object.adj in world.COLOURS


@pytest.mark.parametrize("seed", range(20))
def test_general_statements_say_less_and_specific_ones_more(seed: int) -> None:
    less = changes.relate(random.Random(seed), PLAIN, "general", strict=True)
    assert less.object is not None
    dropped = [less.place is None, less.time is None, less.object.adj is None, less.object.head == "toy"]
    assert sum(dropped) == 1
    poor = replace(PLAIN, place=None, time=None, object=NP("toy", "two"))
    more = changes.relate(random.Random(seed), poor, "specific", strict=True)
    assert more.object is not None
    assert more.object.head in world.CLASSES["toy"]


def test_no_row_repeats_its_premise_as_hypothesis() -> None:
    found = rows("nli", "train", "en", 3000, 7)
    assert not [row for row in found if row["premise"] == row["hypothesis"]]


def test_coreference_is_about_one_of_two_people_of_different_gender() -> None:
    found = [row for row in SAMPLE if row.kind == "coreference"]
    assert len(found) > 20
    for row in found:
        first, second = row.premise
        assert first.object is not None
        assert world.gender(first.subject.head) != world.gender(first.object.head)
        assert second.subject.pron
        same = second.subject.head == row.hypothesis.subject.head
        assert same == (row.label != nli.NEUTRAL)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_few_exact_duplicates(lang: str) -> None:
    found = [(row["premise"], row["hypothesis"]) for row in rows("nli", "train", lang, 2000, 7)]
    assert len(found) - len(set(found)) <= 6


def test_paraphrases_come_in_pairs_and_never_repeat_the_text() -> None:
    found = rows("paraphrase", "train", "en", 1000, 7)
    assert Counter(row["label"] for row in found) == {0: 500, 1: 500}
    assert not [row for row in found if row["sentence1"] == row["sentence2"]]
    assert all(a["sentence1"] == b["sentence1"] for a, b in zip(found[::2], found[1::2], strict=True))
