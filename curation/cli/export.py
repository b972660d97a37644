"""``curation export``: a task's rows out of here, to be looked at by people or used elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from curation.core.errors import CairnError


@click.command()
@click.argument("task", required=False)
@click.option("--review", is_flag=True, required=True, help="A sheet to be filled in: flagged rows, worst first.")
@click.option("--where", default="", help="Rows that satisfy an SQL expression over the quality table.")
@click.option("--limit", default=0, type=click.IntRange(min=0), help="So many rows; 0 for all.")
@click.option("--to", type=click.Path(path_type=Path), help="The file to write.")
@click.option("--format", "form", default="csv", show_default=True, help="csv, jsonl, argilla or labelstudio.")
@click.option("--force", is_flag=True, help="Write over what is there.")
def command(task: str | None, review: bool, where: str, limit: int, to: Path | None, form: str, force: bool) -> int:
    """Write a sheet of a task's rows for people to fill in.

    A row a line, safe to open in a spreadsheet. Fill in the columns
    decision (keep, relabel, drop, unsure) and new_label, and read it back
    with `curation import`.

    \b
    curation export tickets --review --to sheet.csv
    curation export tickets --review --where "label_quality < 0.1" \\
        --format labelstudio --to tasks.json

    Exit code 1: no row matches.
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.cli import _tables

    return _sheet(_tables.pick(task), where, limit, to, form, force)


def _sheet(name: str, where: str, limit: int, to: Path | None, form: str, force: bool) -> int:
    from curation.cli import _tables
    from curation.core import files, kinds
    from curation.core.errors import unknown
    from curation.review import forms, sheets

    if form not in forms.FORMATS:
        raise unknown("format", form, forms.FORMATS, "--format")
    write, suffix = forms.FORMATS[form]
    to = to or Path(f"{name}-review{suffix}")
    if to.exists() and not force:
        raise CairnError(f"{to} exists, and may hold decisions. Bring them in (curation import {to}), or add --force.")
    sheet, task = sheets.rows(name, _tables.ids(name, where or "len(flags) > 0", limit))
    if not sheet:
        click.echo(f"no row of {name} matches. See: curation show {name}")
        return 1
    files.write_text(to, write(sheet, task.labels))
    click.echo(f"{to}: {len(sheet):,} rows of {name} to look at.")
    if form == "labelstudio":
        interface = to.with_suffix(".xml")
        files.write_text(interface, forms.label_studio_interface(list(kinds.KINDS[task.kind].content)))
        click.echo(f"{interface}: the labelling interface for Label Studio.")
    click.echo(f"Fill in decision and new_label; then: curation import {to}")
    return 0
