"""``curation import``: decisions of people, from a filled sheet or in bulk, into the log of a task."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curation.cli import _complete

if TYPE_CHECKING:
    from curation.review.log import Decision, Outcome


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--accept-suggestions", is_flag=True, help="Relabel as suggested, without a file; needs --where.")
@click.option("--task", help="--accept-suggestions: the task.", shell_complete=_complete.curated)
@click.option("--where", default="", help="--accept-suggestions: rows that satisfy an SQL expression.")
@click.option("--author", help="Who decided, where the sheet does not say; else your name in git.")
@click.option("--replace", is_flag=True, help="Overwrite decisions that say something else.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    file: Path | None,
    accept_suggestions: bool,
    task: str | None,
    where: str,
    author: str | None,
    replace: bool,
    as_json: bool,
) -> int:
    """Bring a filled review sheet in, from `curation export --review`.

    Decisions are added to reviews/TASK.jsonl, with author and time. A row
    that has changed since the sheet was written is refused by name; a
    decision that contradicts one that stands is listed and not taken, but
    for --replace. Bringing a sheet in twice changes nothing.

    \b
    curation import sheet.csv
    curation import --accept-suggestions --task tickets \\
        --where "label_quality < 0.02"

    Exit code 1: some decisions were not taken.
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.cli import _tables
    from curation.core import output
    from curation.review import log, sheets

    who = author or log.author()
    if accept_suggestions == (file is not None):
        raise click.UsageError("name a FILE, or --accept-suggestions with --where.")
    if accept_suggestions:
        if not where:
            raise click.UsageError('--accept-suggestions needs --where, such as --where "label_quality < 0.02".')
        name = _tables.pick(task)
        ids = _tables.ids(name, where)
        found = {name: sheets.accept(name, ids, who, f"suggestion accepted where {where}", replace=replace)}
    else:
        assert file is not None
        found = sheets.bring(file, who, replace=replace)
    refused = any(one.conflicts or one.changed or one.gone for one in found.values())
    if as_json:
        output.echo_json({name: _told(one) for name, one in found.items()})
    else:
        for name, one in found.items():
            _print(name, one)
        if any(one.added for one in found.values()):
            click.echo("Next: dvc repro")
    return int(refused)


def _told(one: Outcome) -> dict[str, object]:
    conflicts = [{"id": new.id, "here": list(old.said), "by": old.author, "file": list(new.said)}
                 for new, old in one.conflicts]  # fmt: skip
    return {"added": [d.id for d in one.added], "same": len(one.same), "conflicts": conflicts,
            "changed": one.changed, "gone": one.gone}  # fmt: skip


def _print(name: str, one: Outcome) -> None:
    from collections import Counter

    from curation.core import output, paths

    verdicts = sorted(Counter(decision.decision for decision in one.added).items())
    counts = f" ({', '.join(f'{count:,} {verdict}' for verdict, count in verdicts)})" if verdicts else ""
    click.echo(f"{paths.reviews(name)}: {len(one.added):,} added{counts}, {len(one.same):,} there already.")
    said = [f"{new.id}: {_said(old)} by {old.author}, {old.time}; the file: {_said(new)}" for new, old in one.conflicts]
    for what, lines in (
        ("Conflicts, not taken (--replace takes them)", said),
        ("Changed since the sheet was written, not taken; export them again", one.changed),
        (f"Not in {name} any more, not taken", one.gone),
    ):
        if lines:
            click.echo(f"{what}:")
        for line in lines:
            click.echo(textwrap.indent(textwrap.fill(line, output.width() - 2, break_on_hyphens=False), "  "))


def _said(one: Decision) -> str:
    decision, label = one.said
    return f"{decision} {label}" if decision == "relabel" else str(decision)
