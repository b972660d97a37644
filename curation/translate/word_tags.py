"""Rows with a tag per word: translated as one sentence, and every tag carried along the alignment of words; verified.

Tags that mark chunks (``B-X``, ``I-X``, ``O``) go entity by entity: each has to be found, in a place of its own. Other
tags (parts of speech) go word by word; a word of the translation that is linked to none has no tag (null), since none
would be true of it. Rows that lose an entity, or most of their words, are dropped with a reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.language import words
from curation.translate.alignment import carry
from curation.translate.drafts import TOO_LONG, Draft, clean
from curation.translate.translators import CUT, bare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.translate.alignment import Aligner, Links
    from curation.translate.sentences import Engine

Chunk = tuple[int, int, str]
"""First and last word, and type."""
LEAST_TAGGED = 0.5
"""Share of the translation's words that have to get a tag, where tags mark no chunks."""
_BEFORE = re.compile(r" (?=[.,;:!?%)\]}»”]|n't\b|'(?:s|re|ve|ll|d|m)\b)")
_AFTER = re.compile(r"(?<=[(\[{«“]) ")


def sentence(tokens: Sequence[str]) -> str:
    """Return the words as a sentence is written, for the backend to read.

    >>> sentence(["Ann", "'s", "dog", "(", "big", ")", "ran", "."])
    "Ann's dog (big) ran."
    """
    return _AFTER.sub("", _BEFORE.sub("", " ".join(" ".join(tokens).split())))


def chunks(names: Sequence[str]) -> list[Chunk]:
    """Return the chunks of BIO tags; an ``I-X`` that continues none begins one.

    >>> chunks(["B-PER", "I-PER", "O", "B-LOC", "I-ORG"])
    [(0, 1, 'PER'), (3, 3, 'LOC'), (4, 4, 'ORG')]
    """
    found: list[Chunk] = []
    for i, name in enumerate(names):
        kind = name[2:]
        if name.startswith("I-") and found and found[-1][1] == i - 1 and found[-1][2] == kind:
            found[-1] = (found[-1][0], i, kind)
        elif name != "O":
            found.append((i, i, kind))
    return found


def _verbatim(tokens: Sequence[str], target: Sequence[str], first: int, last: int) -> tuple[int, int] | None:
    """Return where an entity stands word for word in the target, if it does once."""
    own = [word.casefold() for word in tokens[first : last + 1]]
    folded = [word.casefold() for word in target]
    places = [i for i in range(len(folded) - len(own) + 1) if folded[i : i + len(own)] == own]
    return (places[0], places[0] + len(own) - 1) if len(places) == 1 else None


def carry_chunks(
    tokens: Sequence[str], names: Sequence[str], target: Sequence[str], links: Links
) -> tuple[list[str] | None, str | None]:
    """Return the BIO tags of ``target``, or why there are none: ``(tags, None)`` or ``(None, reason)``."""
    found: list[Chunk] = []
    for first, last, kind in chunks(names):
        place = _verbatim(tokens, target, first, last) or carry(links, first, last, len(target))
        if place is None:
            return None, "entity not found in translation"
        found.append((*place, kind))
    tags = ["O"] * len(target)
    for first, last, kind in found:
        if any(tag != "O" for tag in tags[first : last + 1]):
            return None, "two entities in one place"
        tags[first : last + 1] = [f"B-{kind}", *[f"I-{kind}"] * (last - first)]
    if sorted(kind for *_, kind in chunks(tags)) != sorted(kind for *_, kind in found):
        return None, "entities ran together"
    return tags, None


def carry_words(
    tokens: Sequence[str], tags: Sequence[int | None], target: Sequence[str], links: Links
) -> tuple[list[int | None] | None, str | None]:
    """Return the tag of the source word that each target word is linked with, null without one, or why there are none.

    Of several the one nearest to the same place in the sentence.
    """
    found: list[int | None] = [None] * len(target)
    for j in range(len(target)):
        own = links[links[:, 1] == j, 0]
        if len(own):
            where = j / max(1, len(target) - 1) * max(1, len(tokens) - 1)
            found[j] = tags[int(own[np.abs(own - where).argmin()])]
    if sum(tag is not None for tag in found) < LEAST_TAGGED * len(target):
        return None, "most words have no counterpart"
    return found, None


def from_rows(rows: Sequence[Mapping[str, Any]], run: Engine, labels: Sequence[str], aligner: Aligner) -> list[Draft]:
    """Return a draft per row of tags."""
    bio = "O" in labels and any(label.startswith("B-") for label in labels)
    texts = [sentence(row["tokens"]) for row in rows]
    known = run.sentences([text for text in texts if text])
    targets = [words.split(bare(known.get(text, ""))) for text in texts]
    pairs = [(tuple(row["tokens"]), tuple(target)) for row, target in zip(rows, targets, strict=True)]
    links = aligner.align(pairs)
    drafts = []
    for row, text, target, own in zip(rows, texts, targets, links, strict=True):
        _, count, unknown = clean(known.get(text, ""))
        tags: list[int | None] | None = None
        reason: str | None = "empty translation" if not target else TOO_LONG if CUT in known[text] else None
        if reason is None and row["tags"] is not None:
            if bio and None not in row["tags"]:
                names, reason = carry_chunks(row["tokens"], [labels[tag] for tag in row["tags"]], target, own)
                tags = [labels.index(name) for name in names] if names is not None else None
            else:
                tags, reason = carry_words(row["tokens"], row["tags"], target, own)
        if reason is not None:
            drafts.append(Draft(None, reason, count, unknown))
            continue
        pair = (text, bare(known[text]))
        drafts.append(Draft({"tokens": target, "tags": tags}, None, count, unknown, "alignment", (pair,)))
    return drafts
