"""What ``curation new-task`` has to know and can ask for: splits, kind, and columns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from curation.cli.drafting import field_columns, given_rows
from curation.core.errors import CairnError, unknown
from curation.rows.columns import holder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.cli.drafting.field_columns import Fields
    from curation.cli.drafting.given_rows import Given


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
    found = given_rows.read(spec, told["config"], told["split"])
    for split in ("dev", "test"):
        if told[split]:
            found[split] = given_rows.other(spec, told[split], told["config"], f"--{split}")
    if told["hold_out"] is not None and not 0 <= told["hold_out"] < 1:
        raise CairnError(f"--hold-out {told['hold_out']}: a share between 0 and 1, such as 0.1; 0 for none.")
    if told["dev"] and told["hold_out"]:
        raise CairnError("--dev and --hold-out both make the dev split. Give one of them.")
    if told["hold_out"]:
        found.pop("dev", None)
    return found


def understand(given: Mapping[str, Given], kind: str | None, mapping: Sequence[str], spec: str) -> tuple[str, Fields]:
    """Return the kind and the columns of its fields, asking for what the columns do not tell."""
    if kind is not None and kind not in field_columns.KINDS:
        raise unknown("kind", kind, field_columns.KINDS, "--kind")
    rows, columns = [row for one in given.values() for row in one.readable], given["train"].columns
    told = field_columns.parse(mapping, columns, kind)
    there = ", ".join(columns)
    kind = kind or field_columns.kind_of(rows, columns, told)
    if kind is None:
        why = f"{spec}: its columns ({there}) do not tell the kind of task: {', '.join(field_columns.KINDS)}."
        label = (
            field_columns.classes(rows, columns, told)
            if "text" in field_columns.fields("text", rows, columns, told)
            else []
        )
        flag = f"--kind classify --map label={label[0]}, or --kind text" if label else "--kind pair"
        kind = ask("Kind", flag, why, field_columns.KINDS)
        told = field_columns.parse(mapping, columns, kind)
    found = field_columns.fields(kind, rows, columns, told, [rows for one in given.values() for rows in one.per_file])
    for name in field_columns.missing(kind, found):
        why = f"{spec}: which column is {name} of a {kind} task? There are: {there}."
        answer = ask(f"Column of {name}", f"--map {name}=COLUMN", why, columns)
        found |= field_columns.parse([f"{name}={answer}"], columns, kind)
    field_columns.check_parts(rows, columns, found)
    check_columns(given, found)
    return kind, found


def check_columns(given: Mapping[str, Given], fields: Fields) -> None:
    """Raise :class:`CairnError` when a split lacks a column that the fields are made of."""
    for split, one in given.items():
        for column in (column for several in fields.values() for column in several):
            if holder(column, one.columns) is None:
                raise unknown("column", column, one.columns, f"{split}: {one.shown}")
