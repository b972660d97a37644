"""Drafts of translated rows: from sentences through a backend, or from whole examples that exist."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from curation.core import records
from curation.core.task import Example, Kind
from curation.language.words import plain
from curation.translate.translators import CUT, UNKNOWN, bare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.translate.sentences import Engine, Sentence

Pair = tuple[str, str]
TOO_LONG = "longer than the translation model reads"
"""Why a row is dropped, a sentence of which came back with :data:`CUT`."""


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
    """span and tags: how the labels were carried over."""
    pairs: tuple[Pair, ...] = ()
    """The sentences and their translations, where they are known; else whole fields are compared."""
    other_label: int | None = None
    """The label that a provided translation comes with, where its row has another, which stays."""


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
    """Return a draft per row from the example of its key; labels of classify, pair and choice stay those of the row.

    They would say which rows are mislabelled, and a translated arm would then differ from its original by more than the
    language. A label that differs is noted.
    """
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
        problem = misplaced(kind, fields) or unlike(kind, row, fields)
        drafts.append(Draft(None, problem) if problem else Draft(fields, other_label=_other_label(own, row, example)))
    return drafts


def _other_label(field: str | None, row: Mapping[str, Any], example: Example) -> int | None:
    if field != "label" or row[field] is None or example.label == row[field]:
        return None
    return example.label


def unlike(kind: Kind, row: Mapping[str, Any], fields: Mapping[str, Any]) -> str | None:
    """Return how a translation is of another make than its row; ``None`` = it is not.

    Two choices that differ in the row and no longer do in the translation make the question undecidable.

    >>> unlike("choice", {"choices": ["a couch", "a sofa"]}, {"choices": ["un sofá", "Un sofá"]})
    'two choices became one'
    """
    if kind == "choice":
        if len(row["choices"]) != len(fields["choices"]):
            return "other number of choices"
        before, after = ({" ".join(plain(text)) or text for text in part["choices"]} for part in (row, fields))
        if len(after) < len(before):
            return "two choices became one"
    if kind == "span" and bool(row["answers"]) != bool(fields["answers"]):
        return "answerable in one language only"
    return None


def clean(text: str) -> tuple[str, int, int]:
    """Return ``text`` without marks of unknown words, how many words it has, and how many were marked.

    >>> clean(UNKNOWN + "zxqw corre")
    ('zxqw corre', 2, 1)
    """
    return bare(text), len(plain(bare(text))), text.count(UNKNOWN)


def sentence_pairs(text: str, translated: tuple[str, Sequence[Sentence]]) -> list[Pair]:
    """Return each sentence of ``text`` with its translation, marks of unknown words removed."""
    raw, places = translated
    return [(text[slice(*s.source)], bare(raw[slice(*s.target)])) for s in places]


def from_texts(kind: Kind, rows: Sequence[Mapping[str, Any]], run: Engine) -> list[Draft]:
    """Return a draft per row of a kind whose label does not depend on words: every text sentence by sentence."""
    names = records.content_fields(kind)
    wanted = [
        text for row in rows for name in names for text in ([row[name]] if isinstance(row[name], str) else row[name])
    ]
    raw = run.texts(wanted)
    drafts = []
    for row in rows:
        fields: dict[str, Any] = {}
        pairs: list[Pair] = []
        words = unknown = 0
        cut = False
        for name in names:
            whole = isinstance(row[name], str)
            texts = [row[name]] if whole else row[name]
            parts = [clean(raw[text][0]) for text in texts]
            pairs += [pair for text in texts for pair in sentence_pairs(text, raw[text])]
            fields[name] = parts[0][0] if whole else [part[0] for part in parts]
            words, unknown = words + sum(p[1] for p in parts), unknown + sum(p[2] for p in parts)
            cut |= any(CUT in raw[text][0] for text in texts)
        problem = TOO_LONG if cut else _lost(kind, row, fields) or unlike(kind, row, fields)
        drafts.append(
            Draft(None, problem, words, unknown) if problem else Draft(fields, None, words, unknown, pairs=tuple(pairs))
        )
    return drafts


def _lost(kind: Kind, row: Mapping[str, Any], fields: Mapping[str, Any]) -> str | None:
    old_and_new = [(row[name], fields[name]) for name in records.content_fields(kind)]
    lost = any(
        a.strip() and not b.strip()
        for old, new in old_and_new
        for a, b in ([(old, new)] if isinstance(old, str) else zip(old, new, strict=True))
    )
    return "empty translation" if lost else None
