"""Helpers for a task file's ``to_example``: read one column of an upstream row, or reject the row with a reason.

``a.b`` is the part ``b`` of the struct in column ``a``, unless a column bears that very name. A column that is not
there is a mistake of the whole file, not of the row: the ``KeyError`` goes through to ``fetch``, which names the
columns that are there.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from curation.core.task import Answer, Example, Reject

UNLABELLED = (None, -1, "-1", "", "-")
"""What data sets write where there is no label."""


def holder(column: str, names: Container[str]) -> str | None:
    """Return which of ``names`` holds ``column``: itself, or else the struct that it is a part of; ``None`` = none.

    >>> holder("doc.id", ["doc.id", "doc"]), holder("doc.id", ["doc"]), holder("doc.id", ["id"])
    ('doc.id', 'doc', None)
    """
    parts = column.split(".")
    several = (".".join(parts[:size]) for size in range(len(parts), 0, -1))
    return next((name for name in several if name in names), None)


def at(row: Mapping[str, Any], column: str) -> Any:
    """Return the value of ``column``, or null where the struct that it is a part of lacks it.

    >>> at({"data": {"premise": "A dog runs."}}, "data.premise")
    'A dog runs.'
    """
    name = holder(column, row)
    if name is None:
        raise KeyError(column)
    if name == column:
        return row[column]
    inner, rest = row[name], column[len(name) + 1 :]
    return at(inner, rest) if isinstance(inner, Mapping) and holder(rest, inner) else None


def text(row: Mapping[str, Any], column: str) -> str:
    """Return the text of ``column``; raise :class:`Reject` when it is empty or no text.

    >>> text({"premise": "A dog runs."}, "premise")
    'A dog runs.'
    """
    value = at(row, column)
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
    return index(at(row, column), labels, column)


def index(value: Any, labels: Sequence[str], column: str) -> int | None:
    """Return the index into ``labels`` of one ``value``; see :func:`label`.

    Blanks and unseen characters around a name do not count. Whole numbers count in every spelling (1, "1", 1.0 as
    pandas writes a column with gaps), false and true where there are two labels. NaN is no label. The name of a label
    comes before its number and before what usually means unlabelled; where all names are numbers, nothing but a name
    counts.

    >>> [index(value, ("-1", "1"), "label") for value in ("-1", " 1", -1.0, float("nan"), None)]
    [0, 1, 0, None, None]
    """
    if isinstance(value, bool) and len(labels) == 2:
        value = str(value).lower() if set(labels) == {"false", "true"} else int(value)
    if isinstance(value, str) and value not in labels:
        value = bare(value)
        value = next((name for name in labels if value and same_text(name, value)), value)
    if isinstance(value, str | int | float) and value in labels:
        return labels.index(value)
    number = whole(value)
    if not isinstance(number, bool) and str(number) in labels:
        return labels.index(str(number))
    if unlabelled(value):
        return None
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < len(labels):
        raise Reject(f"{column} out of range")
    if all(isinstance(whole(name), int) for name in labels):
        raise Reject(f"{column} out of range")
    return number


def bare(text: str) -> str:
    """Return ``text`` without blanks and format characters (a zero-width space, a mark of direction) around it.

    >>> bare(" yes\u200b")
    'yes'
    """
    start, end = 0, len(text)
    while start < end and _unseen(text[start]):
        start += 1
    while start < end and _unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def _unseen(char: str) -> bool:
    return char.isspace() or (not char.isascii() and unicodedata.category(char) == "Cf")


def same_text(one: str, other: str) -> bool:
    """Return whether two texts are canonically equivalent: é may be one character, or an e and an accent.

    >>> same_text("café", unicodedata.normalize("NFD", "café")), same_text("café", "cafe")
    (True, False)
    """
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def unlabelled(value: Any) -> bool:
    """Return whether ``value`` is what data sets write where there is no label.

    >>> [unlabelled(value) for value in (None, float("nan"), " ", "-1.0", 0)]
    [True, True, True, True, False]
    """
    return empty(value) or whole(value.strip() if isinstance(value, str) else value) in UNLABELLED


def empty(value: Any) -> bool:
    """Return whether ``value`` is null, NaN, or a text of blanks."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


def whole(value: Any) -> Any:
    """Return a whole number, however it is written, as an int; any other value as it is.

    >>> whole("1.0"), whole(2.0), whole("1.5"), whole(None)
    (1, 2, '1.5', None)
    """
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.0+)?", value):
        return int(float(value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def answers(row: Mapping[str, Any], column: str = "answers") -> tuple[Answer, ...] | None:
    """Return the gold answers of a SQuAD-like row, ``{"text": [...], "answer_start": [...]}``, repeats taken once.

    One answer need not be in a list. No answers means unanswerable; null means unlabelled, and gives ``None``.

    >>> answers({"answers": {"text": ["dog", "dog"], "answer_start": [2, 2.0]}})
    (Answer(text='dog', start=2),)
    """
    value = at(row, column)
    if value is None:
        return None
    if isinstance(value, Mapping):
        texts, starts = _listed(value["text"]), _listed(value["answer_start"])
    else:  # a list of structs, as some writers store the same
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, Mapping) for one in value):
            raise Reject(f"{column} holds no answers with text and answer_start")
        texts, starts = [one["text"] for one in value], [one["answer_start"] for one in value]
    if len(texts) != len(starts):
        raise Reject(f"{column} has not as many texts as offsets")
    numbers = [whole(start) for start in starts]
    if any(isinstance(number, bool) or not isinstance(number, int) for number in numbers):
        raise Reject(f"{column} has an offset that is not a number")
    if not all(isinstance(text, str) for text in texts):
        raise Reject(f"{column} has a text that is none")
    return tuple(dict.fromkeys(Answer(text, number) for text, number in zip(texts, numbers, strict=True)))


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else () if value is None else (value,)


def tags(row: Mapping[str, Any], column: str, labels: Sequence[str]) -> tuple[int, ...] | None:
    """Return the tag indices of a row; see :func:`indices`."""
    return indices(at(row, column), labels, column)


def indices(values: Sequence[Any] | None, labels: Sequence[str], column: str) -> tuple[int, ...] | None:
    """Return the indices into ``labels`` of several ``values``; ``None`` when none of them is labelled.

    Raises :class:`Reject` for a value that is none of ``labels``, and when only some are labelled.
    """
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


def question(row: Mapping[str, Any], key: str = "id") -> Example:
    """Return the question, context and answers of a row in SQuAD's columns; questions on one context are a group.

    >>> nobody = {"text": [], "answer_start": []}
    >>> found = question({"id": "7", "question": "Who?", "context": "Ann ran.", "answers": nobody})
    >>> found.question, found.answers, found.group, found.key
    ('Who?', (), 'Ann ran.', '7')
    """
    context = text(row, "context")
    return Example(question=text(row, "question"), context=context, answers=answers(row), group=context, key=row[key])


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
