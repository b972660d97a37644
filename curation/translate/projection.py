"""Answer spans marked, translated, and found again; who is believed is for :mod:`curation.translate.answers`."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.core.task import Answer
from curation.language.words import one_word

if TYPE_CHECKING:
    from collections.abc import Sequence

Markers = tuple[str, str]
_EDGES = " \t\u00a0.,;:!?…\"'“”‘’«»()"


def mark(text: str, start: int, end: int, markers: Markers) -> str | None:
    """Return ``text`` with markers around ``[start, end)``; ``None`` when it holds a marker already.

    >>> mark("a red house", 2, 5, ("[", "]"))
    'a [red] house'
    """
    if any(marker in text for marker in markers):
        return None
    return text[:start] + markers[0] + text[start:end] + markers[1] + text[end:]


def unmark(translated: str, markers: Markers) -> tuple[str, int, int] | None:
    """Return the text without markers and where the marked part lies; ``None`` unless both came back once, in order.

    Spaces and punctuation at the edges of the marked part, and spaces doubled by a marker, are left out.

    >>> unmark("una casa [roja ].", ("[", "]"))
    ('una casa roja.', 9, 13)
    """
    if translated.count(markers[0]) != 1 or translated.count(markers[1]) != 1:
        return None
    before, _, rest = translated.partition(markers[0])
    if markers[1] not in rest:
        return None
    inside, _, after = rest.partition(markers[1])
    if (before.endswith(" ") or not before) and inside.startswith(" "):
        inside = inside.lstrip()
    if inside.endswith(" ") and (not after or not after[0].isalnum()):
        inside = inside.rstrip()
    start = len(before) + len(inside) - len(inside.lstrip(_EDGES))
    end = len(before) + len(inside.rstrip(_EDGES))
    return (before + inside + after, start, end) if start < end else None


def fold(text: str) -> tuple[str, list[int]]:
    """Return ``text`` without case and accents, and for each character of it the index it came from.

    >>> fold("Él")
    ('el', [0, 1])
    """
    folded, origin = [], []
    for i, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(part):
                folded.append(part)
                origin.append(i)
    return "".join(folded), origin


def find(text: str, part: str, low: int, high: int, near: float) -> tuple[int, int] | None:
    """Return start and end of ``part`` in ``text[low:high]``, at word edges, nearest to relative place ``near`` (0..1).

    Exactly as it is written first; else without regard to case and accents. ``None`` when it is not there.

    >>> find("El perro vio Él perro", "él perro", 0, 21, 0.9)
    (13, 21)
    """
    window = text[low:high]
    part = part.strip(_EDGES)
    folded, origin = fold(window)
    ways: list[tuple[str, str, Sequence[int]]] = [(window, part, range(len(window))), (folded, fold(part)[0], origin)]
    for hay, needle, back in ways:
        if not needle:
            continue
        starts = []
        at = hay.find(needle)
        while at >= 0:
            if not one_word(hay, at) and not one_word(hay, at + len(needle)):
                starts.append(at)
            at = hay.find(needle, at + 1)
        if starts:
            best = min(starts, key=lambda s: (abs(s / max(1, len(hay)) - near), s))
            return low + back[best], low + back[best + len(needle) - 1] + 1
    return None


@dataclass(frozen=True)
class Request:
    """One answer of one context: the sentences around it and the marked text to translate."""

    answer: Answer
    first: int
    last: int
    """Indices of the first and last sentence that the answer touches."""
    marked: str | None
    """Those sentences with markers around the answer; ``None`` = the text holds marker characters."""


def request(context: str, answer: Answer, sentences: Sequence[tuple[int, int]], markers: Markers) -> Request | None:
    """Return what to translate to project ``answer``; ``None`` when no sentence holds it (it is white space)."""
    start, end = answer.start, answer.start + len(answer.text)
    touched = [i for i, (a, b) in enumerate(sentences) if a < end and start < b]
    if not touched:
        return None
    low, high = sentences[touched[0]][0], sentences[touched[-1]][1]
    start, end = max(start, low), min(end, high)
    return Request(answer, touched[0], touched[-1], mark(context[low:high], start - low, end - low, markers))


@dataclass(frozen=True)
class Marked:
    """Where a marked translation puts the answer."""

    place: tuple[int, int]
    """Characters of the context, or of the context with ``replaced`` in it."""
    replaced: str | None
    """The marked translation without markers, where the plain one does not hold the answer; ``None`` = it does."""


def marked_place(marked: str, context: str, low: int, high: int, markers: Markers) -> Marked | None:
    """Return where the answer is by its marked translation; ``None`` when a marker was lost.

    ``context[low:high]`` is the plain translation of the same sentences. What stands between the markers is looked up
    there; where the markers changed the sentence so that it is not there, the marked one takes its place.
    """
    clean = unmark(marked, markers)
    if clean is None:
        return None
    text, start, end = clean
    place = find(context, text[start:end], low, high, start / max(1, len(text)))
    return Marked(place, None) if place is not None else Marked((low + start, low + end), text)
