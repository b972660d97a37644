"""Rows with answer spans: the context translated, and every answer found again in it, seen from three sides.

*Markers*: the sentence is translated once more with a marker on either side of the answer. *Alone*: the answer is
translated by itself and looked up. *Alignment*: the words that the answer's words are linked with, where params name a
multilingual encoder (``translate.aligner``). What the markers say has to be borne out by one of the others; where they
were lost or stand alone, the other two have to agree. A row whose answer stays in doubt is dropped: a substring of the
translation is not yet the right answer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from curation.core.task import Answer
from curation.language import words
from curation.translate.alignment import carry
from curation.translate.drafts import TOO_LONG, Draft, clean, misplaced, sentence_pairs
from curation.translate.projection import Request, find, marked_place, request
from curation.translate.sentences import Engine, Sentence, spans
from curation.translate.translators import CUT, UNKNOWN, bare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.translate.alignment import Aligner, Links

Place = tuple[int, int]
AGREE = 0.5
"""Overlap (F1 in characters) from which two places count as one."""
ALIKE = 0.75
"""Likeness from which on two texts are one answer; below, a marker may have moved onto the neighbour of a right one."""
SAME = 0.8
"""Overlap of markers and alignment, which the marked sentence and its neighbours mislead together."""
STEM = 4


@dataclass(frozen=True)
class Votes:
    """Where the answer is, from each side, as characters of the context; ``None`` = not found."""

    context: str
    """The translated context; with the marked sentence in place of the plain one where only that holds the answer."""
    markers: Place | None
    alone: Place | None
    aligned: Place | None
    alone_text: str


def overlap(a: Place, b: Place) -> float:
    """Return the F1 of two stretches of characters, 0..1.

    >>> overlap((0, 10), (5, 10)), overlap((0, 2), (3, 4))
    (0.6666666666666666, 0.0)
    """
    shared = max(0, min(a[1], b[1]) - max(a[0], b[0]))
    return 2 * shared / ((a[1] - a[0]) + (b[1] - b[0]))


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words that say something: over three letters, or with a digit; else of all."""
    every = words.plain(text)
    telling = [word for word in every if len(word) > 3 or any(map(str.isdigit, word)) or words.alone(word)]
    return {word[:STEM] for word in telling or every}


def alike(a: str, b: str) -> float:
    """Return the F1 of two texts over the beginnings of their telling words, 0..1: one answer may be inflected twice.

    >>> alike("la casa roja", "casas rojas"), alike("mañana", "bucle"), alike("100% atmósfera", "100% oxígeno")
    (1.0, 0.0, 0.5)
    """
    left, right = _stems(a), _stems(b)
    return 2 * len(left & right) / max(1, len(left) + len(right))


def decide(votes: Votes, aligner: bool) -> tuple[Place, str] | str:
    """Return where the answer is and who says so, or why nobody can say."""
    marked, alone, aligned = votes.markers, votes.alone, votes.aligned
    if marked is not None:
        said = votes.context[slice(*marked)]
        likeness = alike(said, votes.alone_text)
        if (alone is not None and overlap(marked, alone) >= AGREE) or likeness >= ALIKE:
            return marked, "markers and alone"
        if aligned is not None and overlap(marked, aligned) >= SAME and likeness > 0:
            return marked, "markers and alignment"
    if alone is not None and aligned is not None and overlap(alone, aligned) >= AGREE:
        return alone, "alone and alignment"
    if marked is None and alone is not None and not aligner:
        return alone, "alone"
    return "answer not found in translation" if marked is None and alone is None else "answer in doubt"


def half_translated(source: str, target: str, unknown: set[str]) -> bool:
    """Return whether an answer holds words of the source language: marked as unknown, or most of them copied.

    Words with a capital are taken for names.

    >>> half_translated("scarcity of water", "scarcity de agua", {"scarcity"})
    True
    """
    own = [word for word in words.split(target) if words.lettered(word)]
    common = [word for word in own if word[0].islower()]
    if any(word in unknown for word in common):
        return True
    copied = set(words.split(source))
    return len(common) >= 2 and 2 * sum(word in copied and len(word) > 3 for word in common) > len(common)


def _unmarked(text: str, sentences: Sequence[Sentence]) -> tuple[str, list[Sentence]]:
    """Return a translation without marks of unknown words, and its sentences where they now lie."""
    shift = [0]
    for character in text:
        shift.append(shift[-1] + (character in (UNKNOWN, CUT)))
    moved = [
        Sentence(s.source, (s.target[0] - shift[s.target[0]], s.target[1] - shift[s.target[1]])) for s in sentences
    ]
    return bare(text), moved


def _unknown(*texts: str) -> set[str]:
    """Return the words that stand after a mark of unknown words."""
    return {words.plain(part)[0] for text in texts for part in text.split(UNKNOWN)[1:] if words.plain(part)}


Asked = tuple[int, Request]


