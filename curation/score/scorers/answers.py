"""Low for answers and choices that cannot be right as they stand, by their words alone.

A question with a choice is spoilt where two choices say the same and one of them is the right one; an answer in a text
where it is cut out of a word, has no word but articles, or is one of several given answers that have no word in common.
An answer that the question already holds, one that is nearly the whole text, one that leaves a prefix or an ending
outside, and two wrong choices that are alike are shown without a flag.

Of a task with choices it is said as a whole, and counts for no row, what the choices give away without the question,
and whether the right one stands in some places more often than in others (:mod:`curation.score.labels.alone`).
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pydantic

from curation.core import records, seeds
from curation.core.params import Section
from curation.language import words
from curation.language.scripts import UNSPACED, script
from curation.score import scorers
from curation.score.wording import texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from curation.core.task import Kind

KINDS: frozenset[Kind] = frozenset({"choice", "span"})
NEEDS: frozenset[str] = frozenset()

SCORES: Mapping[str, float] = {
    "same_choice": 0.1,
    "no_word": 0.1,
    "inside_a_word": 0.3,
    "ending_left": 0.6,
    "answers_differ": 0.3,
    "wrong_choices_alike": 0.6,
    "in_the_question": 0.6,
    "whole_text": 0.6,
}
"""Rule to the score of a row it fires on; of several the lowest counts. Below 0.5: wrong as it stands."""

ENDING = 3
"""Letters of a prefix or an ending, at most: many languages write articles, particles and cases on to a word."""
BLOCK = 4096
"""Rows that are Python objects at a time."""


class Params(Section):
    """Section ``score.answers``."""

    longest: float = pydantic.Field(gt=0, le=1)
    """Share of the text's words from which an answer is nearly the whole text; texts under 20 words are not judged."""


def choice(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield rule and reason for each two choices of a row that say the same, articles and fillers aside."""
    said = [texts.heavy(words.folded(text), row["lang"]) for text in row["choices"]]
    for one, other in combinations(range(len(said)), 2):
        if not said[one] or said[one] != said[other]:
            continue
        right = row["label"] in (one, other)
        told = f"choices {one + 1} and {other + 1} say the same" + (
            ", and one of them is the right one" if right else ""
        )
        yield ("same_choice" if right else "wrong_choices_alike"), told


def span(row: Mapping[str, Any], longest: float) -> Iterator[tuple[str, str]]:
    """Yield rule and reason for what is wrong with the answers of a row; nothing for a question without any."""
    answers, context, lang = row["answers"] or (), row["context"], row["lang"]
    if not answers:
        return
    first = answers[0]
    begin, end = first["start"], first["start"] + len(first["text"])
    if left := max(_letters(context[:begin][::-1], context[begin:]), _letters(context[end:], context[:end][::-1])):
        rule = "inside_a_word" if left > ENDING else "ending_left"
        yield rule, f"the answer {first['text']!r} begins or ends inside a word"
    said = texts.heavy(words.folded(first["text"]), lang)
    if not said:
        yield "no_word", f"the answer {first['text']!r} has no word that says anything"
        return
    others = [set(words.folded(answer["text"])) for answer in answers[1:]]
    if len(others) > 1 and not any(other & set(said) for other in others):
        yield "answers_differ", f"none of the {len(others)} other answers has a word in common with {first['text']!r}"
    asked = " ".join(texts.heavy(words.folded(row["question"]), lang))
    if f" {' '.join(said)} " in f" {asked} ":
        yield "in_the_question", f"the question already says {first['text']!r}"
    total = len(words.folded(context))
    if total >= 20 and len(words.folded(first["text"])) >= longest * total:
        yield "whole_text", f"the answer is nearly the whole text ({total} words)"


def _letters(outside: str, inside: str) -> int:
    """Return how many letters of one word an answer leaves outside, reading away from it; 0 where words end there."""
    if (
        not inside
        or not words.lettered(inside[0])
        or any(script(char) in UNSPACED for char in outside[:1] + inside[:3])
    ):
        return 0
    return next((at for at, char in enumerate(outside) if not words.lettered(char)), len(outside))


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return 1 where no rule fires, else the lowest of their :data:`SCORES`. Evidence: ``rules``, names of those.

    Of choices also ``alone``: the probability, out of fold, that the choices by themselves give the right one, 0..1,
    null where it was not asked; it does not count. Rows without a label are judged by what they have: two choices alike
    are wrong ones then.
    """
    values: list[float] = []
    why: list[str | None] = []
    rules: list[list[str]] = []
    for row in records.Rows(inputs.records, BLOCK):
        fired = list(choice(row) if inputs.kind == "choice" else span(row, params.longest))
        values.append(min((SCORES[rule] for rule, _ in fired), default=1.0))
        why.append("; ".join(reason for _, reason in fired) or None)
        rules.append([rule for rule, _ in fired])
    given, facts = _alone(inputs) if inputs.kind == "choice" else ([None] * len(values), [])
    evidence = {"rules": pa.array(rules, pa.list_(pa.string())), "alone": pa.array(given, pa.float64())}
    return scorers.table(inputs, np.array(values), why, evidence, facts)


def _alone(inputs: scorers.Inputs) -> tuple[list[float | None], list[str]]:
    """Return what the choices alone say of each right one, and sentences about the task."""
    from curation.score.labels import alone

    counts = inputs.records["choices"].combine_chunks().value_lengths().to_pylist()
    given: list[float | None] = [None] * len(counts)
    seed = seeds.derive(inputs.seed, "answers", inputs.name)
    places = alone.sample(inputs.records["label"].to_pylist(), counts, seed)
    if len(places) < alone.LEAST:
        return given, []
    rows = inputs.records.take(pa.array(places, pa.int64())).to_pylist()
    facts = [alone.positions(rows, seed)]
    if (found := alone.probabilities(rows, seed)) is not None:
        facts.insert(0, alone.given_away(rows, found, seed))
        for at, row, p in zip(places, rows, found, strict=True):
            given[at] = float(p[row["label"]])
    return given, facts
