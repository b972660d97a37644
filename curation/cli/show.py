"""``curation show``: rows of any table, filtered and sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from curation.cli import _complete

if TYPE_CHECKING:
    from curation.cli._sql import Frame


@click.command()
@click.argument("what", required=False, metavar="[TASK|FILE]", shell_complete=_complete.tasks)
@click.option(
    "--table",
    help="Which table of the task; see below. Default: quality, for a target its predictions.",
    shell_complete=_complete.tables,
)
@click.option("--where", default="", help="SQL expression a row has to satisfy.")
@click.option("--sort", default="", shell_complete=_complete.columns, help='SQL order, such as "quality DESC, id".')
@click.option("--columns", help='Columns to show, separated by commas; "all" for all.')
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0), help="Rows to show; 0 for all.")
@click.option("--full", is_flag=True, help="Whole texts, not two lines of them.")
@click.option("--json", is_flag=True, help="Print JSON.")
@click.option("--jsonl", is_flag=True, help="Print JSON, a row a line.")
@click.option("--csv", is_flag=True, help="Print CSV that is safe to open in a spreadsheet.")
@click.option("--tsv", is_flag=True, help="Print cells with tabs between them, as safe.")
@click.option("--md", is_flag=True, help="Print a Markdown table.")
def command(
    what: str | None,
    table: str | None,
    where: str,
    sort: str,
    columns: str | None,
    limit: int,
    full: bool,
    **forms: bool,
) -> int:
    """Show rows of a task's table, or of any parquet FILE.

    Without a task: the intermediate task of params.yaml, worst rows first,
    each with its given and suggested label, its flags and its text. The
    text, the label in words and the fields of the record stand beside the
    scores, so that they can be filtered too.

    \b
    Tables: quality, scores/SCORER, subset, dropped, predictions,
            train, dev, test, translated/LANG, checks/LANG

    \b
    curation show --where "label_quality < 0.2 AND label = 'neutral'"
    curation show mini_nli --table subset --where "reason = 'duplicate'"
    curation show --columns id,near_duplicates,text --sort near_duplicates

    Exit code 1: no row matches.
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.cli import _sql, _tables
    from curation.core import output

    asked = [form for form, wanted in forms.items() if wanted]
    if len(asked) > 1:
        raise click.UsageError(f"--{' and --'.join(asked)} exclude each other.")
    frame = _tables.open_frame(what, table)
    # For programs all columns, but none that only says others again for people.
    every = tuple(name for name in frame.columns if name != _tables.LABELS)
    chosen: tuple[str, ...] = every if asked and columns is None else frame.shown
    if columns is not None:
        chosen = every if columns == "all" else tuple(dict.fromkeys(c.strip() for c in columns.split(",")))
    found = _sql.ask(frame, chosen, where, sort or frame.sort, limit)
    if asked:
        click.echo(output.TABLES[asked[0]](chosen, found), nl=False)
    elif found and columns is None and chosen == _tables.ROW:
        _rows(found, full)
        _count(frame, chosen, len(found), where)
    else:
        _print(frame, chosen, found, where)
    return 0 if found else 1


def _rows(found: list[tuple[Any, ...]], full: bool) -> None:
    """Print a line of facts for each row, and its text below over the whole width."""
    from rich.text import Text

    from curation.core import output

    wide = output.width()
    for id_, quality, flags, label, text in found:
        line = Text(f"{output.cell(quality):>5}  ", style="dim").append(
            output.cell(label) or "(no label)", style="bold"
        )
        facts = "  ".join(name for name in (", ".join(flags or ()), id_) if name)
        below = []
        if line.cell_len + 2 + len(facts) <= wide:
            line.append(f"  {facts}", style="dim")
        else:
            below = output.wrapped(facts, wide - 7)
        output.show(line)
        for one in [*below, *output.wrapped(output.cell(text), wide - 7, None if full else 2)]:
            click.echo(f"       {one}")


_NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL", "HUGEINT", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "UBIGINT")
_SHORT = ("id", "lang", "label", "start", "split", "key")
"""Columns of text that stay on one line."""


def _print(frame: Frame, chosen: tuple[str, ...], found: list[tuple[Any, ...]], where: str) -> None:
    from curation.core import output

    if not found:
        click.echo(f"no row of {frame.title} matches ({frame.rows:,} rows).")
        return
    kinds = dict(zip(frame.columns, frame.types, strict=True))
    # With many columns no table fits a terminal: one row becomes one block.
    if len(chosen) > max(6, output.width() // 14):
        for row in found:
            output.show(output.heading(output.cell(row[0])), output.facts(zip(chosen[1:], row[1:], strict=True)))
    else:
        lists = [name for name in chosen if kinds[name].endswith("[]")]
        right = [name for name in chosen if kinds[name].startswith(_NUMBERS) and name not in lists]
        wrap = [name for name in chosen if kinds[name] == "VARCHAR" and name not in _SHORT]
        stack = [name for name in lists if name == "flags"]
        output.show(output.table(chosen, found, right=right, wrap=[*wrap, *lists], stack=stack))
    _count(frame, chosen, len(found), where)


def _count(frame: Frame, chosen: tuple[str, ...], shown: int, where: str) -> None:
    """Print how many rows there are, and which other columns."""
    import textwrap

    from curation.cli import _sql
    from curation.core import output

    matching = _sql.count(frame, where) if where else frame.rows
    which = f" that match, of {frame.rows:,}" if where else ""
    click.echo(f"\n{shown:,} of {matching:,} rows{which} ({frame.title})")
    rest = [name for name in frame.columns if name not in chosen]
    if rest:
        text = "more columns: " + ", ".join(rest)
        click.echo(textwrap.fill(text, output.width(), subsequent_indent="  ", break_on_hyphens=False))
