"""Drafts of translated rows: from sentences through a backend, or from whole examples that exist."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from curation.core import records
from curation.core.task import Answer, Example, Kind
from curation.language.words import plain
from curation.translate.projection import Request, project, request
from curation.translate.sentences import Engine, Sentence, spans
from curation.translate.translators import CUT, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOO_LONG = "longer than the translation model reads"
"""Why a row is dropped, a sentence of which came back as :data:`CUT`."""
CHUNK = 512
"""Sentences handed to a backend, and kept in the cache, at a time."""


@dataclass(frozen=True)
class Draft:
    """A row on its way into another language."""

    fields: dict[str, Any] | None
    """The record columns that change; ``None`` = no translation."""
    reason: str | None = None
    """Why the row is dropped; ``None`` = not so far."""
    words: int = 0
    unknown: int = 0
    """Words of the translation, and those that the backend marked as unknown."""
    how: str | None = None
    """span: how the answers were carried over."""


def misplaced(kind: Kind, fields: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the fields of a translation: offsets, lengths, empty texts; ``None`` = nothing.

    >>> misplaced("span", {"question": "q", "context": "abc", "answers": [{"text": "c", "start": 1}]})
    'answer not at its offset'
    """
    texts = [fields[name] for name in records.content_fields(kind)]
    flat = [text for value in texts for text in ([value] if isinstance(value, str) else value or [])]
    if any(text is None for text in texts):
        return "incomplete translation"
    if kind == "tags" and len(fields["tags"] or ()) != len(fields["tokens"]):
        return "tags and tokens differ in number"
    if not flat or not any(text.strip() for text in flat):
        return "empty translation"
    for answer in fields["answers"] or () if kind == "span" else ():
        start, text = answer["start"], answer["text"]
        if not text or start < 0 or fields["context"][start : start + len(text)] != text:
            return "answer not at its offset"
    return None


def from_examples(kind: Kind, rows: Sequence[Mapping[str, Any]], found: Mapping[str, Example]) -> list[Draft]:
    """Return a draft per row from the example of its key; labels of pair and choice stay those of the row."""
    own = records.LABEL_FIELD.get(kind)
    names = [*records.content_fields(kind), *([own] if own in ("answers", "tags") else [])]
    drafts = []
    for row in rows:
        example = found.get(row["key"])
        if example is None:
            drafts.append(Draft(None, "no translation provided"))
            continue
        fields = {name: getattr(example, name) for name in names}
        for name in ("choices", "tokens", "tags"):
            if fields.get(name) is not None:
                fields[name] = list(fields[name])
        if fields.get("answers") is not None:
            fields["answers"] = [asdict(answer) for answer in fields["answers"]]
        problem = misplaced(kind, fields) or _unlike(kind, row, fields)
        drafts.append(Draft(None, problem) if problem else Draft(fields))
    return drafts


def _unlike(kind: Kind, row: Mapping[str, Any], fields: Mapping[str, Any]) -> str | None:
    if kind == "choice" and len(row["choices"]) != len(fields["choices"]):
        return "other number of choices"
    if kind == "span" and bool(row["answers"]) != bool(fields["answers"]):
        return "answerable in one language only"
    return None


def clean(text: str) -> tuple[str, int, int]:
    """Return ``text`` without marks of unknown words, how many words it has, and how many were marked.

    >>> clean(UNKNOWN + "zxqw corre")
    ('zxqw corre', 2, 1)
    """
    return text.replace(UNKNOWN, ""), len(plain(text.replace(UNKNOWN, ""))), text.count(UNKNOWN)


def from_sentences(
    kind: Kind,
    rows: Sequence[Mapping[str, Any]],
    backend: Any,
    engine: Mapping[str, str],
    src: str,
    tgt: str,
    params: Any,
) -> list[Draft]:
    """Return a draft per row, every text translated sentence by sentence and answers projected."""
    run = Engine(lambda texts: backend.translate(texts, src, tgt, params), engine, src, tgt, CHUNK)
    names = records.content_fields(kind)
    wanted = [
        text for row in rows for name in names for text in ([row[name]] if isinstance(row[name], str) else row[name])
    ]
    raw = run.texts(wanted)
    if kind == "span":
        return _with_answers(rows, run, raw, backend.MARKERS)
    drafts = []
    for row in rows:
        fields: dict[str, Any] = {}
        words = unknown = 0
        cut = False
        for name in names:
            whole = isinstance(row[name], str)
            cut |= any(CUT in raw[text][0] for text in ([row[name]] if whole else row[name]))
            parts = [clean(raw[text][0]) for text in ([row[name]] if whole else row[name])]
            fields[name] = parts[0][0] if whole else [part[0] for part in parts]
            words, unknown = words + sum(p[1] for p in parts), unknown + sum(p[2] for p in parts)
        drafts.append(Draft(None, TOO_LONG, words, unknown) if cut else _draft(kind, row, fields, words, unknown))
    return drafts


