"""Answers of a ``span`` row that are not stored as SQuAD stores them (for those: ``columns.answers``)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Literal

from curation.core.task import Answer, Reject
from curation.rows import columns

_FORMS: tuple[Literal["NFC"], Literal["NFD"]] = ("NFC", "NFD")


def search(value: Any, context: str, *, unanswerable: bool = False) -> tuple[Answer, ...]:
    """Return the answers whose texts ``value`` holds, one or a list, each at the one place where it is in ``context``.

    An empty list means unanswerable, and with ``unanswerable`` an empty text or null does too. Raises :class:`Reject`
    for an empty text otherwise, and for a text that is not there, or there twice.

    >>> search(["dog", "dog"], "A dog runs.")
    (Answer(text='dog', start=2),)
    """
    if columns.empty(value) and unanswerable:
        return ()
    texts = value if isinstance(value, (list, tuple)) else [value]
    return tuple(dict.fromkeys(_placed(text, context) for text in texts))


def _placed(text: Any, context: str) -> Answer:
    """Return the answer as ``context`` spells it, whose accents may be composed where the answer's are not."""
    if columns.empty(text):
        raise Reject("answer is empty")
    if not isinstance(text, str):
        raise Reject("answer is not text")
    spelt = next((one for form in _FORMS if (one := unicodedata.normalize(form, text)) in context), text)
    text = text if text in context else spelt
    if context.count(text) != 1:
        raise Reject("answer occurs twice" if text in context else "answer not in context")
    return Answer(text, context.index(text))


def beside(row: Mapping[str, Any], column: str, start: str, *, unanswerable: bool = False) -> tuple[Answer, ...]:
    """Return the answers of ``column``, one or a list, at the offsets that stand in the column ``start``.

    With ``unanswerable`` an empty text or null means that there is none. Raises :class:`Reject` for an empty text
    otherwise, and for an offset that is no number.

    >>> beside({"answer": "dog", "start": 2.0}, "answer", "start")
    (Answer(text='dog', start=2),)
    """
    text = columns.at(row, column)
    if columns.empty(text):
        if unanswerable:
            return ()
        raise Reject("answer is empty")
    return columns.answers({column: {"text": text, "answer_start": columns.at(row, start)}}, column) or ()
