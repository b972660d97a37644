"""Arms as a figure: scores against a parameter, with intervals and the fitted curve; a file of its own, as SVG."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from curation.results import charts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from curation.results.charts import Tone
    from curation.results.statistics import Interval

STYLE = (
    ":root{--bg:#fbfbfa;--ink:#1d2329;--soft:#5c6670;--rule:#e1e4e6;--a:#5b6f86;--b:#c4500a;--muted:#b9c2ca;"
    "--tint:rgba(196,80,10,.08)}"
    "@media (prefers-color-scheme:dark){:root{--bg:#14171a;--ink:#e8eaec;--soft:#a2abb3;--rule:#30373d;--a:#9db4cc;"
    "--b:#ff9d5c;--muted:#56616b;--tint:rgba(255,157,92,.12)}}"
    'svg{font:13px system-ui,"Segoe UI",Roboto,sans-serif}text{fill:var(--ink)}text.soft{fill:var(--soft)}'
    ".paper{fill:var(--bg)}.band{fill:var(--tint)}.grid{stroke:var(--rule)}.axis{stroke:var(--soft)}"
    ".fill-a{fill:var(--a)}.fill-b{fill:var(--b)}.fill-muted{fill:var(--muted)}"
    ".line-a,.line-b{fill:none;stroke-width:2}.line-a{stroke:var(--a);stroke-dasharray:5 3}.line-b{stroke:var(--b)}"
    ".whisker-a{stroke:var(--a);stroke-width:2}.whisker-b{stroke:var(--b);stroke-width:2}"
)
"""What the report's style sheet says of drawings, for a file without one."""


@dataclass(frozen=True)
class Series:
    """One set of arms: marks with their intervals and, where one was fitted, a curve with its band."""

    name: str
    tone: Tone
    marks: Sequence[tuple[float, Interval]]
    """(x, score 0..1 with its interval)."""
    curve: Sequence[tuple[float, Interval]] = ()
    """(x, fitted score with its band), in order of x."""


def against(series: Sequence[Series], title: str, x_label: str, y_label: str) -> Markup:
    """Return scores in percent against ``x``; a logarithmic axis where the values above 0 span a factor of four.

    An arm at 0 stands left of such an axis, where ``0`` is written.
    """
    left, right = 44.0, charts.WIDTH - 14.0
    named = [(one.name, one.tone) for one in series]
    names = [named[at : at + 3] for at in range(0, len(named), 3)]  # of the legend, a line each
    top = 30.0 + 20.0 * max(len(names), 1)
    bottom = max(228.0, top + 150.0)
    xs = sorted({x for one in series for x, _ in (*one.marks, *one.curve)})
    positive = [x for x in xs if x > 0]
    logarithmic = len(positive) > 1 and positive[-1] >= 4 * positive[0] and xs[0] >= 0
    edges = [v for one in series for _, e in (*one.marks, *one.curve) for v in (e.value, e.low, e.high)]
    low, high = charts.padded(*_ends([v for v in edges if not math.isnan(v)]))
    start = left + (56.0 if logarithmic and xs[0] == 0 else 8.0)
    span = (math.log(positive[0]), math.log(positive[-1])) if logarithmic else (xs[0], xs[-1])

    def at(x: float) -> float:
        if logarithmic and x == 0:
            return left + 10.0
        if span[0] == span[1]:
            return (start + right - 8.0) / 2  # room for the arms that stand beside each other
        place = math.log(x) if logarithmic else x
        return start + (place - span[0]) / (span[1] - span[0]) * (right - 8.0 - start)

    def up(y: float) -> float:
        return bottom - (y - low) / (high - low) * (bottom - top)

    body = [charts.legend(line, 14 + 20 * number) for number, line in enumerate(names)]
    body.append(charts.text(0, top - 16, y_label, css="soft"))
    for tick in charts.ticks(low, high, 4):
        body += [
            charts.line(left, up(tick), right, up(tick), "grid"),
            charts.text(left - 6, up(tick) + 4, f"{100 * tick:g}", "end", "soft"),
        ]
    for x in _apart(sorted({x for one in series for x, _ in one.marks}), at):
        body.append(charts.text(at(x), bottom + 16, charts.short(x), "middle", "soft"))
    for number, one in enumerate(series):
        if one.curve and one is series[0]:  # two bands would hide each other
            edge = [(x, e.low) for x, e in one.curve] + [(x, e.high) for x, e in reversed(one.curve)]
            body.append(f'<polygon points="{_path([(at(x), up(y)) for x, y in edge])}" class="band"/>')
        if one.curve:
            path = _path([(at(x), up(e.value)) for x, e in one.curve])
            body.append(f'<polyline points="{path}" class="line-{one.tone}"/>')
        shift = 5.0 * (number - (len(series) - 1) / 2)  # intervals at one x stand beside each other
        for x, effect in one.marks:
            if not math.isnan(effect.low):
                body.append(
                    charts.line(at(x) + shift, up(effect.low), at(x) + shift, up(effect.high), f"whisker-{one.tone}")
                )
            body.append(charts.mark(at(x) + shift, up(effect.value), one.tone))
    body += [charts.line(left, bottom, right, bottom, "axis")]
    body.append(charts.text((left + right) / 2, bottom + 34, x_label, "middle"))
    return charts.drawing(bottom + 42, title, body)


def standalone(drawings: Sequence[Markup]) -> str:
    """Return the drawings one below the other as one SVG file, readable in dark mode."""
    parts, y = [], 0.0
    for one in drawings:
        height = float(re.findall(r'viewBox="0 0 \S+ ([\d.]+)"', one)[0])
        parts.append(str(one).replace("<svg ", f'<svg y="{y:g}" width="{charts.WIDTH}" height="{height:g}" ', 1))
        y += height + 16
    size = f'width="{2 * charts.WIDTH}" height="{2 * y:g}" viewBox="-8 -8 {charts.WIDTH + 16} {y + 8:g}"'
    paper = f'<rect x="-8" y="-8" width="{charts.WIDTH + 16}" height="{y + 8:g}" class="paper"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}><style>{STYLE}</style>{paper}{"".join(parts)}</svg>\n'


def _apart(xs: Sequence[float], at: Callable[[float], float]) -> list[float]:
    """Return the values whose labels do not run into each other."""
    kept: list[float] = []
    for x in xs:
        if not kept or at(x) - at(kept[-1]) >= 30:
            kept.append(x)
    return kept


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return min(values, default=0.0), max(values, default=1.0)


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
