"""What ``curation new-task`` has to know and can ask for: splits, kind, columns, and a dev split."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from curation.cli import _fields, _given
from curation.errors import CairnError, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.cli._fields import Fields, Shape
    from curation.cli._given import Given


def terminal() -> bool:
    """Return whether there is somebody to ask."""
    return sys.stdin.isatty()


def ask(what: str, flag: str, why: str, choices: Sequence[str] = ()) -> str:
    """Return the user's answer; without a terminal raise :class:`CairnError` that names the flag to give instead."""
    if not terminal():
        raise CairnError(f"{why} Say it: {flag}")
    while True:
        found: str = click.prompt(f"{why}\n{what}", err=True, type=str).strip()
        if not choices or all(one in choices for one in found.split(",")):
            return found
        click.echo(f"  {unknown('answer', found, choices, what)}", err=True)


def splits(spec: str, told: Mapping[str, Any]) -> dict[str, Given]:
    """Return the rows of each split that was named or found."""
    found = _given.read(spec, told["config"], told["split"])
    for split in ("dev", "test"):
        if told[split]:
            found[split] = _given.other(spec, told[split], told["config"], f"--{split}")
    if told["hold_out"] is not None and not 0 < told["hold_out"] < 1:
        raise CairnError(f"--hold-out {told['hold_out']}: a share between 0 and 1, such as 0.1.")
    if told["dev"] and told["hold_out"]:
        raise CairnError("--dev and --hold-out both make the dev split. Give one of them.")
    if told["hold_out"]:
        found.pop("dev", None)
    return found


def understand(
    rows: list[Any], columns: list[str], kind: str | None, mapping: Sequence[str], spec: str
) -> tuple[str, Fields]:
    """Return the kind and the columns of its fields, asking for what the columns do not tell."""
    if kind is not None and kind not in _fields.KINDS:
        raise unknown("kind", kind, _fields.KINDS, "--kind")
    told = _fields.parse(mapping, columns, kind)
    there = ", ".join(columns)
    kind = kind or _fields.kind_of(rows, columns, told)
    if kind is None:
        why = f"{spec}: its columns ({there}) do not tell the kind of task: {', '.join(_fields.KINDS)}."
        kind = ask("Kind", "--kind pair", why, _fields.KINDS)
        told = _fields.parse(mapping, columns, kind)
    found = _fields.fields(kind, rows, columns, told)
    for name in _fields.missing(kind, found):
        why = f"{spec}: which column is {name} of a {kind} task? There are: {there}."
        answer = ask(f"Column of {name}", f"--map {name}=COLUMN", why, columns)
        found |= _fields.parse([f"{name}={answer}"], columns, kind)
    return kind, found


def check_columns(given: Mapping[str, Given], fields: Fields) -> None:
    """Raise :class:`CairnError` when a split lacks a column that the fields are made of."""
    for split, one in given.items():
        for column in (column for several in fields.values() for column in several):
            if column not in one.columns and column.split(".")[0] not in one.columns:
                raise unknown("column", column, one.columns, f"{split}: {one.shown}")


def with_dev(given: dict[str, Given], fields: Fields, kind: str, share: float | None) -> dict[str, Given]:
    """Return the splits with a dev split: the one there is, or a part of the train rows held out by group."""
    if "dev" in given and share is None:
        return given
    if share is None:
        why = f"{given['train'].shown}: no dev split, which every use of a task needs."
        answer = ask("Share of the rows to hold out", "--dev FILE, or --hold-out 0.1", why)
        try:
            share = float(answer)
        except ValueError:
            share = 0.0
        if not 0 < share < 1:
            raise CairnError(f"{answer!r} is no share between 0 and 1, such as 0.1.")
    together = fields.get("group") or fields[_fields.NEEDS[kind][kind == "span"]][:1]
    if given["train"].source is not None and len(together) == 1 and together[0] in given["train"].columns:
        train, dev = _given.parts_of(given["train"], share, together[0])
        return {**given, "train": train, "dev": dev}
    group = [[_fields.at(row or {}, column) for column in together] for row in given["train"].rows]
    train, dev = _given.split_off(given["train"], share, group)
    return {**given, "train": train, "dev": dev}


def shapes(kind: str, rows: list[Any], fields: Fields) -> dict[str, Shape]:
    """Return how the fields of several values are stored."""
    found: dict[str, Shape] = {}
    for name in ("choices", "tokens", "tags"):
        if name in fields:
            several = fields[name]
            found[name] = "columns" if len(several) > 1 else _fields.shape_of_list(rows, several[0])
    if kind == "span":
        found["answers"] = _fields.shape_of_answers(rows, fields["answers"][0])
        if found["answers"] == "search" and "start" in fields:
            found["answers"] = "offset"
    if found.get("choices") == "words":
        column = fields["choices"][0]
        raise CairnError(
            f"column {column!r} is one text, not a list of choices. Name a column a choice: "
            f"--map choices={column},COLUMN,..., or store lists (JSON in csv)."
        )
    return found
