"""What ``curation compare`` prints of arms: two with what was changed between them, or any number as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import files, output
from curation.core.output import cell, facts, heading, table
from curation.results import arms, figure, listing, wording
from curation.results.statistics import ALL
from curation.results.wording import MEANS, interval, p_text, points, verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from curation.results.comparison import Comparison, Table
    from curation.results.listing import Line


def two(a: str, b: str, metric: str | None, as_json: bool) -> int:
    """Print arm B against arm A; return 1 when B is significantly worse on some task."""
    found = arms.compare(a, b, metric)
    losses = arms.worse(found["comparisons"])
    if as_json:
        changed = {key: {"a": old, "b": new} for key, old, new in found["changed"]}
        told = [wording.as_json(one) for one in found["comparisons"]]
        output.echo_json({**found, "changed": changed, "comparisons": told, "worse": losses})
    else:
        output.show(*_report(found))
    return 1 if losses else 0


def several(
    specs: Sequence[str], x: str | None, metric: str | None, csv: Path | None, drawn: Path | None, as_json: bool
) -> int:
    """Print any number of arms; return 1 when one is significantly worse than the first on some task (Holm)."""
    found = [arms.load(spec) for spec in specs]
    at = {arm.spec: arm.at(x) for arm in found} if x else {}
    if x:
        listing.check_axis(at, x)
    tables = arms.tables(found, metric)
    told = [(one, listing.lines(one, at)) for one in tables]
    flat = [listing.cells(one, line) for one, lines in told for line in lines]
    if csv:
        files.write_text(csv, output.csv_text(listing.COLUMNS, [list(line.values()) for line in flat]))
    if drawn:
        drawings = [listing.drawing(one, at or None, x or "") for one in tables]
        files.write_text(drawn, figure.standalone(drawings))
    worse = sorted({one.task for one, lines in told for line in lines if line.language == ALL and line.direction < 0})
    if as_json:
        output.echo_json({"arms": list(specs), "x": x, "lines": flat, "worse": worse})
    else:
        for one, lines in told:
            output.show(*_table(one, lines, x, at))
        if csv or drawn:
            output.show(facts([("written", ", ".join(str(p) for p in (csv, drawn) if p))]))
    return 1 if worse else 0


def _table(one: Table, lines: Sequence[Line], x: str | None, at: Mapping[str, Any]) -> list[RenderableType]:
    first = next(iter(one.runs))
    short = (x or "").rpartition(".")[2]
    shown: list[RenderableType] = [heading(f"{one.task}: {one.primary} in percent, arms against {first}")]
    for name in one.means:
        rows = []
        for line in lines:
            if line.language == name:
                gap = line.difference
                own = [line.arm, *([cell(line.x)] if x else []), points(line.level.value), interval(line.level)]
                beside = ["", "", ""] if gap is None else [points(gap.value, True), interval(gap, True), _holm(line)]
                rows.append([*own, *beside])
        columns = ["arm", *([short] if x else []), one.primary, "95%", "gain", "95% ", "p"]
        shown.append(table(columns, rows, title=MEANS[name], right=columns[1:], wrap=["arm"]))
    return [*shown, facts(_notes(one, lines, at))]


def _holm(line: Line) -> str:
    assert line.difference is not None
    return "–" if line.p_holm is None or line.difference.why_not else f"{line.p_holm:.2g}"


def _notes(one: Table, lines: Sequence[Line], at: Mapping[str, Any]) -> list[tuple[str, Any]]:
    gaps = [line.difference for line in lines if line.language == ALL and line.difference]
    reasons = list(dict.fromkeys(gap.why_not for gap in gaps if gap.why_not))
    spread = one.spread[ALL]
    notes: list[tuple[str, Any]] = [("seeds", _seeds(one)), ("method", one.method)]
    if spread is not None:
        alike = "" if spread.p is None else f"; arms vary alike: p = {spread.p:.2g} (Bartlett)"
        text = f"sd {points(spread.variance**0.5)} points, {spread.freedom} degrees of freedom{alike}"
        notes.append(("between seeds", text))
    if reasons:
        notes.append(("no verdict", reasons))
    elif len(gaps) > 1:
        notes.append(("p", f"adjusted for {len(gaps)} comparisons with the first arm (Holm)"))
    fit = listing.curve(one, at) if at else None
    if fit and not fit.follows:
        notes.append(("next doubling", f"not predicted: the scores follow no power law over size (p = {fit.p:.2g})"))
    elif fit:
        gain = fit.doubling
        text = f"{points(gain.value, True)} points {interval(gain, True)}, to {2 * fit.sizes[-1]:,} (power law"
        end = f" tending to {points(fit.top)}" if 0 <= fit.top <= 1 else ""
        notes.append(("next doubling", f"{text}{end}, power {fit.power:.2f})"))
    return notes


def _seeds(one: Table) -> str:
    counts = {len(seeds) for seeds in one.seeds.values()}
    return f"{counts.pop()} per arm" if len(counts) == 1 else ", ".join(f"{a} {len(s)}" for a, s in one.seeds.items())


def _report(found: Mapping[str, Any]) -> list[RenderableType]:
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
    rows = []
    for name in [*one.languages, *one.means]:
        gap = one.difference[name]
        levels = points(one.a[name].value), points(one.b[name].value)
        rows.append((MEANS.get(name, name), *levels, points(gap.value, True), interval(gap, True)))
    columns = ["language", "A", "B", "B - A", "95% interval"]
    gap, p = one.difference[ALL], p_text(one.difference[ALL])
    words = f"B against A on the mean: {verdict(gap)}" + ("" if gap.why_not else f", p = {p}")
    others = [f"{name} {points(e[0].value)} → {points(e[1].value)} ({points(e[2].value, True)} {interval(e[2], True)})"
              for name, e in one.others.items()]  # fmt: skip
    seeds = "seed" if len(one.seeds) == 1 else "seeds"
    return [
        heading(f"{one.task}: {one.primary} in percent, {seeds} {', '.join(map(str, one.seeds))}"),
        table(columns, rows, right=columns[1:]),
        facts(
            [
                ("finding", words),
                ("languages", wording.over_languages(one)),
                ("other metrics", "; ".join(others) or None),
                ("no effect", wording.bound(gap)),
                ("method", one.method),
            ]
        ),
    ]


def _described(arm: Mapping[str, Any]) -> str:
    subset = arm["subset"]
    chosen = f", subset of {subset['rows']} rows, stratum {subset['stratum']}" if subset else ""
    return f"{arm['name']} ({'with' if arm['start'] == 'intermediate' else 'without'} the intermediate step{chosen})"
