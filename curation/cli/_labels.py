"""The labels of a new task: read off the rows, or given by name; and what a choice is counted by."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from curation.cli._fields import Fields, Rows, Shape, at, shape_of_list, values
from curation.errors import CairnError, unknown
from curation.rows.columns import UNLABELLED

Count = Literal["zero", "one", "letters", "text"]


@dataclass(frozen=True)
class Labels:
    """The labels of a task, and how a column says them."""

    names: tuple[str, ...] = ()
    count: Count = "zero"
    """``choice``: what the label column counts the choices by."""
    boolean: bool = False
    """``pair``: the column holds true and false."""
    notes: list[str] = field(default_factory=list)
    """What was assumed."""


def labels(kind: str, rows: Rows, found: Fields, names: Sequence[str], classes: Mapping[str, Sequence[str]]) -> Labels:
    """Return the labels of a column: the names given, or its class names, or else what occurs in it, sorted.

    ``classes``: column to class names in the order of their numbers, where the data set has them.

    Raises :class:`CairnError` for a column that holds no classes, and for values that are none of ``names``.
    """
    if kind == "choice":
        return Labels(count=_count(rows, found))
    if kind not in ("pair", "tags"):
        return Labels()
    name = "label" if kind == "pair" else "tags"
    column = found[name][0]
    there = values(rows, column)
    if kind == "tags":
        shape = shape_of_list(rows, column)
        there = [tag for value in there for tag in split(value, shape)]
    distinct = {value for value in there if isinstance(value, (str, bool, int, float)) and value == value}
    if distinct and all(isinstance(value, bool) for value in distinct):
        return Labels(_two(names, column), boolean=True)
    distinct = {_whole(value) for value in distinct}
    known = sorted({str(value) for value in distinct if value not in UNLABELLED or str(value) in names}, key=_order)
    if any(isinstance(value, float) for value in distinct) or len(known) > (1000 if kind == "tags" else 100):
        raise CairnError(
            f"column {column!r} holds {len(known):,} different values, such as {', '.join(known[:3])}: no classes. "
            f"Name the column of the labels: --map {name}=COLUMN"
        )
    if len(known) < 2:
        raise CairnError(
            f"column {column!r} holds {f'one label only: {known[0]}' if known else 'no label'}. A task needs two; "
            f"{', '.join(repr(one) for one in UNLABELLED[1:])} count as unlabelled, unless --labels names them."
        )
    if not names and set(known) <= set(classes.get(column, ())):
        return Labels(tuple(classes[column]))
    number = all(re.fullmatch(r"-?\d+", value) for value in known)
    if names:
        _check_names(names, known, number, column)
        return Labels(tuple(names))
    note = f"labels have their numbers for names; better ones: --labels {','.join('NAME' for _ in known[:3])}"
    return Labels(tuple(known), notes=[note] if number else [])


def _two(names: Sequence[str], column: str) -> tuple[str, ...]:
    if names and len(names) != 2:
        raise CairnError(f"--labels gives {len(names)} names, but column {column!r} holds false and true: give two.")
    return tuple(names) or ("false", "true")


def _check_names(names: Sequence[str], known: Sequence[str], number: bool, column: str) -> None:
    for value in known:
        if value in names:
            continue
        if not number:
            raise unknown("label", value, names, f"column {column!r}, --labels")
        if not 0 <= int(value) < len(names):
            raise CairnError(
                f"--labels gives {len(names)} names, for the numbers 0 to {len(names) - 1}; column {column!r} holds "
                f"{', '.join(known)}. Give a name for each from 0 on, or leave --labels out."
            )


def _count(rows: Rows, found: Fields) -> Count:
    """Return what the label column of a ``choice`` task counts by."""
    column = found["label"][0]
    said = [_whole(value) for value in values(rows, column) if value not in UNLABELLED]
    if not said:
        raise CairnError(f"column {column!r} is empty. Name the one that says which is right: --map label=COLUMN")
    some = rows[:1000]
    shape = shape_of_list(rows, found["choices"][0])
    choices = [_options(row, found["choices"], shape) for row in some]
    if all(re.fullmatch(r"\d+", str(value)) for value in said):
        numbers = {int(value) for value in said}
        return "one" if 0 not in numbers and max(numbers) >= max(map(len, choices), default=0) else "zero"
    if all(isinstance(value, str) and value in tuple(string.ascii_uppercase[:10]) for value in said):
        return "letters"
    if 2 * sum(at(row, column) in several for row, several in zip(some, choices, strict=True)) > len(some):
        return "text"
    raise CairnError(
        f"column {column!r} does not say which choice is right: neither a number, nor a letter from A, nor the text "
        f"of a choice, but {str(said[0])[:40]!r}. Name another one: --map label=COLUMN"
    )


def _options(row: Mapping[str, Any], columns: Sequence[str], shape: Shape) -> list[Any]:
    """Return the choices of one row, as far as they can be read."""
    return [at(row, one) for one in columns] if len(columns) > 1 else split(at(row, columns[0]), shape)


def split(value: Any, shape: Shape) -> list[Any]:
    """Return the several values that one cell holds; none where it is broken."""
    if isinstance(value, list) or value is None:
        return value or []
    if shape == "words":
        return str(value).split()
    try:
        read = json.loads(value)
    except ValueError:
        return []
    return read if isinstance(read, list) else []


def _whole(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?\d+(\.0+)?", value):
        return int(float(value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _order(value: str) -> tuple[Any, ...]:
    """Sort numbers as numbers, ``O`` before all tags, and ``B-X`` beside ``I-X``.

    >>> sorted(["I-B", "B-B", "O", "B-A"], key=_order), sorted(["10", "9"], key=_order)
    (['O', 'B-A', 'B-B', 'I-B'], ['9', '10'])
    """
    if re.fullmatch(r"-?\d+", value):
        return (0, int(value), "", "")
    letter, dash, kind = value.partition("-")
    return (1, 0, "", "") if value == "O" else (2, 0, kind, letter) if dash and len(letter) == 1 else (2, 0, value, "")
