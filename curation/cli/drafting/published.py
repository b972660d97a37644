"""Files in the shape of their field, which ``new-task`` writes as rows: SQuAD's JSON, and a word a line (CoNLL)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from curation.core import strict_json
from curation.core.errors import CairnError
from curation.rows import paragraphs, separated

CONLL = (".conll", ".bio", ".iob", ".iob2", ".conllu")
"""Suffixes of files with a word a line and a blank line between sentences."""


def is_squad(rows: Sequence[Mapping[str, Any] | None]) -> bool:
    """Return whether ``rows`` are articles with paragraphs and their questions, as SQuAD is published.

    >>> is_squad([{"title": "a", "paragraphs": [{"context": "x", "qas": []}]}]), is_squad([{"text": "a"}]), is_squad([])
    (True, False, False)
    """
    return bool(rows) and all(paragraphs.nested(row) for row in rows)


def squad(rows: Sequence[Mapping[str, Any] | None], file: Path = Path("file")) -> list[Mapping[str, Any] | None]:
    """Return a row per question, in the layout of the hub: id, title, context, question, answers.

    A question without ``answers`` is unlabelled; one that ``is_impossible`` has none. Raises :class:`CairnError` naming
    ``file`` and the place in it that is not so built.

    >>> asked = {"id": "q", "question": "Who?", "answers": [{"text": "Ann", "answer_start": 0}]}
    >>> squad([{"title": "t", "paragraphs": [{"context": "Ann.", "qas": [asked]}]}])[0]["answers"]
    {'text': ['Ann'], 'answer_start': [0]}
    """
    try:
        found = [one for at, row in enumerate(rows) for one in paragraphs.questions(row or {}, "", str(at))]
        return [one if strict_json.whole(one) else None for one in found]
    except CairnError as error:
        raise CairnError(f"{file}: {error}") from None


def conll(file: Path) -> list[Mapping[str, Any] | None]:
    """Return a row per sentence: tokens, and tags from the last column (CoNLL-U: the universal part of speech).

    Lines of ``#`` and ``-DOCSTART-`` are left out, as are CoNLL-U's ranges of words. Raises :class:`CairnError` for a
    line without a tag, naming it.
    """
    universal = file.suffix == ".conllu"
    found: list[Mapping[str, Any] | None] = []
    tokens: list[str] = []
    tags: list[str] = []
    for number, line in enumerate([*re.split("\r\n|\n|\r", separated.text_of(file)), ""], start=1):
        if not line.strip():
            if tokens:
                found.append({"tokens": tokens, "tags": tags})
                tokens, tags = [], []
            continue
        cells = line.split("\t") if "\t" in line else line.split()
        if cells[0] == "-DOCSTART-" or (cells[0].startswith("#") and (universal or len(cells) == 1 or not tokens)):
            continue
        if universal and not cells[0].isdecimal():
            continue
        if len(cells) < (4 if universal else 2):
            raise CairnError(f"{file}: line {number} has no tag: {line[:40]!r}. Write a word and its tag a line.")
        tokens.append(cells[1] if universal else cells[0])
        tags.append(cells[3] if universal else cells[-1])
    return found
