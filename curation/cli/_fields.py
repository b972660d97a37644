"""Which column is which field of a task: told by ``--map``, or read off the columns' names and values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from curation.errors import CairnError, unknown

Rows = Sequence[Mapping[str, Any]]
Fields = dict[str, tuple[str, ...]]
"""Field to the columns it is made of."""

KINDS = ("pair", "choice", "span", "tags", "text")
NEEDS: Mapping[str, tuple[str, ...]] = {
    "pair": ("text_a", "text_b", "label"),
    "choice": ("prompt", "choices", "label"),
    "span": ("question", "context", "answers"),
    "tags": ("tokens", "tags"),
    "text": ("text",),
}
"""Kind to the fields it cannot do without."""
MORE = ("group", "key")
JOINED = ("text_a", "text_b", "prompt", "question", "context", "text")
"""Fields that several columns may make up, joined by a space."""

_LABEL = "label labels goldlabel class category target relation isduplicate y"
_NAMES: Mapping[str, Mapping[str, str]] = {
    "pair": {
        "text_a": "texta premise sentence1 sentencea text1 question1 sent1 s1 first query",
        "text_b": "textb hypothesis sentence2 sentenceb text2 question2 sent2 s2 second passage",
        "label": _LABEL,
    },
    "choice": {
        "prompt": "prompt question ctx ctxa premise stem goal story",
        "choices": "choices options endings candidates",
        "label": "label answer answerkey answeridx correct gold correctanswer target",
    },
    "span": {
        "question": "question query",
        "context": "context passage paragraph document",
        "answers": "answers answer answertext",
    },
    "tags": {
        "tokens": "tokens words",
        "tags": "tags nertags postags upos ner pos chunktags labels",
    },
    "text": {"text": "text sentence content document body line"},
}
_KEYS = "id key guid uid qid pairid exampleid idx"
_STARTS = "answerstart start"
_FAMILY = re.compile(r"(answer|choice|option|opt|ending|sol|solution|alternative)[_ ]?([0-9]|[a-e])", re.IGNORECASE)

Shape = Literal["columns", "list", "json", "words", "squad", "offset", "search"]


def plain(name: str) -> str:
    """Return a column's name in small letters and digits alone.

    >>> plain("gold_label"), plain("pairID")
    ('goldlabel', 'pairid')
    """
    return re.sub(r"[\W_]+", "", name).lower()


def at(row: Mapping[str, Any], column: str) -> Any:
    """Return the value of a column; ``a.b`` is key ``b`` of the struct in column ``a``; ``None`` if absent."""
    if column in row or "." not in column:
        return row.get(column)
    first, _, rest = column.partition(".")
    value = row.get(first)
    return value.get(rest) if isinstance(value, Mapping) else None


def parse(given: Sequence[str], columns: Sequence[str], kind: str | None) -> Fields:
    """Return the fields of ``--map field=column``; raise :class:`CairnError` for names that are not there."""
    found: Fields = {}
    allowed = {*MORE, "start", *(name for needs in ((NEEDS[kind],) if kind else NEEDS.values()) for name in needs)}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not value:
            raise CairnError(f"--map {one}: write FIELD=COLUMN, such as --map text_a={columns[0]}")
        if name not in allowed:
            raise unknown("field", name, allowed, "--map")
        found[name] = _columns(name, value, columns)
    return found


def _columns(name: str, value: str, columns: Sequence[str]) -> tuple[str, ...]:
    several = (value,) if value in columns else tuple(value.split(","))
    for one in several:
        if one not in columns and one.split(".")[0] not in columns:
            raise unknown("column", one, columns, f"--map {name}")
    if len(several) > 1 and name not in (*JOINED, "choices"):
        raise CairnError(f"--map {name}: one column, not {len(several)}. Several may make up {', '.join(JOINED)}.")
    return several


def fields(kind: str, rows: Rows, columns: Sequence[str], told: Fields) -> Fields:
    """Return the fields of ``kind``: those told, and those whose column is plain from its name and values."""
    found = dict(told)
    taken = {name for field, used in told.items() if field not in MORE for name in used}
    free = [name for name in columns if name not in taken]
    family = [name for name in free if _FAMILY.fullmatch(name)] if kind == "choice" else []
    if "choices" in NEEDS[kind] and "choices" not in found and len(family) > 1:
        found["choices"] = tuple(sorted(family, key=str.lower))
        free = [name for name in free if name not in family]
    for name, names in _NAMES[kind].items():
        for wanted in () if name in found else names.split():
            column = next((one for one in free if plain(one) == wanted and _FITS.get(name, _any)(rows, one)), None)
            if column is not None:
                found[name] = (f"{column}.text",) if name == "choices" and _struct(rows, column) else (column,)
                free.remove(column)
                break
    if kind == "choice" and "prompt" not in told and found.get("prompt", ("",))[0].lower() == "question":
        before = [one for one in free if plain(one) in ("context", "passage", "story", "article")]
        found["prompt"] = (*before[:1], *found["prompt"])
    if kind == "span" and "start" not in found and shape_of_answers(rows, found.get("answers", ("",))[0]) != "squad":
        start = next((one for one in free if plain(one) in _STARTS.split()), None)
        found |= {"start": (start,)} if start else {}
    if "key" not in found:
        key = next((one for name in _KEYS.split() for one in free if plain(one) == name and _unique(rows, one)), None)
        found |= {"key": (key,)} if key else {}
    return found


def missing(kind: str, found: Fields) -> list[str]:
    """Return the fields of ``kind`` that have no column yet."""
    return [name for name in NEEDS[kind] if name not in found]


def kind_of(rows: Rows, columns: Sequence[str], told: Fields) -> str | None:
    """Return the kind that the columns are plainly of, or ``None``."""
    for kind in ("choice", "span", "tags", "pair"):
        if set(told) <= {*NEEDS[kind], *MORE, "start"} and not missing(kind, fields(kind, rows, columns, told)):
            return kind
    labelled = any(plain(one) in _LABEL.split() for one in columns)
    text = not labelled and set(told) <= {"text", *MORE} and not missing("text", fields("text", rows, columns, told))
    return "text" if text else None


def values(rows: Rows, column: str) -> list[Any]:
    """Return the values of a column that are not null."""
    return [value for row in rows if (value := at(row, column)) is not None]


def _any(rows: Rows, column: str) -> bool:
    return True


def _struct(rows: Rows, column: str) -> bool:
    return any(isinstance(value, Mapping) and "text" in value for value in values(rows, column)[:1])


def _texts(rows: Rows, column: str) -> bool:
    return all(isinstance(value, str) for value in values(rows, column)[:100])


def _several(rows: Rows, column: str) -> bool:
    return _struct(rows, column) or shape_of_list(rows, column) in ("list", "json")


_FITS: Mapping[str, Callable[[Rows, str], bool]] = {**dict.fromkeys(JOINED, _texts), "choices": _several}


def _unique(rows: Rows, column: str) -> bool:
    found = values(rows, column)
    return len(found) == len(rows) == len({str(value) for value in found})


def shape_of_list(rows: Rows, column: str) -> Shape:
    """Return how a column holds several values: ``list``, ``json`` (a list as text), or ``words`` between spaces."""
    found = values(rows, column)[:100]
    if any(isinstance(value, list) for value in found):
        return "list"
    lists = sum(isinstance(value, str) and value.strip().startswith("[") for value in found)
    return "json" if 2 * lists > len(found) else "words"


def shape_of_answers(rows: Rows, column: str) -> Shape:
    """Return how a column holds answers: ``squad`` (texts and offsets), ``json`` (the same as text), or one text."""
    found = values(rows, column)[:100]
    if any(isinstance(value, (Mapping, list)) for value in found):
        return "squad"
    as_json = [value.strip()[:1] in ("{", "[") and '"answer_start"' in value for value in found]
    return "json" if as_json and all(as_json) else "search"
