"""``training compare``: this experiment beside published tables, task by task and, where published, by language.

A published value comes without an interval and counts as exact: the interval of a difference is that of our own value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.errors import CairnError
from curation.metrics._suites import SUITES
from curation.statistics import ALL, Interval
from training import published
from training.comparison import caveats, comparable, measured, suites
from training.comparison.measured import GAIN, STARTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from curation.statistics import Effect
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
    difference: Interval | None
    """Ours minus published; ``None`` where the two are means over other languages."""


@dataclass(frozen=True)
class Mean:
    """The mean over tasks that both sides have: the primary value of each, shares 0..1."""

    over: str
    """``trained``: the tasks with a target training; ``all``: retrieval too; or the name of a suite."""
    tasks: tuple[str, ...]
    ours: float
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


def run(tables: Sequence[str], starts: Sequence[str], tasks: Sequence[str]) -> Outcome:
    """Return this workspace beside ``tables``; without any, beside those that have a row of its encoder.

    Args:
        tables: names of published tables.
        starts: ``pretrained``, ``intermediate``; with both, gains are compared too.
        tasks: tasks to compare; empty = all that were scored.

    Raises:
        CairnError: nothing was scored, a name is unknown, or a named table shares no task with this run.
    """
    loaded = {name: published.load(name) for name in tables or published.names()}
    own = measured.load(tasks, starts)
    kinds = [*starts, GAIN] if set(starts) == set(STARTS) else list(starts)
    shared = {name: _shared(table, own) for name, table in loaded.items()}
    for name in tables:
        if not shared[name]:
            raise CairnError(_nothing_shared(name, loaded[name], own))
    sets = {suite: published.languages(suite) for suite in SUITES}
    chosen = list(dict.fromkeys(tables)) or [name for name, table in loaded.items() if _fits(table, own, kinds)]
    return Outcome(
        own,
        tuple(_beside(name, loaded[name], own, kinds) for name in chosen),
        {name: shared[name] for name in _by_worth(loaded, shared) if name not in chosen},
        _alone(own),
        [found for suite in SUITES for start in starts if (found := suites.average(suite, start, own, sets[suite]))],
    )


def _shared(table: Table, own: Measured) -> tuple[str, ...]:
    return tuple(task for task in own.stages if task in published.summary(table)["tasks"])


def _by_worth(loaded: Mapping[str, Table], shared: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the tables that share a task, those first that have verified values of more of them."""

    def verified(name: str) -> int:
        table = loaded[name]
        told = [tasks for row in table.rows.values() for e, tasks in row.values.items() if table.evidence[e].verified]
        return len(set(shared[name]) & {task for tasks in told for task in tasks})

    return sorted((name for name in loaded if shared[name]), key=lambda name: (-verified(name), name))


def _nothing_shared(name: str, table: Table, own: Measured) -> str:
    there = ", ".join(published.summary(table)["tasks"])
    other = [one for one in published.names() if _shared(published.load(one), own)]
    hint = f"Tables with one of them: {', '.join(other)}." if other else "No table has one of them."
    return f"--table {name} is about {there}; this run was scored on {', '.join(own.stages)}. {hint}"


def _fits(table: Table, own: Measured, kinds: Sequence[str]) -> bool:
    fitting = {name for start in kinds for name in comparable.rows(table, own, start)}
    return any(comparable.same_encoder(table, table.rows[name], own.encoder) for name in fitting)


def _beside(name: str, table: Table, own: Measured, kinds: Sequence[str]) -> Beside:
    blocks = [_block(table, row, own, start) for start in kinds for row in comparable.rows(table, own, start)]
    trained_first = [row for row, found in table.rows.items() if found.intermediate]
    unmatched = None
    if trained_first and "intermediate" in kinds and all(block.start == "pretrained" for block in blocks):
        unmatched = (
            f"no row for the intermediate step on {' + '.join(own.intermediate)} with these tasks; there are "
            f"{', '.join(trained_first)}"
        )
    return Beside(name, table, tuple(blocks), unmatched)


