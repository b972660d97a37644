"""Which published row stands beside which runs, and over which languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.results.statistics import ALL
from training import published
from training.comparison.measured import GAIN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from training.comparison.measured import Measured
    from training.published import Cells, Row, Table

EASIER: Mapping[str, str] = {
    "bucc2018": "it has the pairs alone, without the sentences that have no translation: bucc2018_pool has both",
    "bucc2018_sample": "half of the small sample pools is easier than the whole of the large: bucc2018_pool has these",
}
"""Tasks whose scores no table is about, though their data are those of one that has a table."""
STAND_INS: Mapping[str, str] = {"ccg_substitute": "ccg"}
"""Intermediate tasks that stand for one that cannot be had freely."""


@dataclass(frozen=True)
class Scope:
    """The languages of one comparison."""

    have: tuple[str, ...]
    """Languages of the published mean that were tested here."""
    missing: tuple[str, ...]
    """Languages of the published mean that were not."""
    extra: tuple[str, ...]
    """Tested languages outside the published mean."""
    alike: bool
    """Whether both sides can be taken over ``have``."""


def same_encoder(table: Table, row: Row, encoder: str) -> bool:
    """Return whether the row's model is ``encoder``, which may be a hub id, a folder or a ``bundled:`` name.

    >>> same_encoder(published.load("xtreme"), published.load("xtreme").rows["mBERT"], "x/bert-base-multilingual-cased")
    True
    """
    return encoder.replace(":", "/").rstrip("/").rsplit("/", 1)[-1] in table.models[row.model]


def rows(table: Table, own: Measured, start: str) -> list[str]:
    """Return the rows to compare with the runs of ``start``: those of our encoder, or of any where none is."""
    fitting = [name for name, row in table.rows.items() if _fits(row, own, start) and tasks(table, name, own, start)]
    if any(same_encoder(table, row, own.encoder) for row in table.rows.values()):
        return [name for name in fitting if same_encoder(table, table.rows[name], own.encoder)]
    return fitting


def _fits(row: Row, own: Measured, start: str) -> bool:
    if start == "pretrained":
        return not row.intermediate
    if start == GAIN and row.baseline is None:
        return False
    if row.intermediate == published.BEST:
        return True
    return bool(row.intermediate) and set(row.intermediate) == {STAND_INS.get(task, task) for task in own.intermediate}


def cells(table: Table, name: str, start: str) -> Cells:
    """Return what a row says about ``start``: levels, or gains over its baseline."""
    return published.gains(table, name) if start == GAIN else published.levels(table, name)


def tasks(table: Table, name: str, own: Measured, start: str) -> list[str]:
    """Return the tasks that a row and the runs of ``start`` share, in the order of params.yaml."""
    there = {task for task, _, _ in cells(table, name, start)}
    return [task for task in own.stages if task in there and start in own.starts(task)]


def scope(known: Sequence[str], here: Sequence[str], given: Sequence[str]) -> Scope:
    """Return which languages can be compared.

    Args:
        known: languages of the published mean.
        here: tested languages.
        given: languages with a published value of their own.

    >>> scope(["de", "en", "fr"], ["de", "en", "it"], []).alike
    False
    >>> scope(["de", "en", "fr"], ["de", "en", "it"], ["de", "en", "fr"])
    Scope(have=('de', 'en'), missing=('fr',), extra=('it',), alike=True)
    """
    have = tuple(lang for lang in known if lang in here)
    missing = tuple(lang for lang in known if lang not in here)
    extra = tuple(sorted(set(here) - set(known)))
    return Scope(have, missing, extra, bool(have) and (not missing or set(known) <= set(given)))


def given(found: Cells, task: str, metric: str) -> list[str]:
    """Return the languages with a published value of their own."""
    return [lang for t, m, lang in found if (t, m) == (task, metric) and lang != ALL]
