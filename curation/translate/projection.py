"""Answer spans carried into the translation: by markers, else by translating the answer and finding it; verified.

1. The context is translated as it is. 2. The sentence that holds the answer is translated once more with a marker on
either side of the answer; what comes back between the markers is the answer's translation, and it is looked up where
that sentence's translation lies. 3. Where the markers changed the sentence so that the answer is not in the plain
translation, a row with a single answer takes the marked sentence, markers removed. 4. Where a marker was lost, the
answer is translated alone and looked up, exactly, then without regard to case and accents. A row that fails all these
is dropped: a wrong offset would teach a wrong answer.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.core.task import Answer
from curation.language.words import one_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.translate.sentences import Sentence

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


def project(
    asked: Request, context: str, sentences: Sequence[Sentence], marked: str | None, alone: str | None, *,
    markers: Markers, only: bool,
) -> tuple[str, Answer] | None:  # fmt: skip
    """Return the translated context and the projected answer, or ``None`` when it cannot be found.

    ``context`` and ``sentences`` are the plain translation, ``marked`` the translation of ``asked.marked``, ``alone``
    that of the answer by itself (``None`` = not asked for yet). ``only``: the row has no other answer, so that the
    context may be changed to the marked translation.
    """
    low, high = sentences[asked.first].target[0], sentences[asked.last].target[1]
    source = sentences[asked.first].source[0], sentences[asked.last].source[1]
    near = (asked.answer.start - source[0]) / max(1, source[1] - source[0])
    clean = unmark(marked, markers) if marked is not None else None
    if clean is not None:
        text, start, end = clean
        place = find(context, text[start:end], low, high, start / max(1, len(text)))
        if place is not None:
            return context, Answer(context[place[0] : place[1]], place[0])
        if only:
            return context[:low] + text + context[high:], Answer(text[start:end], low + start)
    if alone is not None:
        place = find(context, alone, low, high, near)
        if place is not None:
            return context, Answer(context[place[0] : place[1]], place[0])
    return None
