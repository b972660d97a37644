"""The labels of a new task: read off the rows, or given by name."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curation.cli.drafting import cell_shapes, interview
from curation.cli.drafting.cell_shapes import Rows
from curation.cli.drafting.field_columns import Fields
from curation.core.errors import CairnError, unknown
from curation.core.kinds import KINDS
from curation.rows.columns import UNLABELLED, bare, unlabelled, whole

_BLANKS = ("nan", "null", "none", "na", "n/a")
"""What programs write into an empty cell."""
_NO = ("no", "not", "non", "none", "false", "negative", "0")


@dataclass(frozen=True)
class Labels:
    """The labels of a task."""

    names: tuple[str, ...] = ()
    reorder: bool = True
    """Whether another order of ``names`` would keep their meaning; not where they name numbers."""
    notes: list[str] = field(default_factory=list)
    """What was assumed."""


def labels(kind: str, rows: Rows, found: Fields, names: Sequence[str], classes: Mapping[str, Sequence[str]]) -> Labels:
    """Return the labels of a column: the names given, or its class names, or else what occurs in it, sorted.

    ``classes``: column to class names in the order of their numbers, where the data set has them.

    Raises :class:`CairnError` for a column that holds no classes, for values that are none of ``names``, for names
    that differ only in capitals, and for tags that are mere numbers.
    """
    facts = next(facts for name, facts in KINDS.items() if name == kind)
    if facts.named == "no" or facts.label is None:
        return Labels()
    name = facts.label
    column = found[name][0]
    there = cell_shapes.values(rows, column)
    if facts.named == "word":
        shape = cell_shapes.of_list(rows, column)
        there = [tag for value in there for tag in cell_shapes.several(value, shape)]
    counts = Counter(_plain(value) for value in there if isinstance(value, (str, bool, int, float)))
    if counts and all(isinstance(value, bool) for value in counts):
        return _boolean(names, column)
    said = {value: n for value, n in counts.items() if not unlabelled(value) or str(value) in names}
    known = sorted(map(str, said), key=_order)
    if any(isinstance(value, float) for value in said) or len(known) > (1000 if facts.named == "word" else 100):
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
    numbers = all(re.fullmatch(r"-?\d+", value) for value in known)
    if facts.named == "word" and numbers and not names:
        names = _ask_names(known, column)
    if names:
        _check_names(names, known, numbers, column)
        return Labels(tuple(names), reorder=set(known) <= set(names))
    _check_spelling({str(value): n for value, n in said.items()}, column)
    if numbers:
        note = f"labels have their numbers for names; better ones: --labels {','.join('NAME' for _ in known[:3])}"
        return Labels(tuple(known), notes=[note])
    blank = [f"{value!r} ({said[value]:,} times)" for value in known if value.lower() in _BLANKS]
    notes = [f"{' and '.join(blank)} counts as a class; where it means unlabelled, empty the cells."] if blank else []
    return Labels(_negative_first(known) if facts.named == "row" else tuple(known), notes=notes)


def given(flag: str) -> list[str]:
    """Return the names in ``--labels``; raise :class:`CairnError` for one that is there twice."""
    names = [name for one in flag.split(",") if (name := unicodedata.normalize("NFC", bare(one)))]
    if len(set(names)) < len(names):
        raise CairnError(f"--labels names {next(one for one in names if names.count(one) > 1)!r} twice.")
    return names


def _plain(value: Any) -> Any:
    """Return a value as a label: texts without blanks around, in composed form (NFC), so that é is one class."""
    return whole(unicodedata.normalize("NFC", bare(value)) if isinstance(value, str) else value)


def _boolean(names: Sequence[str], column: str) -> Labels:
    if names and len(names) != 2:
        raise CairnError(f"--labels gives {len(names)} names, but column {column!r} holds false and true: give two.")
    return Labels(tuple(names) or ("false", "true"), reorder=set(names) <= {"false", "true"})


def _ask_names(known: Sequence[str], column: str) -> list[str]:
    """Return the names of numbered tags: numbers do not tell which of them begins an entity."""
    why = (
        f"column {column!r} holds tags by number, {', '.join(known[:5])}{' ...' if len(known) > 5 else ''}, and no "
        "names. Name them all, from number 0 on."
    )
    said = interview.ask("Names of the tags", "--labels O,B-PER,I-PER,...", why)
    return [one.strip() for one in said.split(",") if one.strip()]


def _check_names(names: Sequence[str], known: Sequence[str], numbers: bool, column: str) -> None:
    for value in known:
        if value in names:
            continue
        if not numbers:
            raise unknown("label", value, names, f"column {column!r}, --labels")
        if not 0 <= int(value) < len(names):
            raise CairnError(
                f"--labels gives {len(names)} names, for the numbers 0 to {len(names) - 1}; column {column!r} holds "
                f"{', '.join(known)}. Give a name for each from 0 on, or leave --labels out."
            )


def _check_spelling(counts: Mapping[str, int], column: str) -> None:
    """Raise :class:`CairnError` for labels that differ only in capitals or width: one class more often than two."""
    alike: dict[str, list[str]] = {}
    for value in counts:
        alike.setdefault(unicodedata.normalize("NFKC", value).casefold(), []).append(value)
    for several in alike.values():
        if len(several) > 1:
            shown = " and ".join(f"{value!r} ({counts[value]:,} times)" for value in sorted(several))
            raise CairnError(
                f"column {column!r} holds {shown}, which differ only in capitals (or width). Write them alike in the "
                f"file; if they are classes of their own, name all labels: --labels {','.join(sorted(several))},..."
            )


def _negative_first(names: Sequence[str]) -> tuple[str, ...]:
    """Return two labels with the one that says no first, so that F1 is that of the other; else as they are.

    >>> _negative_first(["duplicate", "not_duplicate"]), _negative_first(["related", "unrelated"])
    (('not_duplicate', 'duplicate'), ('unrelated', 'related'))
    >>> _negative_first(["no", "yes"]), _negative_first(["hate", "none"]), _negative_first(["x", "y"])
    (('no', 'yes'), ('none', 'hate'), ('x', 'y'))
    """
    if len(names) == 2 and _denies(names[1], names[0]) and not _denies(names[0], names[1]):
        return names[1], names[0]
    return tuple(names)


def _denies(one: str, other: str) -> bool:
    """Return whether a label says the contrary of another one, or no."""
    first, *more = re.split(r"[\W_]+", one.strip().lower())
    other = re.sub(r"[\W_]+", "", other).lower()
    short = "".join((first, *more))
    return first in _NO or any(short == f"{prefix}{other}" for prefix in ("un", "in", "im", "dis", "non", "not", "no"))


def _order(value: str) -> tuple[Any, ...]:
    """Sort numbers as numbers, ``O`` before all tags, and ``B-X`` beside ``I-X``.

    >>> sorted(["I-B", "B-B", "O", "B-A"], key=_order), sorted(["10", "9"], key=_order)
    (['O', 'B-A', 'B-B', 'I-B'], ['9', '10'])
    """
    if re.fullmatch(r"-?\d+", value):
        return (0, int(value), "", "")
    letter, dash, kind = value.partition("-")
    return (1, 0, "", "") if value == "O" else (2, 0, kind, letter) if dash and len(letter) == 1 else (2, 0, value, "")