def _block(table: Table, name: str, own: Measured, start: str) -> Block:
    row, known = table.rows[name], published.languages(table.languages)
    cells = comparable.cells(table, name, start)
    lines: list[Line] = []
    reasons: dict[str, tuple[str, ...]] = {}
    for task in comparable.tasks(table, name, own, start):
        here = own.languages(start, task)
        primary = own.primary(task)
        there = [metric for t, metric, _ in cells if t == task]
        scope = comparable.scope(known[task], here, comparable.given(cells, task, there[0]))
        for metric in sorted(set(there), key=lambda one: (one != primary, there.index(one))):
            if scope.have and metric in _reported(own, start, task):
                lines += _lines(own, start, task, metric, cells, scope)
        for text in caveats.reasons(own, table, row, start, task, scope):
            reasons[text] = (*reasons.get(text, ()), task)
    return Block(
        name,
        row.model,
        start,
        row.note,
        tuple(lines),
        tuple(_means(lines, own)),
        None if start == GAIN else _suite_mean(table, name, start, own),
        reasons,
    )


def _reported(own: Measured, start: str, task: str) -> list[str]:
    told = next(iter(own.arm(start, task).reports.values()))["languages"]
    return list(next(iter(told.values())))


def _lines(
    own: Measured, start: str, task: str, metric: str, cells: published.Cells, scope: comparable.Scope
) -> Iterator[Line]:
    """Yield the mean, then each language with a published value."""
    effects = own.effects(task, metric, scope.have)[start]
    whole = cells.get((task, metric, ALL))
    by_language = {lang: cells[task, metric, lang] for lang in scope.have if (task, metric, lang) in cells}
    if whole is None or scope.missing:
        complete = len(by_language) == len(scope.have)
        whole = published.mean(list(by_language.values())) if complete and scope.alike else whole
    if whole is not None:
        middle = own.median(start, task, metric, scope.have)
        yield _line(task, metric, ALL, scope.have, effects[ALL], middle, whole, scope.alike)
    for lang, cell in by_language.items():
        middle = own.median(start, task, metric, [lang])
        yield _line(task, metric, lang, (lang,), effects[lang], middle, cell, True)


def _line(
    task: str, metric: str, lang: str, over: tuple[str, ...], ours: Effect, middle: float, cell: Cell, alike: bool
) -> Line:
    theirs = cell.percent / 100
    apart = Interval(ours.value - theirs, ours.low - theirs, ours.high - theirs) if alike else None
    return Line(task, metric, lang, over, ours, middle, cell, apart)


def _means(lines: Sequence[Line], own: Measured) -> Iterator[Mean]:
    """Yield the mean over the trained tasks and, with retrieval, over all; of two tasks at least."""
    main = [x for x in lines if x.language == ALL and x.metric == own.primary(x.task) and x.difference is not None]
    trained = [line for line in main if own.stages[line.task] == "evaluate"]
    groups = {"trained": trained} if len(trained) == len(main) else {"trained": trained, "all": main}
    for over, group in groups.items():
        if len(group) > 1:
            ours = sum(line.ours.value for line in group) / len(group)
            yield Mean(over, tuple(x.task for x in group), ours, published.mean([x.published for x in group]))


def _suite_mean(table: Table, row: str, start: str, own: Measured) -> Mean | None:
    cell = published.average(table, row)
    if cell is None or table.suite is None:
        return None
    found = suites.average(table.suite, start, own, published.languages(table.languages))
    if found is None or found["all"] is None:
        return None
    return Mean(table.suite, found["scored"], found["all"], cell)


def _alone(own: Measured) -> dict[str, str]:
    """Return the tasks that no table is about, and why."""
    about = {task for name in published.names() for task in published.summary(published.load(name))["tasks"]}
    found = {}
    for task in own.stages:
        if task not in about:
            test = own.facts(task).test
            made = test is not None and test.repo.startswith("bundled:")
            none = "made for this program: nobody published a number" if made else "no table has it"
            found[task] = comparable.EASIER.get(task, none)
    return found
