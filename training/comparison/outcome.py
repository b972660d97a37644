"""What ``training compare`` finds: one line per value, in blocks, table by table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.results.statistics import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.results.effects import Effect
    from training.comparison.measured import Measured
    from training.published import Cell, Table


@dataclass(frozen=True)
class Line:
    """One value of ours beside a published one; shares 0..1, a gain's from -1 to 1."""

    task: str
    metric: str
    language: str
    """A language, or ``all``: the mean over ``over``."""
    over: tuple[str, ...]
    ours: Effect
    """Mean over seeds; the bounds are NaN where there is no interval."""
    median: float
    """Median over seeds."""
    published: Cell
    alike: bool
    """Whether both sides are over the same languages."""

    @property
    def difference(self) -> Interval | None:
        """Ours minus published; ``None`` where the two are means over other languages.

        The interval is that of our own value: it covers our seeds and test rows, and nothing of theirs.
        """
        theirs = self.published.percent / 100
        ours = self.ours
        return Interval(ours.value - theirs, ours.low - theirs, ours.high - theirs) if self.alike else None


@dataclass(frozen=True)
class Mean:
    """The mean over tasks that both sides have: the primary value of each, shares 0..1."""

    over: str
    """``trained``: the tasks with a target training; ``all``: retrieval too; or the name of a suite."""
    tasks: tuple[str, ...]
    ours: float
    """The mean of the means over seeds."""
    median: float
    """The mean of the medians over seeds."""
    published: Cell

    @property
    def difference(self) -> float:
        """Ours minus published."""
        return self.ours - self.published.percent / 100


@dataclass(frozen=True)
class Block:
    """The runs of one start (or the gain) beside one published row."""

    row: str
    model: str
    start: str
    note: str | None
    lines: tuple[Line, ...]
    means: tuple[Mean, ...]
    """Over the trained tasks, then over all, where each is of two tasks or more."""
    suite: Mean | None
    """The average over the table's suite, when all of it was scored here."""
    reasons: Mapping[str, tuple[str, ...]]
    """Why the two may not be comparable, to the tasks that it concerns."""


@dataclass(frozen=True)
class Beside:
    """One table, and all that was compared with it."""

    name: str
    table: Table
    blocks: tuple[Block, ...]
    """Runs without the intermediate step first, then those with it, then gains."""
    unmatched: str | None
    """Why there is nothing beside the runs with the intermediate step, where that is so."""


@dataclass(frozen=True)
class Outcome:
    """What ``training compare`` found."""

    own: Measured
    tables: tuple[Beside, ...]
    others: Mapping[str, tuple[str, ...]]
    """Tables that were not chosen, to the tasks that they share with this run."""
    alone: Mapping[str, str]
    """Tasks that no table is about, and why."""
    suites: Sequence[Mapping[str, Any]]
    """Per suite and start what :func:`training.comparison.suites.average` returns."""
