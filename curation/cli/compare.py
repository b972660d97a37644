"""``curation compare``: two subsets, or two arms."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from curation.results.comparison import Comparison


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
@click.argument("a")
@click.argument("b")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(a: str, b: str, as_json: bool) -> int:
    """Compare two subsets, or two arms.

    Subsets: name two manifests (files, or folders with manifest.parquet).
    Shown are overlap, labels, lengths and quality.

    Arms: name two of: a DVC experiment, a git revision, a folder with
    reports/, "workspace", each with ":pretrained" for its runs without the
    intermediate step; "pretrained" and "intermediate" alone mean the
    workspace's. Shown are changed parameters and, per task and language,
    B - A with its 95% interval.

    \b
    curation compare pretrained intermediate
    curation compare main my-experiment
    curation compare old/manifest.parquet data/subset

    Exit code 1: on some task B is significantly worse than A.
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.core import output

    files = manifest(a), manifest(b)
    if files[0] is not None and files[1] is not None:
        from curation.cli import _manifests

        found = _manifests.compare(files[0], files[1])
        if as_json:
            output.echo_json(found)
        else:
            output.show(*_subsets(found))
        return 0
    if files[0] is not None or files[1] is not None:
        raise CairnError(f"{a} and {b} are a subset and an arm. Compare two manifests, or two arms.")
    return _compare_arms(a, b, as_json)


def _compare_arms(a: str, b: str, as_json: bool) -> int:
    from curation.core import output
    from curation.results import arms
    from curation.results.wording import as_json as told

    found = arms.compare(a, b)
    losses = arms.worse(found["comparisons"])
    if as_json:
        changed = {key: {"a": old, "b": new} for key, old, new in found["changed"]}
        tasks = [told(one) for one in found["comparisons"]]
        output.echo_json({**found, "changed": changed, "comparisons": tasks, "worse": losses})
    else:
        output.show(*_report(found))
    return 1 if losses else 0


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


def _report(found: Mapping[str, Any]) -> list[RenderableType]:
    from curation.core.output import cell, facts, heading, table

    lines: list[RenderableType] = [heading("Arms"), facts([(s.upper(), _described(found[s])) for s in ("a", "b")])]
    if found["changed"]:
        rows = [(key, cell(old) or "null", cell(new) or "null") for key, old, new in found["changed"]]
        lines += [heading("Changed parameters"), table(["parameter", "A", "B"], rows, wrap=["parameter", "A", "B"])]
    for one in found["comparisons"]:
        lines += _task(one)
    if found["left_out"]:
        lines.append(facts([("only one arm has", found["left_out"])]))
    return lines


def _task(one: Comparison) -> list[RenderableType]:
    from curation.core.output import facts, heading, table
    from curation.results.effects import ONE_SEED
    from curation.results.wording import MEANS, interval, p_text, points, verdict

    rows = []
    for name in [*one.languages, *one.means]:
        gap = one.difference[name]
        levels = points(one.a[name].value), points(one.b[name].value)
        rows.append((MEANS.get(name, name), *levels, points(gap.value, True), interval(gap, True)))
    columns = ["language", "A", "B", "B - A", "95% interval"]
    words = f"B against A on the mean: {verdict(one.difference['all'])}, p = {p_text(one.difference['all'])}"
    seeds = "seed" if len(one.seeds) == 1 else "seeds"
    return [
        heading(f"{one.task}: {one.primary} in percent, {seeds} {', '.join(map(str, one.seeds))}"),
        table(columns, rows, right=columns[1:]),
        facts([("finding", words), ("method", one.method), ("mind", ONE_SEED if len(one.seeds) == 1 else None)]),
    ]


def _described(arm: Mapping[str, Any]) -> str:
    subset = arm["subset"]
    chosen = f", subset of {subset['rows']} rows, stratum {subset['stratum']}" if subset else ""
    return f"{arm['name']} ({'with' if arm['start'] == 'intermediate' else 'without'} the intermediate step{chosen})"
