"""How results are said: numbers in percent and points, intervals, verdicts, and all of it as plain values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from curation.results import effects
from curation.results.statistics import ALL, WITHOUT_ENGLISH

if TYPE_CHECKING:
    from curation.results.comparison import Comparison
    from curation.results.convergence import Race
    from curation.results.effects import Effect
    from curation.results.statistics import Interval

MEANS = {ALL: "mean", WITHOUT_ENGLISH: "mean without en"}
"""The averages as tables name them."""


def points(value: float, signed: bool = False) -> str:
    """Return a share in percent with one decimal, as ``81.3``, or a signed difference in points, as ``+3.2``.

    >>> points(0.8134), points(0.032, signed=True), points(-0.0001, signed=True), points(float("nan"))
    ('81.3', '+3.2', '0.0', '–')
    """
    if math.isnan(value):
        return "–"
    text = f"{100 * value:.1f}"
    if text in ("0.0", "-0.0"):
        return "0.0"
    return f"{100 * value:+.1f}".replace("-", "−") if signed else text


def interval(effect: Interval, signed: bool = False) -> str:
    """Return an effect's bounds, as ``[79.9, 82.6]``; a dash where there are none."""
    if math.isnan(effect.low):
        return "–"
    return f"[{points(effect.low, signed)}, {points(effect.high, signed)}]"


def p_text(effect: Effect) -> str:
    """Return p with two digits; a dash where there is no verdict."""
    return "–" if math.isnan(effect.p) else f"{effect.p:.2g}"


def verdict(effect: Effect) -> str:
    """Return in words what a difference says: at the 5% level, two-sided.

    >>> verdict(effects.Effect(0.03, 0.01, 0.05, 0.01, 3, 0.01, 0.01))
    'a significant gain (95% interval above 0)'
    >>> verdict(effects.Effect(0.03, -0.01, 0.07, 0.2, 3, 0.01, 0.01))
    'not significant (95% interval includes 0)'
    >>> verdict(effects.Effect(0.03, 0.01, 0.07, float("nan"), 1, None, 0.01, why_not=effects.ONE_SEED))
    'no verdict (one seed: the interval covers the choice of test rows, not what another seed would give)'
    """
    if effect.why_not:
        return f"no verdict ({effect.why_not})"
    if effect.low > 0:
        return "a significant gain (95% interval above 0)"
    if effect.high < 0:
        return "a significant loss (95% interval below 0)"
    return "not significant (95% interval includes 0)"


def direction(effect: Effect) -> int:
    """Return 1 for a significant gain, -1 for a significant loss, 0 for neither and where there is no verdict."""
    return 0 if effect.why_not else int(effect.low > 0) - int(effect.high < 0)


def over_languages(one: Comparison) -> str | None:
    """Return how far the difference varies over languages, in words."""
    if one.over_languages is None:
        return None
    sd, least, most = one.over_languages
    low, high = (points(one.difference[lang].value, True) for lang in (least, most))
    return f"from {low} ({least}) to {high} ({most}), standard deviation {points(sd)} points"


def bound(gap: Effect) -> str | None:
    """Return the largest effect that the data leave room for, where they did not find one."""
    if gap.why_not or direction(gap):
        return None
    return f"larger than {points(effects.smallest_bound(gap))} points, either way (two one-sided tests at 5%)"


def told(effect: Effect) -> dict[str, Any]:
    """Return an effect as plain values; ``None`` for what is not known."""
    names = ("value", "low", "high", "p", "seeds", "seed_sd", "rows_sd", "freedom", "why_not")
    return {name: known(getattr(effect, name)) for name in names}


def known(value: Any) -> Any:
    """Return a value as JSON has it: ``None`` for a number that is not known (NaN)."""
    return None if isinstance(value, float) and math.isnan(value) else value


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain values, for scripts."""
    names = [*comparison.languages, *comparison.means]
    gap, spread = comparison.difference[ALL], comparison.spread[ALL]
    bound = effects.smallest_bound(gap)
    return {
        "task": comparison.task,
        "metric": comparison.primary,
        "seeds": list(comparison.seeds),
        "rows": dict(comparison.rows),
        "method": comparison.method,
        "values": {
            name: {
                "a": told(comparison.a[name]),
                "b": told(comparison.b[name]),
                "difference": told(comparison.difference[name]),
            }
            for name in names
        },
        "other_metrics": {
            name: dict(zip(("a", "b", "difference"), map(told, three), strict=True))
            for name, three in comparison.others.items()
        },
        "pooled": None if spread is None else {"arms_alike_p": spread.p, "freedom": spread.freedom},
        "no_effect_larger_than": None if math.isnan(bound) else bound,
        "verdict": verdict(gap),
    }


def factor(race: Race) -> str:
    """Return a speed-up with its interval, as ``2.10× [1.40, 3.20]``; ``≥`` and ``≤`` where runs never got there."""
    found = race.speed_up
    if math.isnan(found.value) or (race.a.never == len(race.a.times) and race.b.never == len(race.b.times)):
        return "–"
    bounds = "" if math.isnan(found.low) else f" [{found.low:.2f}, {found.high:.2f}]"
    return f"{('', '≥ ', '≤ ')[race.bound]}{found.value:.2f}×{bounds}"
