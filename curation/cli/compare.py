"""``curation compare``: two subsets, or any number of arms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType


def manifest(spec: str) -> Path | None:
    """Return the subset manifest that ``spec`` names, or ``None`` when it names an arm."""
    path = Path(spec)
    if spec.endswith(".parquet"):
        if not path.is_file():
            raise CairnError(f"{path} is missing. Name a manifest such as data/subset/manifest.parquet.")
        return path
    inside = path / "manifest.parquet"
    return inside if inside.is_file() else None


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="A B [C ...]")
@click.option("--x", metavar="KEY", help="Parameter to set the arms against, such as subset.size.")
@click.option("--metric", metavar="NAME", help="Value to compare: f1, macro_f1, exact_match, ... [report.metric]")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all numbers here.")
@click.option("--figure", type=click.Path(dir_okay=False, path_type=Path), help="Draw the arms here, as SVG.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    names: tuple[str, ...], x: str | None, metric: str | None, csv_file: Path | None, figure: Path | None, as_json: bool
) -> int:
    """Compare two subsets, or any number of arms.

    Subsets: name two manifests (files, or folders with manifest.parquet).
    Shown are overlap, labels, lengths and quality.

    Arms: name any of: a DVC experiment, a git revision, a folder with
    reports/, "workspace", each with ":pretrained" for its runs without the
    intermediate step; "pretrained" and "intermediate" alone mean the
    workspace's. Of two arms are shown the changed parameters and, per task
    and language, B - A with its 95% interval. Of more, or with --x, --csv
    or --figure: each arm's mean, and what it gains on the first.

    \b
    curation compare pretrained intermediate
    curation compare main my-experiment --metric macro_f1
    curation compare HEAD:pretrained n500 n1000 --x subset.size --figure a.svg
    curation compare old/manifest.parquet data/subset

    Exit code 1: on some task an arm is significantly worse than the first.
    With one seed there is no verdict, and the code is 0.
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.core import output

    several = len(names) > 2 or any((x, csv_file, figure))
    files = [manifest(name) for name in names]
    if len(names) < 2 and not any((x, csv_file, figure)):
        raise CairnError(f"{names[0]} alone cannot be compared. Name another arm, such as {names[0]}:pretrained.")
    if any(files) and (several or not all(files)):
        raise CairnError(
            f"{' and '.join(names)}: a subset and an arm, or more than two subsets. Compare two manifests, or any arms."
        )
    if files[0] is not None and files[1] is not None:
        from curation.cli import _manifests

        found = _manifests.compare(files[0], files[1])
        if as_json:
            output.echo_json(found)
        else:
            output.show(*_subsets(found))
        return 0
    from curation.cli import _arms

    if several:
        return _arms.several(names, x, metric, csv_file, figure, as_json)
    return _arms.two(names[0], names[1], metric, as_json)


def _subsets(found: Mapping[str, Any]) -> list[RenderableType]:
    from curation.core.output import cell, facts, heading, table

    shared, a, b = found["overlap"], found["a"], found["b"]
    rows: list[tuple[Any, ...]] = [("rows kept", f"{shared['rows_a']:,}", f"{shared['rows_b']:,}")]
    rows.append(("only here", f"{shared['only_a']:,}", f"{shared['only_b']:,}"))
    for part, name in (("tasks", "task"), ("languages", "language"), ("labels", "label")):
        for key in sorted({*a[part], *b[part]}):
            cells = [_share(side[part].get(key, 0), total) for side, total in _totals(found)]
            rows.append((f"{name} {key}", *cells))
    spreads = [("length", key) for key in ("p25", "p50", "p75")] + [("quality", key) for key in ("mean", "min", "max")]
    rows += [(f"{part} {key}", cell(a[part].get(key)), cell(b[part].get(key))) for part, key in spreads]
    nested = "; the smaller lies within the larger" if shared["nested"] else ""
    summary = [
        ("A", a["manifest"]),
        ("B", b["manifest"]),
        ("shared", f"{shared['shared']:,} rows, Jaccard {shared['jaccard']:.3f}{nested}"),
        ("labels", f"total variation distance {found['label_distance']:.3f} (0 = the same shares)"),
    ]
    return [heading("Subsets"), facts(summary), heading("Side by side"), table(["", "A", "B"], rows, right=["A", "B"])]


def _totals(found: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], int]]:
    return [(found["a"], found["overlap"]["rows_a"]), (found["b"], found["overlap"]["rows_b"])]


def _share(count: int, total: int) -> str:
    return f"{count:,} ({100 * count / total:.1f}%)" if total else "0"
