"""What size.py measured, drawn: CPU seconds and peak memory of each stage against rows, both axes logarithmic.

    python benchmarks/size_figure.py benchmarks/results/size.json --out docs/images/size.svg

The thin diagonals are what is proportional to rows; where a line of points runs along them, a stage is linear.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from curation.results import charts, figure

LEFT, RIGHT, TOP, BOTTOM = 40.0, 282.0, 34.0, 250.0


def labels_apart(ends: dict[str, float], least: float) -> dict[str, float]:
    """Return heights at which names stand, ``least`` apart, each as near its line's end as the others let it."""
    found: dict[str, float] = {}
    below = math.inf
    for name, y in sorted(ends.items(), key=lambda item: -item[1]):
        below = min(y, below - least, BOTTOM)
        found[name] = below
    return found


def panel(
    values: dict[str, dict[int, float]], title: str, limit: float, limit_name: str, ticks: tuple[float, ...]
) -> Any:
    """Return one drawing: ``values`` by stage and rows, and a line for what a stage may take."""
    xs = sorted({rows for of in values.values() for rows in of})
    ys = [y for of in values.values() for y in of.values()]
    low, high = math.log10(min(ys)) - 0.1, math.log10(max(*ys, limit)) + 0.15
    start, stop = math.log10(xs[0]), math.log10(xs[-1])

    def at(rows: float) -> float:
        return LEFT + 10 + (math.log10(rows) - start) / ((stop - start) or 1) * (RIGHT - LEFT - 20)

    def up(y: float) -> float:
        return BOTTOM - (math.log10(y) - low) / (high - low) * (BOTTOM - TOP)

    body = [charts.text(0, 14, title)]
    for tick in ticks:
        body += [
            charts.line(LEFT, up(tick), RIGHT, up(tick), "grid"),
            charts.text(LEFT - 6, up(tick) + 4, charts.short(tick), "end", "soft"),
        ]
    for power in range(math.floor(low) - 3, math.ceil(high)):  # what is proportional to rows
        ends = [(rows, 10.0**power * rows / xs[0]) for rows in (xs[0], xs[-1])]
        if all(low <= math.log10(y) <= high for _, y in ends):
            body.append(charts.line(at(ends[0][0]), up(ends[0][1]), at(ends[1][0]), up(ends[1][1]), "grid"))
    body += [
        charts.line(LEFT, up(limit), RIGHT, up(limit), "whisker-b"),
        charts.text(LEFT + 4, up(limit) - 5, limit_name, css="soft"),
    ]
    for of in values.values():
        points = sorted(of.items())
        path = " ".join(f"{at(rows):.1f},{up(y):.1f}" for rows, y in points)
        body.append(f'<polyline points="{path}" fill="none" class="line-a" style="stroke-dasharray:none"/>')
        body += [charts.mark(at(rows), up(y), "a") for rows, y in points]
    ends = {name: up(of[max(of)]) + 4 for name, of in values.items()}
    for name, y in labels_apart(ends, 14).items():
        reach = at(max(values[name]))
        body += [
            charts.line(reach + 6, ends[name] - 4, RIGHT + 4, y - 4, "axis"),
            charts.text(RIGHT + 8, y, name, css="soft"),
        ]
    body.append(charts.line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis"))
    body += [charts.text(at(rows), BOTTOM + 16, charts.short(rows), "middle", "soft") for rows in xs]
    body.append(charts.text((LEFT + RIGHT) / 2, BOTTOM + 34, "rows", "middle"))
    return charts.drawing(BOTTOM + 42, title, body)


def main() -> None:
    """Read, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    rows = json.loads(given.results.read_text(encoding="utf-8"))["rows"]
    stages = [stage for stage in rows[max(rows, key=int)] if stage != "fetch target"]

    def of(what: str, unit: float = 1.0) -> dict[str, dict[int, float]]:
        return {
            stage: {int(n): found[stage][what] * unit for n, found in rows.items() if stage in found}
            for stage in stages
        }

    drawings = [
        panel(of("cpu_seconds"), "CPU seconds of a stage, imports included", 600, "10 minutes", (10, 100)),
        panel(of("peak_mib", 1 / 1024), "Peak memory of a stage, GiB", 4, "4 GiB", (0.25, 0.5, 1, 2)),
    ]
    given.out.write_text(figure.standalone(drawings), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
