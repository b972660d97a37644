"""Charts as inline SVG: no script, no file beside it, readable on a phone and in dark mode.

Colours are classes (``a`` = without the intermediate step, ``b`` = with it, ``muted``) that the page's style sheet
fills in for light and dark; marks differ in shape too. Text is 13 units of a drawing 400 wide.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WIDTH = 400
Tone = Literal["a", "b", "c", "d", "muted"]


@dataclass(frozen=True)
class Interval:
    """One mark of :func:`intervals`: a value between its bounds; without bounds only the mark is drawn."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Line:
    """One line of :func:`lines`; lines of one ``name`` share its legend entry."""

    name: str
    tone: Tone
    x: Sequence[float]
    y: Sequence[float]


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers inside ``[low, high]``.

    >>> ticks(0.0, 1.0), ticks(0.0, 0.0)
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [0.0])
    """
    span = high - low
    if span <= 0:
        return [low]
    raw = span / about
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * m for m in (1, 2, 5, 10) if size * m >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def short(value: float) -> str:
    """Return a number for an axis: thousands as ``k``.

    >>> short(1500), short(2000000), short(0.25), short(40)
    ('1.5k', '2M', '0.25', '40')
    """
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"


def _num(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def text(x: float, y: float, words: str, anchor: str = "start", css: str = "") -> str:
    """Return text at a place; it is escaped here."""
    style = f' class="{css}"' if css else ""
    return f'<text x="{_num(x)}" y="{_num(y)}" text-anchor="{anchor}"{style}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """Return a straight line."""
    return f'<line x1="{_num(x1)}" y1="{_num(y1)}" x2="{_num(x2)}" y2="{_num(y2)}" class="{css}"/>'


def mark(x: float, y: float, tone: Tone) -> str:
    """Return a circle for ``a``, diamond for ``b``, square for ``c``, triangle for ``d``: told apart without colour."""
    if tone == "b":
        return f'<path d="M{_num(x)} {_num(y - 5.5)}l5.5 5.5l-5.5 5.5l-5.5 -5.5z" class="fill-{tone}"/>'
    if tone == "c":
        return f'<rect x="{_num(x - 4)}" y="{_num(y - 4)}" width="8" height="8" class="fill-{tone}"/>'
    if tone == "d":
        return f'<path d="M{_num(x)} {_num(y - 5)}l5 9h-10z" class="fill-{tone}"/>'
    return f'<circle cx="{_num(x)}" cy="{_num(y)}" r="4.5" class="fill-{tone}"/>'


def _box(x: float, y: float, tone: Tone) -> str:
    return f'<rect x="{_num(x - 5)}" y="{_num(y - 5)}" width="10" height="10" class="fill-{tone}"/>'


def legend(
    entries: Sequence[tuple[str, Tone]], y: float, draw: Callable[[float, float, Tone], str] | None = None
) -> str:
    """Return the legend: a mark and a name for each entry, in one line."""
    parts, x = [], 8.0
    for name, tone in entries:
        parts.append((draw or mark)(x, y - 4, tone) + text(x + 10, y, name))
        x += 30 + 7.2 * len(name)
    return "".join(parts)


def drawing(height: float, title: str, body: Sequence[str]) -> Markup:
    """Return ``body`` as a drawing; ``title`` is what a screen reader says.

    Everything in ``body`` was escaped where it was made.
    """
    name = escape(title)
    return Markup(  # noqa: S704 - the text in it is escaped above
        f'<svg viewBox="0 0 {WIDTH} {_num(height)}" role="img" aria-label="{name}"><title>{name}</title>'
        + "".join(body)
        + "</svg>"
    )


def histogram(
    edges: Sequence[float], layers: Sequence[tuple[str, Tone, Sequence[int]]], title: str, x_label: str
) -> Markup:
    """Return stacked bars, one per bin, the first layer at the bottom.

    Args:
        edges: bin edges, one more than there are bins.
        layers: name, tone and count per bin.
        title: what the chart shows, said to screen readers.
        x_label: what the values are.
    """
    left, right, top, bottom = 44.0, WIDTH - 8.0, 30.0, 200.0
    totals = [sum(layer[2][i] for layer in layers) for i in range(len(edges) - 1)]
    most = max([*totals, 1])
    scale, wide = (bottom - top) / most, (right - left) / len(totals)
    body = [legend([(name, tone) for name, tone, _ in layers], 14, _box)]
    for tick in ticks(0, most, 4):
        y = bottom - tick * scale
        body += [line(left, y, right, y, "grid"), text(left - 6, y + 4, short(tick), "end", "soft")]
    heights = [0.0] * len(totals)
    for _, tone, counts in layers:
        for i, count in enumerate(counts):
            if count:
                height = count * scale
                body.append(
                    f'<rect x="{_num(left + i * wide + 1)}" y="{_num(bottom - heights[i] - height)}" '
                    f'width="{_num(wide - 2)}" height="{_num(height)}" class="fill-{tone}"/>'
                )
                heights[i] += height
    for tick in ticks(edges[0], edges[-1]):
        x = left + (tick - edges[0]) / (edges[-1] - edges[0]) * (right - left)
        body.append(text(x, bottom + 16, f"{tick:g}", "middle", "soft"))
    body += [line(left, bottom, right, bottom, "axis"), text((left + right) / 2, bottom + 34, x_label, "middle")]
    return drawing(bottom + 42, title, body)


def lines(series: Sequence[Line], title: str, x_label: str, y_label: str) -> Markup:
    """Return a line chart; ``y`` values are shares shown in percent."""
    left, right, top, bottom = 44.0, WIDTH - 14.0, 50.0, 228.0
    xs = [x for one in series for x in one.x] or [0.0]
    ys = [y for one in series for y in one.y] or [0.0]
    high_x = max(xs) or 1.0
    low, high = padded(min(ys), max(ys))
    body = [
        legend(list(dict.fromkeys((one.name, one.tone) for one in series)), 14),
        text(0, 34, y_label, css="soft"),
    ]
    for tick in ticks(low, high, 4):
        y = bottom - (tick - low) / (high - low) * (bottom - top)
        body += [line(left, y, right, y, "grid"), text(left - 6, y + 4, f"{100 * tick:g}", "end", "soft")]
    for tick in ticks(0, high_x):
        body.append(text(left + tick / high_x * (right - left), bottom + 16, short(tick), "middle", "soft"))
    for one in series:
        points = [
            (left + x / high_x * (right - left), bottom - (y - low) / (high - low) * (bottom - top))
            for x, y in zip(one.x, one.y, strict=True)
        ]
        path = " ".join(f"{_num(x)},{_num(y)}" for x, y in points)
        body.append(f'<polyline points="{path}" class="line-{one.tone}"/>')
        if len(points) == 1:
            body.append(mark(*points[0], one.tone))
    body += [line(left, bottom, right, bottom, "axis"), text((left + right) / 2, bottom + 34, x_label, "middle")]
    return drawing(bottom + 42, title, body)


def padded(low: float, high: float) -> tuple[float, float]:
    """Return the ends of an axis of shares: a little beyond the data, within 0..1 where these are."""
    pad = max((high - low) * 0.06, 0.01)
    return max(0.0, low - pad), min(1.0, high + pad) if high <= 1.0 else high + pad


def intervals(
    rows: Mapping[str, Sequence[Interval | None]],
    names: Sequence[tuple[str, Tone]],
    title: str,
    x_label: str,
    zero: bool = False,
) -> Markup:
    """Return one line per row with a mark and its interval for each of ``names``; values in percent.

    With ``zero`` the axis includes 0 and draws it: for differences.
    """
    left, right, top, step = 16.0 + 7.9 * max([len(name) for name in rows] + [4]), WIDTH - 14.0, 30.0, 30.0
    bottom = top + step * len(rows) + 4
    values = [v for marks in rows.values() for m in marks if m for v in (m.value, m.low, m.high) if v is not None]
    low, high = (min(values, default=0.0), max(values, default=1.0))
    pad = max((high - low) * 0.06, 0.005)
    low, high = (min(low - pad, -pad), max(high + pad, pad)) if zero else (max(0.0, low - pad), min(1.0, high + pad))

    def place(value: float) -> float:
        return left + (value - low) / ((high - low) or 1.0) * (right - left)

    body = [legend(names, 14)]
    bands = [_num(top + step * i + 2) for i in range(0, len(rows), 2)]
    body += [f'<rect x="0" y="{y}" width="{WIDTH}" height="{_num(step)}" class="band"/>' for y in bands]
    for tick in ticks(low, high):
        css = "axis" if zero and tick == 0 else "grid"
        label = f"{100 * tick:+g}" if zero and tick else f"{100 * tick:g}"
        body += [
            line(place(tick), top, place(tick), bottom, css),
            text(place(tick), bottom + 16, label, "middle", "soft"),
        ]
    for i, (name, marks) in enumerate(rows.items()):
        middle = top + step * (i + 0.5) + 2
        body.append(text(left - 8, middle + 4, name, "end"))
        spread = 12.0 / max(1, len(marks) - 1) if len(marks) > 1 else 0.0
        for j, (own, (_, tone)) in enumerate(zip(marks, names, strict=True)):
            if own is None:
                continue
            y = middle + (j - (len(marks) - 1) / 2) * spread
            if own.low is not None and own.high is not None:
                body.append(line(place(own.low), y, place(own.high), y, f"whisker-{tone}"))
            body.append(mark(place(own.value), y, tone))
    body.append(text((left + right) / 2, bottom + 34, x_label, "middle"))
    return drawing(bottom + 42, title, body)
