"""What the label column of a new ``choice`` task says: a number, a letter, a text, or the name of a choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from curation.cli.drafting import cell_shapes, interview
from curation.cli.drafting.cell_shapes import Rows, Shape
from curation.cli.drafting.field_columns import Fields
from curation.core.errors import CairnError, unknown
from curation.rows import columns, options
from curation.rows.options import Says

Key = Says | Literal["name"]
"""``name``: the choices have names of their own (``{text: [...], label: [...]}``), and the label is one of them."""
NEARLY = 0.95
"""Share of the rows that a reading has to fit: a few broken rows do not decide."""
_WHAT = {"zero": "a number from 0", "one": "a number from 1", "letter": "a letter", "text": "the text of a choice"}

_Places = Sequence[int | None]


def key(rows: Rows, found: Fields, shape: Shape, told: str | None) -> tuple[Key, list[str]]:
    """Return how the label column names the right choice, and what was assumed.

    ``told`` is ``--label-says``. Raises :class:`CairnError` when no reading fits, and when two fit that differ.
    """
    if told is not None:
        if told not in _WHAT:
            raise unknown("reading", told, _WHAT, "--label-says")
        return next(says for says in get_args(Says) if says == told), []
    column = found["label"][0]
    some = [row for row in rows if not columns.unlabelled(cell_shapes.at(row, column))][:1000]
    if not some:
        raise CairnError(f"column {column!r} is empty. Name the one that says which is right: --map label=COLUMN")
    if (names := names_of(found)) and _share(_read(some, column, _lists(some, names))) >= NEARLY:
        return "name", []
    choices = [choices_of(row, found, shape) for row in some]
    places = {says: _read(some, column, choices, says) for says in get_args(Says)}
    shares = {says: _share(read) for says, read in places.items()}
    number: Says = "one" if shares["one"] > shares["zero"] else "zero"
    readings: tuple[Says, ...] = (number, "letter", "text")
    fit = [says for says in readings if shares[says] >= NEARLY]
    fit = fit or [says for says in readings if shares[says] == max(shares.values()) > 0.5]
    if not fit:
        first = str(cell_shapes.at(some[0], column))[:40]
        raise CairnError(
            f"column {column!r} does not say which choice is right: neither a number, nor a letter from A, nor the "
            f"text of a choice, but {first!r}. Name another one: --map label=COLUMN"
        )
    if len(fit) > 1 and (apart := sum(len({*read}) > 1 for read in zip(*(places[s] for s in fit), strict=True))):
        first = str(cell_shapes.at(some[0], column))[:40]
        why = (
            f"column {column!r} can be read as {' or as '.join(_WHAT[says] for says in fit)}, which differs in "
            f"{apart:,} of {len(some):,} rows, such as {first!r} of {list(choices[0])}."
        )
        return key(rows, found, shape, interview.ask("Reading", f"--label-says {' or '.join(fit)}", why, fit))
    guessed = fit[0] == "zero" and shares["one"] == shares["zero"]
    note = f"no {column} is 0; numbers were taken to count from 0. If they count from 1: --label-says one"
    return fit[0], [note] if guessed else []


def choices_of(row: Mapping[str, Any], found: Fields, shape: Shape) -> tuple[Any, ...]:
    """Return the choices of one row, as far as they can be read."""
    names = found["choices"]
    if shape == "columns":
        return options.filled(cell_shapes.at(row, name) for name in names)
    return options.filled(cell_shapes.several(cell_shapes.at(row, names[0]), shape))


def names_of(found: Fields) -> str | None:
    """Return the column of the choices' names that stands beside the column of their texts, if they are stored so."""
    column = found["choices"][0]
    return f"{column.removesuffix('.text')}.label" if len(found["choices"]) == 1 and column.endswith(".text") else None


def _read(rows: Rows, column: str, choices: Sequence[Sequence[Any]], says: Says = "text") -> _Places:
    answers = (cell_shapes.at(row, column) for row in rows)
    return [options.position(answer, several, says) for answer, several in zip(answers, choices, strict=True)]


def _lists(rows: Rows, column: str) -> list[Sequence[Any]]:
    return [cell_shapes.several(cell_shapes.at(row, column), "list") for row in rows]


def _share(places: _Places) -> float:
    """Return the share of rows that a reading fits."""
    return sum(place is not None for place in places) / len(places)
