"""Which column is which field of a task: told by ``--map``, or read off the columns' names and values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from curation.cli.drafting.cell_shapes import Rows, of_answers, of_list, values
from curation.core.errors import CairnError, unknown
from curation.core.kinds import KINDS as FACTS
from curation.core.kinds import having
from curation.rows.columns import holder

Fields = dict[str, tuple[str, ...]]
"""Field to the columns it is made of."""

KINDS = having("intermediate")
NEEDS: Mapping[str, tuple[str, ...]] = {kind: tuple(name for name, _ in FACTS[kind].fields) for kind in KINDS}
"""Kind to the fields it cannot do without."""
MORE = ("group", "key")
JOINED = ("text_a", "text_b", "prompt", "question", "context", "text")
"""Fields that several columns may make up, joined by a space."""

_LABEL = "label labels goldlabel class category target relation isduplicate y"
_CLASS = f"{_LABEL} intent topic sentiment queue emotion genre type tag polarity rating stars"
_TEXT = "text sentence content document body line utterance message review comment question query tweet description"
_NAMES: Mapping[str, Mapping[str, str]] = {
    "pair": {
        "text_a": "texta premise sentence1 sentencea text1 question1 sent1 s1 first query",
        "text_b": "textb hypothesis sentence2 sentenceb text2 question2 sent2 s2 second passage",
        "label": _LABEL,
    },
    "choice": {
        "prompt": "prompt question questionstem ctx ctxa premise stem goal story",
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
    "classify": {"text": f"{_TEXT} title subject", "label": _CLASS},
    "text": {"text": f"{_TEXT} title subject"},
}
_BEFORE = "context passage premise situation scenario story article paragraph background narrative dialogue ctx"
"""Columns that a question of a ``choice`` task is about, and that are read before it."""
_KEYS = "id key guid uid qid pairid exampleid idx"
_STARTS = "answerstart start"
_FAMILY = re.compile(r"(answer|choice|option|opt|ending|sol|solution|alternative)[_ ]?([0-9]|[a-e])", re.IGNORECASE)


def plain(name: str) -> str:
    """Return a column's name in small letters and digits alone.

    >>> plain("gold_label"), plain("pairID")
    ('goldlabel', 'pairid')
    """
    return re.sub(r"[\W_]+", "", name).lower()


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
        if name in found:
            raise CairnError(f"--map gives {name} twice. Several columns make up a field so: --map {name}=a,b")
        found[name] = _columns(name, value, columns)
    return found


def _columns(name: str, value: str, columns: Sequence[str]) -> tuple[str, ...]:
    several = (value,) if value in columns else tuple(value.split(","))
    for one in several:
        if holder(one, columns) is None:
            raise unknown("column", one, columns, f"--map {name}")
    if len(several) > 1 and name not in (*JOINED, "choices"):
        raise CairnError(f"--map {name}: one column, not {len(several)}. Several may make up {', '.join(JOINED)}.")
    return several


def fields(kind: str, rows: Rows, columns: Sequence[str], told: Fields, files: Sequence[Rows] | None = None) -> Fields:
    """Return the fields of ``kind``: those told, and those whose column is plain from its name and values.

    ``files``: the rows of each split and language, within which a key has to be unique.
    """
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
    if kind == "choice" and "prompt" not in told and plain(found.get("prompt", ("",))[0]) in ("question", "stem"):
        before = [one for name in _BEFORE.split() for one in free if plain(one) == name and _texts(rows, one)]
        found["prompt"] = (*before[:1], *found["prompt"])
    if kind == "span" and "start" not in found and of_answers(rows, found.get("answers", ("",))[0]) == "search":
        start = next((one for one in free if plain(one) in _STARTS.split()), None)
        found |= {"start": (start,)} if start else {}
    if "key" not in found:
        files = files or [rows]
        key = next((one for name in _KEYS.split() for one in free if plain(one) == name and _key(files, one)), None)
        found |= {"key": (key,)} if key else {}
    return found


def check_parts(rows: Rows, columns: Sequence[str], fields: Fields) -> None:
    """Raise :class:`CairnError` for a part of a struct that no row has."""
    for name, several in fields.items():
        for column in several:
            first = holder(column, columns)
            if first not in (None, column) and not values(rows, column):
                structs = [value for value in values(rows, str(first)) if isinstance(value, Mapping)]
                parts = {f"{first}.{part}" for value in structs for part in value}
                raise unknown("column", column, parts or columns, f"--map {name}")


def missing(kind: str, found: Fields) -> list[str]:
    """Return the fields of ``kind`` that have no column yet."""
    return [name for name in NEEDS[kind] if name not in found]


def kind_of(rows: Rows, columns: Sequence[str], told: Fields) -> str | None:
    """Return the kind that the columns are plainly of, or ``None``."""
    for kind in ("choice", "span", "tags", "pair", "classify"):
        if set(told) <= {*NEEDS[kind], *MORE, "start"} and not missing(kind, fields(kind, rows, columns, told)):
            return kind
    labelled = any(plain(one) in _CLASS.split() for one in columns) or classes(rows, columns, told)
    text = not labelled and set(told) <= {"text", *MORE} and not missing("text", fields("text", rows, columns, told))
    return "text" if text else None


def classes(rows: Rows, columns: Sequence[str], told: Fields) -> list[str]:
    """Return the columns beside a text that may hold its class: few values, which come again and again."""
    text = fields("text", rows, columns, told).get("text", ())
    found = []
    for column in columns:
        there = [value for value in values(rows, column) if isinstance(value, str | bool | int)]
        distinct = len(set(there))
        if column not in text and 1 < distinct <= min(100, len(there) // 2):
            found.append(column)
    return found


def unused(columns: Sequence[str], fields: Fields) -> list[str]:
    """Return the columns that no field is made of."""
    used = {holder(column, columns) for several in fields.values() for column in several}
    return [column for column in columns if column not in used]


def _any(rows: Rows, column: str) -> bool:
    return True


def _struct(rows: Rows, column: str) -> bool:
    return any(isinstance(value, Mapping) and "text" in value for value in values(rows, column)[:1])


def _texts(rows: Rows, column: str) -> bool:
    return all(isinstance(value, str) for value in values(rows, column)[:100])


def _several(rows: Rows, column: str) -> bool:
    return _struct(rows, column) or of_list(rows, column) in ("list", "json")


_FITS: Mapping[str, Callable[[Rows, str], bool]] = {**dict.fromkeys(JOINED, _texts), "choices": _several}


def _key(files: Sequence[Rows], column: str) -> bool:
    """Return whether a column names every row, and no two of one split and language alike."""
    named = [[str(value) for value in values(rows, column)] for rows in files]
    return all(len(rows) == len(found) == len(set(found)) for rows, found in zip(files, named, strict=True))
