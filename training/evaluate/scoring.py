"""From predictions to what ``evaluate`` and ``retrieve`` write: the table of rows, and values with intervals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

import pyarrow as pa

from curation.core.errors import unknown
from curation.core.paths import Start
from curation.results import statistics
from curation.results.statistics import ALL, WITHOUT_ENGLISH, Interval, Rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.metrics import Floats, Metric

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("lang", pa.string()),
        ("prediction", pa.string()),
        ("gold", pa.string()),
        ("statistics", pa.list_(pa.float64())),
        ("unit", pa.string()),
    ]
)
"""Columns of a predictions file. ``prediction`` and ``gold`` are text to be read by people (lists as JSON);
``statistics`` are the metric's, and ``unit`` is what intervals are computed over: the group (rows
of one premise or paragraph are not independent), equal in every language."""
DECIMALS = 6


@dataclass(frozen=True)
class Scored:
    """The scored rows of one language."""

    ids: Sequence[str]
    units: Sequence[str]
    predicted: Sequence[str]
    gold: Sequence[str]
    statistics: Floats


def table(scored: Mapping[str, Scored]) -> pa.Table:
    """Return one row per prediction, sorted by id and language."""
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    for lang, found in scored.items():
        columns["id"] += found.ids
        columns["lang"] += [lang] * len(found.ids)
        columns["prediction"] += found.predicted
        columns["gold"] += found.gold
        columns["statistics"] += found.statistics.tolist()
        columns["unit"] += found.units
    return pa.table(columns, schema=SCHEMA).sort_by([("id", "ascending"), ("lang", "ascending")])


def summary(
    scored: Mapping[str, Scored], metric: Metric, labels: Sequence[str]
) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Return every value per language with its 95% interval over test rows, and the means over languages.

    ``low`` and ``high`` are those of the primary value, ``bounds`` has the others'. Means are unweighted: ``all``, and
    ``without_english`` beside it; ``values`` holds both for every value.
    """
    rows = Rows({lang: s.units for lang, s in scored.items()}, {lang: s.statistics for lang, s in scored.items()})

    def value(name: str) -> statistics.Value:
        return lambda total: metric.values(total, labels)[name]

    names = list(metric.values(next(iter(scored.values())).statistics.sum(axis=0), labels))
    every = {name: statistics.intervals(rows, value(name)) for name in names}
    found, others = every[metric.PRIMARY], [name for name in names if name != metric.PRIMARY]
    languages: dict[str, dict[str, Any]] = {}
    for lang in sorted(scored):
        bounds = {name: [rounded(every[name][lang].low), rounded(every[name][lang].high)] for name in others}
        languages[lang] = {name: rounded(every[name][lang].value) for name in names} | _edges(found[lang])
        languages[lang] |= {"bounds": bounds} if bounds else {}
    mean: dict[str, Any] = {ALL: rounded(found[ALL].value), **_edges(found[ALL])}
    mean[WITHOUT_ENGLISH] = rounded(found[WITHOUT_ENGLISH].value)
    mean |= {f"{WITHOUT_ENGLISH}_{edge}": value for edge, value in _edges(found[WITHOUT_ENGLISH]).items()}
    mean["values"] = {
        name: {which: rounded(every[name][which].value) for which in (ALL, WITHOUT_ENGLISH)} for name in names
    }
    return languages, mean


def start_name(start: str) -> Start:
    """Return ``start`` if it is one; raise :class:`CairnError` otherwise."""
    if start not in get_args(Start):
        raise unknown("start", start, get_args(Start), "--start")
    return cast("Start", start)


def rounded(value: Any) -> float:
    """Return a plain float of six decimals, so that the last bits of a sum do not make two equal runs differ."""
    return round(float(value), DECIMALS)


def _edges(interval: Interval) -> dict[str, float]:
    return {"low": rounded(interval.low), "high": rounded(interval.high)}


@dataclass(frozen=True)
class Agreement:
    """How often two languages answer the same items alike."""

    share: float
    """Share of the items with the same answer, 0..1."""
    kappa: float | None
    """Cohen's kappa: agreement beyond that of two who answer at random as often as these do, at most 1 (0 = none
    beyond); ``None`` where both always give one and the same answer."""
    rows: int
    """Items that both were asked."""


def agreement(a: Mapping[str, Any], b: Mapping[str, Any]) -> Agreement | None:
    """Return the agreement of two languages, each a mapping from item to answer; ``None`` when they share no item.

    >>> agreement({"i": 0, "j": 1, "k": 1}, {"i": 0, "j": 1, "k": 0, "l": 0})
    Agreement(share=0.6666666666666666, kappa=0.4, rows=3)
    """
    shared = [item for item in a if item in b]
    if not shared:
        return None
    same = sum(a[item] == b[item] for item in shared) / len(shared)
    often = [Counter(answers[item] for item in shared) for answers in (a, b)]
    chance = sum(count * often[1][answer] for answer, count in often[0].items()) / len(shared) ** 2
    kappa = None if chance == 1 else round((same - chance) / (1 - chance), 12)
    return Agreement(same, kappa, len(shared))
