"""``curation export``: a task's rows out of here, to be looked at by people or used elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from curation.cli import _complete
from curation.core.errors import CairnError


@click.command()
@click.argument("task", required=False, shell_complete=_complete.curated)
@click.option("--review", is_flag=True, help="A sheet to be filled in: flagged rows, worst first, with suggestions.")
@click.option("--kept", is_flag=True, help="The rows of the subset (the default).")
@click.option("--all-but-flagged", "unflagged", is_flag=True, help="All train rows without a flag.")
@click.option("--where", default="", help="Rows that satisfy an SQL expression over the quality table.")
@click.option("--limit", default=0, type=click.IntRange(min=0), help="--review: so many rows; 0 for all.")
@click.option("--to", type=click.Path(path_type=Path), help="The folder, or with --review the file, to write.")
@click.option(
    "--format", "form",
    help="parquet, jsonl, csv or hub (the default); with --review csv, jsonl, argilla or labelstudio.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over what is there.")
def command(
    task: str | None,
    review: bool,
    kept: bool,
    unflagged: bool,
    where: str,
    limit: int,
    to: Path | None,
    form: str | None,
    force: bool,
) -> int:
    """Write a task's rows for use elsewhere, or a sheet for people to fill in.

    For use elsewhere: a folder with the splits in the layout of the hub,
    class names, your own columns, quality and reasons, a data card that says
    what was left out and why, and Croissant metadata. Labels that people
    corrected are corrected. datasets.load_dataset reads the folder.

    With --review: a row a line, safe to open in a spreadsheet. Fill in the
    columns decision (keep, relabel, drop, unsure) and new_label, and read it
    back with `curation import`.

    \b
    curation export tickets --to clean
    curation export tickets --where "quality > 0.5" --to good --format csv
    curation export tickets --review --to sheet.csv
    curation export tickets --review --where "label_quality < 0.1" \\
        --format labelstudio --to tasks.json

    Exit code 1: no row matches.
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.cli import _tables

    name = _tables.pick(task)
    if sum((kept, unflagged, bool(where))) > 1:
        raise click.UsageError("--kept, --all-but-flagged and --where exclude each other.")
    if review:
        if kept or unflagged:
            raise click.UsageError("--review goes with --where and --limit.")
        return _sheet(name, where, limit, to, form or "csv", force)
    if to is None:
        raise click.UsageError("--to names the folder to write.")
    from curation.api import export

    sql = where or ("len(flags) = 0" if unflagged else "")
    chosen = _tables.ids(name, sql) if sql else export.kept(name)
    if not chosen:
        click.echo(f"no row of {name} matches.")
        return 1
    said = export.write(name, chosen, to, form or "hub", force=force)
    click.echo(f"{to}: {said.rows:,} of {said.of:,} train rows of {name}, {said.dev:,} dev rows.")
    if said.corrected:
        click.echo(f"{said.corrected:,} of them with a label that people corrected.")
    click.echo(f"Read them: datasets.load_dataset({str(to)!r})" if form in (None, "hub") else f"Files: {to}")
    return 0


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
