"""Wrong labels: another class, a shifted answer, a wrong tag. The text stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from curation.language import words
from curation.miniworld.defects import TAGS, Row, random_span
from curation.miniworld.scene import Rng, maybe, other

Noise = Literal["uniform", "class_conditional"]
UPOS = ("NOUN", "VERB", "ADJ", "ADV", "ADP", "DET", "PRON", "PROPN", "AUX", "NUM", "PART", "CCONJ")
ENTITIES = ("PER", "ORG", "LOC")


def wrong(config: str, row: Row, noise: Noise, labels: Sequence[str], rng: Rng, clear: bool = False) -> tuple[Row, Any]:
    """Return ``row`` with a wrong label, and the right one: a class number, the answers, or the tags.

    ``clear``: an answer then stands apart from the right one, so that nobody could hold both for right.
    """
    column = {"qa": "answers", "qa2": "answers", **TAGS}.get(config, "label")
    if column == "answers":
        label: Any = _span(row, noise, rng, clear)
    elif config == "pos":
        label = _tags(row["upos"], noise, rng)
    elif config == "ner":
        label = _entities(row["ner_tags"], noise, rng)
    else:
        label = another(row["label"], len(row["choices"]) if config == "choice" else len(labels), noise, rng)
    return {**row, column: label}, row[column]


def another(label: int, size: int, noise: Noise, rng: Rng) -> int:
    """Return a class other than ``label``: any, or always the next one."""
    return other(rng, range(size), label) if noise == "uniform" else (label + 1) % size


def _span(row: Row, noise: Noise, rng: Rng, clear: bool) -> dict[str, list[Any]]:
    """Return an answer of as many words elsewhere, or one word later, or a wrong end."""
    context, answers = row["context"], row["answers"]
    if not answers["text"]:
        text, start = random_span(context, rng)
        return {"text": [text], "answer_start": [start]}
    places = words.places(context)
    start = answers["answer_start"][0]
    found = words.covered(places, start, start + len(answers["text"][0]))
    assert found is not None
    first, last = found
    options = [(first + 1, last + 1), (first - 1, last - 1), (first, last + 1), (first - 1, last), (first + 1, last)]
    far = [(i, i + last - first) for i in range(len(places) - (last - first)) if abs(i - first) > last - first]
    options = ([] if clear else options) + rng.sample(far, min(3, len(far)))
    options = [
        (a, b)
        for a, b in options
        if 0 <= a <= b < len(places) and context[places[a][0] : places[b][1]] != answers["text"][0]
    ]
    a, b = options[0] if noise == "class_conditional" else rng.choice(options)
    return {"text": [context[places[a][0] : places[b][1]]], "answer_start": [places[a][0]]}


def _tags(tags: list[str], noise: Noise, rng: Rng) -> list[str]:
    """Return ``tags`` with about every fourth one wrong, at least one; punctuation stays."""
    free = [i for i, tag in enumerate(tags) if tag in UPOS]
    hit = set(rng.sample(free, max(1, len(free) // 4)))
    return [UPOS[another(UPOS.index(tag), len(UPOS), noise, rng)] if i in hit else tag for i, tag in enumerate(tags)]


def _entities(tags: list[str], noise: Noise, rng: Rng) -> list[str]:
    """Return ``tags`` with an entity of another type, cut short, too long or overlooked."""
    starts = [i for i, tag in enumerate(tags) if tag.startswith("B-")]
    if not starts:  # a sentence without names gets one
        at = rng.randrange(max(1, len(tags) - 1))
        return [f"B-{rng.choice(ENTITIES)}" if i == at else tag for i, tag in enumerate(tags)]
    start = rng.choice(starts)
    end = next((i for i in range(start + 1, len(tags)) if not tags[i].startswith("I-")), len(tags))
    kind, changed = tags[start][2:], list(tags)
    way = "type" if noise == "class_conditional" else rng.choice(["type", "type", "bounds", "missed"])
    if way == "type":
        new = ENTITIES[another(ENTITIES.index(kind), len(ENTITIES), noise, rng)]
        changed[start:end] = [f"B-{new}", *[f"I-{new}"] * (end - start - 1)]
    elif way == "missed":
        changed[start:end] = ["O"] * (end - start)
    elif end - start > 1 and maybe(rng, 0.5):
        changed[start : start + 2] = ["O", f"B-{kind}"]
    elif end < len(tags) - 1 and tags[end] == "O":
        changed[end] = f"I-{kind}"
    else:
        changed[start:end] = ["O"] * (end - start)
    return changed
