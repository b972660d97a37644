"""What no schema says of a published table: its parts must name each other, and its values must be percentages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.core.errors import unknown
from curation.results.statistics import ALL
from curation.results.suites import SUITES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from training.published import Key, Languages
    from training.published._schema import Row, Table


def problems(table: Table, known: Languages) -> Iterator[str]:
    """Yield what does not fit together in a table whose means are over the languages ``known``."""
    if table.suite is not None and table.suite not in SUITES:
        yield str(unknown("suite", table.suite, SUITES, "suite"))
    for name, row in table.rows.items():
        where = f"rows.{name}"
        if row.model not in table.models:
            yield str(unknown("model", row.model, table.models, f"{where}.model"))
        if row.deltas and row.baseline is None:
            yield f"{where} has deltas but no baseline. Name the row that they are against."
        if row.baseline is not None and (row.baseline not in table.rows or table.rows[row.baseline].deltas):
            yield f"{where}.baseline: {row.baseline!r} must be a row with values of its own, not deltas."
        if row.average is not None and table.suite is None:
            yield f"{where}.average is of no suite. Set suite, or leave the average out."
        used = [*row.values, *([row.average.evidence] if row.average else [])]
        yield from (str(unknown("evidence", e, table.evidence, where)) for e in used if e not in table.evidence)
        yield from _strange(row, known, where)


def _strange(row: Row, known: Languages, where: str) -> Iterator[str]:
    """Yield the values of a row that cannot be: twice there, in no language of the set, or no percentage."""
    seen: set[Key] = set()
    lowest = -100 if row.deltas else 0
    for tasks in row.values.values():
        for task, metrics in tasks.items():
            if task not in known:
                yield str(unknown("task", task, known, where))
            for metric, values in metrics.items():
                for lang, percent in values.items():
                    spot = f"{where}.{task}.{metric}.{lang}"
                    if task in known and lang not in (ALL, *known[task]):
                        yield f"{spot}: the set of languages has no {lang!r} for {task}."
                    if not lowest <= percent <= 100:
                        yield f"{spot} is {percent}; allowed are {lowest} to 100 percent."
                    if (task, metric, lang) in seen:
                        yield f"{spot} is given twice."
                    seen.add((task, metric, lang))
