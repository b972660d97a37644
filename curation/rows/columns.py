"""Helpers for a task file's ``to_example``: read one column of an upstream row, or reject the row with a reason.

A column that is not there is a mistake of the whole file, not of the row: the ``KeyError`` goes through to ``fetch``,
which names the columns that are there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from curation.tasks import Answer, Example, Reject

UNLABELLED = (None, -1, "-1", "", "-")
"""What data sets write where there is no label."""


def text(row: Mapping[str, Any], column: str) -> str:
    """Return the text of ``column``; raise :class:`Reject` when it is empty or no text.

    >>> text({"premise": "A dog runs."}, "premise")
    'A dog runs.'
    """
    value = row[column]
    if not isinstance(value, str):
        raise Reject(f"{column} is not text" if value is not None else f"{column} is missing")
    if not value.strip():
        raise Reject(f"{column} is empty")
    return value


def label(row: Mapping[str, Any], column: str, labels: Sequence[str]) -> int | None:
    """Return the index into ``labels`` of ``column``: a name, a number, or a number as text; ``None`` = unlabelled.

    Raises :class:`Reject` for a label that is none of ``labels``.

    >>> [label({"label": value}, "label", ("no", "yes")) for value in (1, "yes", "1", -1)]
    [1, 1, 1, None]
    """
    return index(row[column], labels, column)


def index(value: Any, labels: Sequence[str], column: str) -> int | None:
    """Return the index into ``labels`` of one ``value``; see :func:`label`.

    Whole numbers count in every spelling (1, "1", 1.0 as pandas writes a column with gaps), NaN is no label, and the
    name of a label comes before its number and before what usually means unlabelled.

    >>> [index(value, ("-1", "1"), "label") for value in ("-1", 1, -1.0, float("nan"), None)]
    [0, 1, 0, None, None]
    """
    if value in labels:
        return labels.index(value)
    number = _whole(value)
    if not isinstance(number, bool) and str(number) in labels:
        return labels.index(str(number))
    if number in UNLABELLED or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(labels):
        raise Reject(f"{column} out of range")
    return number


def _whole(value: Any) -> Any:
    """Return a whole number, however it is written, as an int; any other value as it is."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.0+)?", value):
        return int(float(value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def answers(row: Mapping[str, Any], column: str = "answers") -> tuple[Answer, ...] | None:
    """Return the gold answers of a SQuAD-like row, ``{"text": [...], "answer_start": [...]}``, repeats taken once.

    No answers means unanswerable; null means unlabelled, and gives ``None``.

    >>> answers({"answers": {"text": ["dog", "dog"], "answer_start": [2, 2]}})
    (Answer(text='dog', start=2),)
    """
    value = row[column]
    if value is None:
        return None
    if isinstance(value, Mapping):
        texts, starts = value["text"], value["answer_start"]
    else:  # a list of structs, as some writers store the same
        texts, starts = [one["text"] for one in value], [one["answer_start"] for one in value]
    if len(texts) != len(starts):
        raise Reject(f"{column} has not as many texts as offsets")
    if any(not isinstance(start, int) for start in starts):
        raise Reject(f"{column} has an offset that is not a number")
    return tuple(dict.fromkeys(Answer(text, start) for text, start in zip(texts, starts, strict=True)))


def tags(row: Mapping[str, Any], column: str, labels: Sequence[str]) -> tuple[int, ...] | None:
    """Return the tag indices of a row; ``None`` when no token of it is labelled.

    Raises :class:`Reject` for a tag that is none of ``labels``, and when only some tokens are labelled.
    """
    values = row[column]
    if values is None:
        return None
    found = [index(value, labels, column) for value in values]
    known = [tag for tag in found if tag is not None]
    if not known:
        return None
    if len(known) < len(found):
        raise Reject(f"{column} is only partly labelled")
    return tuple(known)


def inference(row: Mapping[str, Any], labels: Sequence[str]) -> Example:
    """Return the pair of columns ``premise`` and ``hypothesis``; rows of one premise are a group, a ``key`` is kept.

    >>> found = inference({"premise": "a", "hypothesis": "b", "label": 1}, ("yes", "no"))
    >>> found.text_a, found.text_b, found.label, found.group
    ('a', 'b', 1, 'a')
    """
    premise = text(row, "premise")
    return Example(
        text_a=premise,
        text_b=text(row, "hypothesis"),
        label=label(row, "label", labels),
        group=premise,
        key=row.get("key"),
    )


def both_sides(row: Mapping[str, Any], lang: str, key: str) -> Iterable[Mapping[str, Any]]:
    """Yield a row of ``source_sentence`` (``lang``) and ``target_sentence`` (English) as two that name each other.

    For ``Source.unfold`` of a ``bitext`` task; :func:`sentence` reads what it yields. The language is the pool.

    >>> rows = both_sides({"source_sentence": "Ja.", "target_sentence": "Yes."}, "de", "7")
    >>> [(row["key"], row["gold"], row["lang"], row["text"]) for row in rows]
    [('de-7', 'de-7-en', 'de', 'Ja.'), ('de-7-en', 'de-7', 'en', 'Yes.')]
    """
    here, there = f"{lang}-{key}", f"{lang}-{key}-en"
    pair = {"pool": lang, "pair": here}
    yield {**pair, "text": row["source_sentence"], "side": "source", "lang": lang, "key": here, "gold": there}
    yield {**pair, "text": row["target_sentence"], "side": "target", "lang": "en", "key": there, "gold": here}


def sentence(row: Mapping[str, Any]) -> Example:
    """Return one side of a sentence pair; the pair is the group, so that a cap keeps whole pairs."""
    return Example(
        text=text(row, "text"),
        pool=row["pool"],
        side=row["side"],
        gold=(row["gold"],),
        group=row["pair"],
        key=row["key"],
    )
