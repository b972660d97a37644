"""``curation hist``: how the values of a column are spread."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from curation.cli import _complete

if TYPE_CHECKING:
    from collections.abc import Sequence


def bins(values: Sequence[float], count: int, low: float, high: float) -> list[int]:
    """Return how many values fall into each of ``count`` equal bins of ``[low, high]``; the last includes ``high``.

    >>> bins([0.0, 0.1, 0.5, 1.0], 2, 0.0, 1.0)
    [2, 2]
    """
    counts = [0] * count
    span = (high - low) or 1.0
    for value in values:
        counts[min(count - 1, max(0, int((value - low) / span * count)))] += 1
    return counts


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the ``share`` quantile of sorted values, linearly interpolated.

    >>> quantile([1.0, 2.0, 4.0], 0.75)
    3.0
    """
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def summarise(values: Sequence[Any], count: int, low: float, high: float) -> dict[str, Any]:
    """Return rows, missing values and the spread: bins for numbers, counts for words (lists count per element)."""
    present = [v for v in values if v is not None and not (isinstance(v, float) and math.isnan(v))]
    facts: dict[str, Any] = {"rows": len(values), "missing": len(values) - len(present)}
    if present and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in present):
        ordered = sorted(float(v) for v in present)
        edges = [low + (high - low) * i / count for i in range(count + 1)]
        facts |= {"mean": sum(ordered) / len(ordered), "min": ordered[0], "max": ordered[-1]}
        facts |= {f"p{round(100 * share)}": quantile(ordered, share) for share in (0.05, 0.25, 0.5, 0.75, 0.95)}
        return facts | {"edges": edges, "counts": bins(ordered, count, low, high)}
    words: Counter[str] = Counter()
    for value in present:
        items = value if isinstance(value, list) else [value]
        words.update(str(item) for item in items or ["(none)"])
    return facts | {"values": dict(sorted(words.items(), key=lambda item: (-item[1], item[0])))}


def bar(share: float, cells: int, blocks: bool = True) -> str:
    """Return a bar of ``share`` (0..1) of ``cells`` characters, in eighths of a character.

    >>> bar(0.5, 4), bar(0.03, 4), bar(0.5, 4, blocks=False), bar(0.0, 4)
    ('██', '▏', '##', '')
    """
    eighths = round(share * cells * 8)
    if share > 0:
        eighths = max(1, eighths)
    if not blocks:
        return "#" * math.ceil(eighths / 8)
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


@click.command()
@click.argument("what", required=False, metavar="[TASK|FILE]", shell_complete=_complete.tasks)
@click.option(
    "--column", default="quality", show_default=True, shell_complete=_complete.columns, help="Column to look at."
)
@click.option("--by", help="Column to split by, such as label or lang.", shell_complete=_complete.columns)
@click.option("--table", help="Which table of the task, as in `curation show`.", shell_complete=_complete.tables)
@click.option("--where", default="", help="SQL expression a row has to satisfy.")
@click.option("--bins", "count", default=20, show_default=True, type=click.IntRange(2, 200), help="Bins for numbers.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    what: str | None, column: str, by: str | None, table: str | None, where: str, count: int, as_json: bool
) -> int:
    """Show how the values of a column are spread, as bars.

    \b
    curation hist mini_nli --by label
    curation hist mini_nli --column flags
    curation hist mini_nli --table subset --column reason

    Exit code 1: no row matches.
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.cli import _sql, _tables
    from curation.core import output
    from curation.core.errors import unknown

    frame = _tables.open_frame(what, table)
    if column == "quality" and "quality" not in frame.columns and "score" in frame.columns:
        column = "score"
    for option, name in (("--column", column), ("--by", by)):
        if name is not None and name not in frame.columns:
            raise unknown("column", name, frame.columns, option)
    rows = _sql.ask(frame, [column, by] if by else [column], where)
    if not rows:
        click.echo(f"no row of {frame.title} matches ({frame.rows:,} rows).", err=as_json)
        return 1
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(output.cell(row[1]) or "(none)" if by else "", []).append(row[0])
    numbers = [float(r[0]) for r in rows if isinstance(r[0], (int, float)) and not isinstance(r[0], bool)]
    numbers = [value for value in numbers if math.isfinite(value)]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    if low >= 0.0 and high <= 1.0:
        low, high = 0.0, 1.0
    found = {name: summarise(values, count, low, high) for name, values in sorted(groups.items())}
    if as_json:
        output.echo_json({"column": column, "by": by, "groups": found} if by else {"column": column, **found[""]})
        return 0
    click.echo(f"{column} of {frame.title}")
    for name, facts in found.items():
        click.echo("")
        _print(f"{by} = {name}" if by else "", facts)
    return 0


def _print(title: str, facts: dict[str, Any]) -> None:
    from curation.core import output

    total = f"{facts['rows']:,} rows" + (f", {facts['missing']:,} without a value" if facts["missing"] else "")
    click.echo(f"{title}: {total}" if title else total)
    if "edges" in facts:
        edges, values = facts["edges"], facts["counts"]
        places = 2 if edges[-1] - edges[0] <= 2 else 1 if edges[-1] - edges[0] <= 50 else 0
        dash = "–" if output.unicode() else "-"
        names = [f"{a:.{places}f}{dash}{b:.{places}f}" for a, b in itertools.pairwise(edges)]
        _bars(names, values)
        click.echo(
            f"mean {facts['mean']:.3f}  min {facts['min']:.3f}  p5 {facts['p5']:.3f}  p25 {facts['p25']:.3f}  "
            f"p50 {facts['p50']:.3f}\np75 {facts['p75']:.3f}  p95 {facts['p95']:.3f}  max {facts['max']:.3f}"
        )
    elif facts["values"]:
        _bars([output.clean(name) for name in facts["values"]], list(facts["values"].values()))


def _bars(names: Sequence[str], values: Sequence[int]) -> None:
    from rich.cells import cell_len, set_cell_size

    from curation.core import output

    total = output.width()
    left = min(max(cell_len(name) for name in names), total // 3)
    digits = max(len(f"{value:,}") for value in values)
    room = max(8, total - left - digits - 3)
    most = max(values) or 1
    for name, value in zip(names, values, strict=True):
        text = f"{set_cell_size(name, left)} {value:>{digits},} {bar(value / most, room, output.unicode())}"
        click.echo(text.rstrip())