def _draft(kind: Kind, row: Mapping[str, Any], fields: dict[str, Any], words: int, unknown: int) -> Draft:
    pairs = [(row[name], fields[name]) for name in records.content_fields(kind)]
    lost = any(
        a.strip() and not b.strip()
        for old, new in pairs
        for a, b in ([(old, new)] if isinstance(old, str) else zip(old, new, strict=True))
    )
    problem = "empty translation" if lost else None
    return Draft(None, problem, words, unknown) if problem else Draft(fields, None, words, unknown)


def _unmarked(text: str, sentences: Sequence[Sentence]) -> tuple[str, list[Sentence]]:
    """Return a translation without marks of unknown words, and its sentences where they now lie."""
    shift = [0]
    for character in text:
        shift.append(shift[-1] + (character == UNKNOWN))
    moved = [
        Sentence(s.source, (s.target[0] - shift[s.target[0]], s.target[1] - shift[s.target[1]])) for s in sentences
    ]
    return text.replace(UNKNOWN, ""), moved


def _with_answers(
    rows: Sequence[Mapping[str, Any]],
    run: Engine,
    raw: Mapping[str, tuple[str, list[Sentence]]],
    markers: tuple[str, str],
) -> list[Draft]:
    """Return a draft per span row: markers first, then for what they lost the answers by themselves."""
    asked: list[list[Request | None]] = []
    for row in rows:
        answers = {(a["text"], a["start"]): Answer(a["text"], a["start"]) for a in row["answers"] or ()}
        cut = spans(row["context"])
        asked.append([request(row["context"], answer, cut, markers) for answer in answers.values()])
    wanted = {r.marked.strip() for found in asked for r in found if r is not None and r.marked}
    marked = {text: value.replace(UNKNOWN, "") for text, value in run.sentences(_flat(wanted)).items()}
    drafts: list[Draft | None] = [
        _span_draft(row, found, raw, marked, None, markers) for row, found in zip(rows, asked, strict=True)
    ]
    again = [i for i, draft in enumerate(drafts) if draft is None]
    alone = {
        text: clean(value[0])[0]
        for text, value in run.texts({r.answer.text for i in again for r in asked[i] if r is not None}).items()
    }
    for i in again:
        drafts[i] = _span_draft(rows[i], asked[i], raw, marked, alone, markers) or Draft(
            None, "answer not found in translation"
        )
    return [draft for draft in drafts if draft is not None]


def _flat(texts: set[str]) -> list[str]:
    """Return the texts that a backend can take as one sentence: those without a line break."""
    return [text for text in texts if len(text.splitlines()) == 1]


def _span_draft(
    row: Mapping[str, Any], asked: Sequence[Request | None], raw: Mapping[str, tuple[str, list[Sentence]]],
    marked: Mapping[str, str], alone: Mapping[str, str] | None, markers: tuple[str, str],
) -> Draft | None:  # fmt: skip
    """Return the draft of one row; ``None`` when an answer was not found."""
    question, question_words, question_unknown = clean(raw[row["question"]][0])
    _, words, unknown = clean(raw[row["context"]][0])
    if CUT in raw[row["question"]][0] or CUT in raw[row["context"]][0]:
        return Draft(None, TOO_LONG, words + question_words, unknown + question_unknown)
    context, places = _unmarked(*raw[row["context"]])
    answers: list[dict[str, Any]] | None = None if row["answers"] is None else []
    for item in asked:
        if item is None:
            return None
        found = project(
            item, context, places, marked.get((item.marked or "").strip()),
            None if alone is None else alone[item.answer.text], markers=markers, only=len(asked) == 1,
        )  # fmt: skip
        if found is None:
            return None
        context = found[0]
        assert answers is not None
        if asdict(found[1]) not in answers:
            answers.append(asdict(found[1]))
    fields = {"question": question, "context": context, "answers": answers}
    problem = misplaced("span", fields)
    how = None if not asked else "answer alone" if alone is not None else "markers"
    total = (words + question_words, unknown + question_unknown)
    return Draft(None, problem, *total) if problem else Draft(fields, None, *total, how)
