"""``curation explain``: one row's whole story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(id_: str, as_json: bool) -> int:
    """Tell one row's whole story.

    Where it comes from, its text and label, every score with its reason,
    its nearest neighbours, its translations, its place in the subset, its
    training dynamics, and for a test row what each model answered.
    """
    from curation.cli import _story
    from curation.core import output

    told = _story.tell(id_)
    if as_json:
        output.echo_json(told)
        return 0
    kind = f"{told['split']} row of {told['task']} ({told['role']} task, kind {told['kind']})"
    source = told["source"]
    place = _pairs({key: value for key, value in source.items() if key != "licence"})
    lines = [("what", kind), ("source", place), ("licence", source.get("licence"))]
    output.show(output.heading(told["id"]), output.facts(lines))
    for part in (_records, _quality, _scores, _neighbours, _translations, _subset, _dynamics, _predictions):
        found = part(told)
        if found:
            output.show(*found)
    return 0


def _records(told: Mapping[str, Any]) -> list[RenderableType]:
    from curation.core.output import facts, heading

    lines: list[RenderableType] = []
    for record in told["records"]:
        lines.append(heading(f"Text ({record['lang']})"))
        lines.append(facts((key, _unlabelled(key, value)) for key, value in record.items() if key != "lang"))
    return lines


def _unlabelled(key: str, value: Any) -> Any:
    return "(none)" if key == "label" and value is None else value


def _pairs(values: Mapping[str, Any]) -> str:
    from curation.core.output import cell

    shown = {key: value for key, value in values.items() if value not in (None, "", [])}
    return ", ".join(cell(value) if key == "source" else f"{key} {cell(value)}" for key, value in shown.items())


def _quality(told: Mapping[str, Any]) -> list[RenderableType]:
    from curation.core.output import cell, facts, heading

    found = told["quality"]
    if not found:
        return []
    place = f"{cell(found['quality'])}, rank {found['rank']:,} of {found['rows']:,} (1 = best)"
    flags = found["flags"] or ["none"]
    return [heading("Quality"), facts([("quality", place), ("flags", flags), ("why", found["why"])])]


def _scores(told: Mapping[str, Any]) -> list[RenderableType]:
    from curation.core.output import facts, heading, table

    lines: list[RenderableType] = []
    if told["scores"]:
        rows = []
        for name, found in told["scores"].items():
            evidence = _pairs({key: value for key, value in found.items() if key not in ("score", "why")})
            reason = " – ".join(part for part in (found["why"], evidence) if part)
            rows.append((name, found["score"], reason))
        lines = [
            heading("Scores (0 to 1, 1 = keep)"),
            table(["scorer", "score", "why"], rows, right=["score"], wrap=["why"]),
        ]
    if told["probe"]:
        chances = ", ".join(f"{name} {chance:.2f}" for name, chance in told["probe"].items())
        lines += [heading("Probe"), facts([("probability", chances + " (out of fold)")])]
    return lines


def _listed(
    title: str, rows: Sequence[Mapping[str, Any]], right: Sequence[str], wrap: Sequence[str]
) -> list[RenderableType]:
    from curation.core.output import heading, table

    if not rows:
        return []
    columns = [name for name in rows[0] if any(row.get(name) is not None for row in rows)]
    return [
        heading(title),
        table(columns, [[row.get(name) for name in columns] for row in rows], right=right, wrap=wrap),
    ]


def _neighbours(told: Mapping[str, Any]) -> list[RenderableType]:
    return _listed("Nearest rows (cosine similarity)", told["neighbours"], ["similarity"], ["text"])


def _translations(told: Mapping[str, Any]) -> list[RenderableType]:
    from curation.core.output import facts, heading

    lines: list[RenderableType] = []
    for lang, found in told["translations"].items():
        own = {key: value for key, value in found.items() if key not in ("lang", "key", "group", "checks")}
        lines += [heading(f"Translation ({lang})"), facts([*own.items(), ("checks", _pairs(found["checks"]))])]
    return lines


def _subset(told: Mapping[str, Any]) -> list[RenderableType]:
    rows = [{key: value for key, value in row.items() if key not in ("id", "task")} for row in told["subset"]]
    return _listed("Subset", rows, ["rank"], ["reason"])


def _dynamics(told: Mapping[str, Any]) -> list[RenderableType]:
    title = "Training dynamics (probability of the gold label by epoch)"
    return _listed(title, told["dynamics"], ["seed"], ["confidence", "correct"])


def _predictions(told: Mapping[str, Any]) -> list[RenderableType]:
    from curation.core.output import heading, table

    rows = told["predictions"]
    if not rows:
        return []
    cells = [
        (r["lang"], r["start"], r["seed"], r["prediction"], r["gold"]) for r in sorted(rows, key=lambda r: r["lang"])
    ]
    columns = ("lang", "start", "seed", "prediction", "gold")
    return [heading("Predictions"), table(columns, cells, right=["seed"], wrap=["prediction", "gold"])]
