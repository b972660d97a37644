"""What ``curation new-task`` says at its end: what it read as what, and how many rows are usable."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from curation.cli import profile
from curation.cli.drafting import field_columns
from curation.cli.drafting.given_rows import Given
from curation.cli.drafting.task_code import Draft
from curation.core import output, params
from curation.core.errors import CairnError


def report(draft: Draft, path: Path, given: Mapping[str, Given], found: Mapping[str, Any], *, as_json: bool) -> int:
    """Print what was made and how its rows fared; return 1 when more rows were unusable than fetch allows."""
    section = params.load().get("fetch")
    allowed = section.get("max_dropped", 0.0) if isinstance(section, dict) else 0.0
    bad = [s for s, one in found.items() if one["looked_at"] - one["usable"] > allowed * one["looked_at"]]
    blank = [split for split, one in found.items() if not one["labelled"]]
    notes = [*draft.reading.notes, *(f"{s} has no gold labels, only placeholders: it cannot be scored." for s in blank)]
    fields = {field: list(columns) for field, columns in draft.fields.items()}
    unused = field_columns.unused(given["train"].columns, draft.fields)
    read = {split: given[split].shown for split in ("train", "dev", "test") if split in given}
    if as_json:
        facts = {
            "name": draft.name,
            "path": path,
            "kind": draft.kind,
            "metric": draft.reading.metric,
            "labels": draft.reading.labels,
            "symmetric": draft.reading.symmetric,
            "parallel": draft.reading.parallel,
            "fields": fields,
            "not_used": unused,
            "read": read,
        }
        output.echo_json({**facts, "splits": found, "too_many_unusable": bad, "notes": notes})
        return 1 if bad else 0
    said = [("kind", draft.kind), ("metric", draft.reading.metric), ("labels", draft.reading.labels)]
    said += [(field, " ".join(columns)) for field, columns in fields.items()]
    said += [("not used", ", ".join(unused) or "no column")]
    said += [(f"{split} from", shown) for split, shown in read.items()]
    files = [source.repo for source in draft.sources.values() if source.repo.startswith("file:")]
    said += [("rows in", " ".join(dict.fromkeys(files)))]
    output.show(output.heading(str(path)), output.facts(said))
    rows = [
        (split, one["rows"], one["looked_at"], one["usable"],
         "; ".join(f"{count:,} {reason}" for reason, count in one["not_usable"].items()))
        for split, one in found.items()
    ]  # fmt: skip
    columns = ("split", "rows", "looked at", "usable", "not usable")
    click.echo()
    output.show(output.table(columns, rows, right=["rows", "looked at", "usable"], wrap=["not usable"]))
    for note in notes:
        click.echo()
        click.echo(textwrap.fill(f"Note: {note}", output.width(), break_on_hyphens=False, break_long_words=False))
    if bad:
        click.echo(f"\nMore rows of {', '.join(bad)} are unusable than fetch.max_dropped allows ({allowed:.0%}):")
        click.echo(f"mend the rows, or to_example in {path}, or raise it in params.yaml.")
    click.echo(f"\nNext: {_next(draft.name)}")
    click.echo("Then: dvc repro")
    return 1 if bad else 0


def _next(name: str) -> str:
    """Return the command that makes params.yaml curate the task; it says when that would overwrite changes."""
    command = f"curation profile own --task {name}"
    try:
        changed = params.path().exists() and not profile.untouched(params.path())
    except CairnError:  # no profiles here: params.yaml is all there is
        return f"name it in {params.path()} (intermediate: [{name}])"
    return f"{command} --force  (keep a copy of your {params.path()} first)" if changed else command
