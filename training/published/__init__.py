"""Published tables: one file per table; adding a table is adding a file to this folder.

A file ``<name>.yaml`` says where its numbers come from, what kind of number they are, and for each row

* ``model``: a key of ``models``, whose value lists the encoders (last part of a hub id) that are this model;
* ``intermediate``: our names of the tasks it was trained on first; ``[]`` = none, ``best`` = the best one per target;
* ``values``: evidence → task → metric → language → percent, where the language ``all`` is the mean over the languages
  of the set that ``languages`` names (``_languages.yaml``). Tasks and metrics have the names of the registry;
* ``baseline``: the row of the same authors that gains are against; with ``deltas: true`` the values are these gains.

Every value stands under a key of ``evidence``, which says how it is known and whether that counts as verified.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.core import params
from curation.core.errors import CairnError, unknown
from training.published import _check
from training.published._schema import BEST, Evidence, Row, Table

__all__ = ["BEST", "Cell", "Cells", "Key", "Languages", "Row", "Table"]

FOLDER = Path(__file__).parent
LANGUAGES = "_languages.yaml"

Languages = Mapping[str, Sequence[str]]
"""Task to the languages that its mean is over."""
Key = tuple[str, str, str]
"""Task, metric, language."""


@dataclass(frozen=True)
class Cell:
    """One published value, or one computed from several."""

    percent: float
    evidence: tuple[Evidence, ...]

    @property
    def verified(self) -> bool:
        """Whether every value behind it is."""
        return all(one.verified for one in self.evidence)


Cells = Mapping[Key, Cell]


def names() -> list[str]:
    """Return the names of all tables, sorted."""
    return sorted(file.stem for file in FOLDER.glob("[!._]*.yaml"))


def load(name: str, where: str = "--table") -> Table:
    """Return table ``name``.

    Raises :class:`CairnError` for a name that no file has (with the nearest one), and for a file that is no table.
    """
    if name not in names():
        raise unknown("table", name, names(), where)
    file = FOLDER / f"{name}.yaml"
    table = params.check(Table, params.load(file), file.name)
    problems = list(_check.problems(table, languages(table.languages)))
    if problems:
        raise CairnError("\n".join(f"{file.name}: {problem}" for problem in problems))
    return table


def languages(name: str) -> Languages:
    """Return a set of ``_languages.yaml``: task to the languages that a published mean is over."""
    sets = params.load(FOLDER / LANGUAGES)
    if name not in sets:
        raise unknown("set", name, sets, LANGUAGES)
    return {task: tuple(langs) for task, langs in sets[name].items()}


def levels(table: Table, row: str) -> Cells:
    """Return a row's values in percent; where it prints gains, added to its baseline.

    A task with F1 and exact match has their mean too, ``f1_em``, which is what averages over tasks take.
    """
    own = _cells(table, row)
    baseline = table.rows[row].baseline
    if not table.rows[row].deltas or baseline is None:
        return own
    return _joined(own, _cells(table, baseline), 1)


def gains(table: Table, row: str) -> Cells:
    """Return what a row gains over its baseline, in points; empty without one."""
    baseline = table.rows[row].baseline
    if baseline is None:
        return {}
    own = _cells(table, row)
    return own if table.rows[row].deltas else _joined(own, _cells(table, baseline), -1)


def average(table: Table, row: str) -> Cell | None:
    """Return a row's printed mean over its suite in percent; a printed gain is added to the baseline's mean."""
    own, baseline = table.rows[row].average, table.rows[row].baseline
    if own is None:
        return None
    cell = Cell(own.value, (table.evidence[own.evidence],))
    if not table.rows[row].deltas or baseline is None:
        return cell
    below = average(table, baseline)
    return None if below is None else Cell(cell.percent + below.percent, cell.evidence + below.evidence)


def mean(cells: Sequence[Cell]) -> Cell:
    """Return the unweighted mean of some cells; it is verified when all of them are."""
    return Cell(sum(cell.percent for cell in cells) / len(cells), tuple(e for cell in cells for e in cell.evidence))


def _cells(table: Table, row: str) -> Cells:
    """Return the values as printed, with the mean of F1 and exact match where both are there."""
    found = {
        (task, metric, lang): Cell(percent, (table.evidence[evidence],))
        for evidence, tasks in table.rows[row].values.items()
        for task, metrics in tasks.items()
        for metric, values in metrics.items()
        for lang, percent in values.items()
    }
    both = [(task, lang) for task, metric, lang in found if metric == "f1" and (task, "exact_match", lang) in found]
    pairs = {(t, "f1_em", lang): mean([found[t, "f1", lang], found[t, "exact_match", lang]]) for t, lang in both}
    return {**found, **pairs}


def _joined(own: Cells, other: Cells, sign: int) -> Cells:
    return {
        key: Cell(cell.percent + sign * other[key].percent, cell.evidence + other[key].evidence)
        for key, cell in own.items()
        if key in other
    }


def tasks(table: Table) -> list[str]:
    """Return the tasks that a table has values of, sorted."""
    return sorted({task for row in table.rows.values() for tasks in row.values.values() for task in tasks})


def summary(table: Table) -> dict[str, Any]:
    """Return what a table is about, as plain values."""
    return {
        "title": table.title,
        "source": table.source,
        "split": table.split,
        "runs": table.runs,
        "seeds": table.seeds,
        "models": list(table.models),
        "tasks": tasks(table),
        "note": table.note,
    }