def from_rows(
    rows: Sequence[Mapping[str, Any]], run: Engine, markers: tuple[str, str], aligner: Aligner | None
) -> list[Draft]:
    """Return a draft per span row; everything is translated in one go, and aligned in one go."""
    asked: list[list[Request | None]] = []
    for row in rows:
        answers = {(a["text"], a["start"]): Answer(a["text"], a["start"]) for a in row["answers"] or ()}
        cut = spans(row["context"])
        asked.append([request(row["context"], answer, cut, markers) for answer in answers.values()])
    requests = [(i, item) for i, own in enumerate(asked) for item in own if item is not None]
    raw = run.texts(
        [text for row in rows for text in (row["question"], row["context"])]
        + [item.answer.text for _, item in requests],
        and_sentences=[item.marked.strip() for _, item in requests if item.marked and _flat(item.marked)],
    )
    contexts = {i: _unmarked(*raw[rows[i]["context"]]) for i, _ in requests}
    links = _aligned(rows, requests, contexts, aligner) if aligner is not None else {}
    drafts: list[Draft] = []
    number = 0
    for i, row in enumerate(rows):
        own = asked[i]
        if any(item is None for item in own):
            drafts.append(Draft(None, "answer is white space"))
            number += sum(item is not None for item in own)
            continue
        mine = [(item, links.get(number + k)) for k, item in enumerate(own) if item is not None]
        number += len(mine)
        drafts.append(_draft(row, mine, run, raw, markers, aligner is not None))
    return drafts


def _flat(text: str) -> bool:
    return len(text.strip().splitlines()) == 1


def _window(item: Request, places: Sequence[Sentence]) -> tuple[Place, Place]:
    first, last = places[item.first], places[item.last]
    return (first.source[0], last.source[1]), (first.target[0], last.target[1])


def _aligned(
    rows: Sequence[Mapping[str, Any]], requests: Sequence[Asked], contexts: Mapping[int, tuple[str, list[Sentence]]],
    aligner: Aligner,
) -> dict[int, Place | None]:  # fmt: skip
    """Return, per number of the request, where alignment puts the answer, in characters of the plain context."""
    pairs, facts = [], []
    for i, item in requests:
        context, places = contexts[i]
        (low, high), (begin, end) = _window(item, places)
        before = [(low + a, low + b) for a, b in words.places(rows[i]["context"][low:high])]
        after = [(begin + a, begin + b) for a, b in words.places(context[begin:end])]
        pairs.append((tuple(rows[i]["context"][a:b] for a, b in before), tuple(context[a:b] for a, b in after)))
        facts.append((item, before, after))
    found: dict[int, Place | None] = {}
    for number, (links, (item, before, after)) in enumerate(zip(aligner.align(pairs), facts, strict=True)):
        found[number] = _carried(links, item, before, after)
    return found


def _carried(links: Links, item: Request, before: list[Place], after: list[Place]) -> Place | None:
    own = words.covered(before, item.answer.start, item.answer.start + len(item.answer.text))
    got = carry(links, own[0], own[1], len(after)) if own else None
    return (after[got[0]][0], after[got[1]][1]) if got else None


def _votes(
    item: Request, context: str, places: Sequence[Sentence], marked: str | None, alone: str, aligned: Place | None,
    markers: tuple[str, str], only: bool,
) -> Votes:  # fmt: skip
    (low, high), (begin, end) = _window(item, places)
    near = (item.answer.start - low) / max(1, high - low)
    by_alone = find(context, alone, begin, end, near)
    at = marked_place(marked, context, begin, end, markers) if marked is not None else None
    if at is None:
        return Votes(context, None, by_alone, aligned, alone)
    if at.replaced is not None:
        if not only:
            return Votes(context, None, by_alone, aligned, alone)
        context = context[:begin] + at.replaced + context[end:]
        by_alone = find(context, alone, begin, begin + len(at.replaced), near)
        return Votes(context, at.place, by_alone, None, alone)  # the links are those of the plain sentence
    return Votes(context, at.place, by_alone, aligned, alone)


def _draft(
    row: Mapping[str, Any], own: Sequence[tuple[Request, Place | None]], run: Engine,
    raw: Mapping[str, tuple[str, list[Sentence]]], markers: tuple[str, str], aligner: bool,
) -> Draft:  # fmt: skip
    question, question_words, question_unknown = clean(raw[row["question"]][0])
    _, count, unknown = clean(raw[row["context"]][0])
    total = (count + question_words, unknown + question_unknown)
    if CUT in raw[row["context"]][0] + raw[row["question"]][0]:
        return Draft(None, TOO_LONG, *total)
    context, places = _unmarked(*raw[row["context"]])
    answers: list[dict[str, Any]] | None = None if row["answers"] is None else []
    said: list[str] = []
    for item, aligned in own:
        marked = run.known((item.marked or "").strip())
        strange = _unknown(raw[row["context"]][0], marked or "", raw[item.answer.text][0])
        alone = clean(raw[item.answer.text][0])[0]
        votes = _votes(
            item, context, places, bare(marked) if marked else None, alone, aligned, markers,
            only=len(own) == 1,
        )  # fmt: skip
        found = decide(votes, aligner)
        if isinstance(found, str):
            return Draft(None, found, *total)
        (start, end), who = found
        context = votes.context
        answer = asdict(Answer(context[start:end], start))
        if half_translated(item.answer.text, answer["text"], strange):
            return Draft(None, "answer half translated", *total)
        assert answers is not None
        said.append(who)
        if answer not in answers:
            answers.append(answer)
    fields = {"question": question, "context": context, "answers": answers}
    problem = misplaced("span", fields)
    if problem:
        return Draft(None, problem, *total)
    pairs = sentence_pairs(row["question"], raw[row["question"]]) + sentence_pairs(row["context"], raw[row["context"]])
    how = min(said, key=_TRUST.index) if said else None
    return Draft(fields, None, *total, how, tuple(pairs))


_TRUST = ("alone", "alone and alignment", "markers and alignment", "markers and alone")
