"""Any number of arms on one task as flat lines, for tables and CSV, and as a drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core.errors import CairnError
from curation.results import charts, effects, figure, scaling, wording
from curation.results.statistics import ALL, WITHOUT_ENGLISH

if TYPE_CHECKING:
    from markupsafe import Markup

    from curation.results.comparison import Table
    from curation.results.effects import Effect

COLUMNS = (
    *("task", "metric", "arm", "x", "language", "seeds", "value", "low", "high"),
    *("difference", "difference_low", "difference_high", "p", "p_holm", "verdict"),
)
"""Columns of the CSV; shares 0..1, nothing for what is not known."""


@dataclass(frozen=True)
class Line:
    """One arm in one language or mean, beside the first arm."""

    arm: str
    x: Any
    """The parameter that the arms are drawn against; ``None`` without one."""
    language: str
    level: Effect
    difference: Effect | None
    """Against the first arm; ``None`` for that arm itself."""
    p_holm: float | None
    """p adjusted for the comparisons of all arms with the first, in this language or mean."""

    @property
    def direction(self) -> int:
        """1: significantly above the first arm after Holm's correction, -1: below, 0: neither, or no verdict."""
        if self.difference is None or self.p_holm is None or not self.p_holm < effects.ALIKE:
            return 0
        return wording.direction(self.difference)


def lines(table: Table, at: Mapping[str, Any] | None = None) -> list[Line]:
    """Return one line per arm and language or mean, arms in their order; ``at`` maps arms to ``x``."""
    first, *others = table.runs
    levels = {arm: table.level(arm) for arm in table.runs}
    gaps = {arm: table.difference(arm, first) for arm in others}
    made = []
    for name in [*table.means, *table.languages]:
        adjusted = effects.holm({arm: gaps[arm][name].p for arm in others})
        for arm in table.runs:
            gap = gaps[arm][name] if arm in gaps else None
            made.append(Line(arm, (at or {}).get(arm), name, levels[arm][name], gap, adjusted.get(arm)))
    return made


def cells(table: Table, line: Line) -> dict[str, Any]:
    """Return a line by :data:`COLUMNS`."""
    gap = wording.told(line.difference) if line.difference else {}
    p = line.p_holm
    return {
        "task": table.task,
        "metric": table.primary,
        "arm": line.arm,
        "x": line.x,
        "language": wording.MEANS.get(line.language, line.language),
        "seeds": line.level.seeds,
        **{key: value for key, value in wording.told(line.level).items() if key in ("value", "low", "high")},
        "difference": gap.get("value"),
        "difference_low": gap.get("low"),
        "difference_high": gap.get("high"),
        "p": gap.get("p"),
        "p_holm": None if p is None or np.isnan(p) else p,
        "verdict": wording.verdict(line.difference) if line.difference else None,
    }


def curve(table: Table, at: Mapping[str, Any], name: str = ALL, seed: int = 0) -> scaling.Fit | None:
    """Return the power law over ``at``, where these are three sizes above 0 or more, one arm each; else ``None``."""
    sizes = {arm: x for arm, x in at.items() if isinstance(x, int) and not isinstance(x, bool) and x > 0}
    if len(set(sizes.values())) < scaling.LEAST or len(set(sizes.values())) < len(sizes):
        return None
    return scaling.fit({size: table.runs[arm] for arm, size in sizes.items()}, name, seed)


def drawing(table: Table, at: Mapping[str, Any] | None, x_name: str, fitted: bool = True) -> Markup:
    """Return the arms against ``at`` where every arm has a number there, else one line per arm.

    ``fitted`` draws the curve over size, where there is one that the scores follow.
    """
    numbers = {arm: x for arm, x in (at or {}).items() if isinstance(x, int | float) and not isinstance(x, bool)}
    names = {ALL: "mean over languages", WITHOUT_ENGLISH: "without English"}
    title = f"{table.task}: {table.primary} of {len(table.runs)} arms"
    label = f"{table.task}: {table.primary} in percent, 95% intervals"
    if set(numbers) != set(table.runs):
        rows = {arm: [_mark(table.level(arm)[name]) for name in table.means] for arm in table.runs}
        tones: Sequence[charts.Tone] = ("b", "a")
        return charts.intervals(rows, [(names[n], t) for n, t in zip(table.means, tones, strict=False)], title, label)
    series = []
    for name, tone in zip(table.means, ("b", "a"), strict=False):
        marks = sorted((float(numbers[arm]), table.level(arm)[name]) for arm in table.runs)
        fit = curve(table, numbers, name) if fitted else None
        steps = np.geomspace(fit.sizes[0], 2 * fit.sizes[-1], 60) if fit else ()
        line = [(float(x), fit.at(float(x))) for x in steps] if fit and fit.follows else []
        series.append(figure.Series(names[name], tone, marks, line))  # type: ignore[arg-type]
    return figure.against(series, title, x_name, label)


def _mark(effect: Effect) -> charts.Interval:
    return charts.Interval(effect.value, effect.low, effect.high)


def check_axis(at: Mapping[str, Any], key: str) -> None:
    """Raise :class:`CairnError` when no arm has the parameter ``key``."""
    if all(x is None for x in at.values()):
        raise CairnError(
            f"--x: no arm has {key!r} in its params.yaml. Name a key with its section, such as subset.size or "
            "encoder.model."
        )
