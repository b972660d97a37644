"""``training compare``: this experiment beside published tables, task by task and, where published, by language.

A published value comes without an interval: the interval of a difference is that of our own value, and covers nothing
of their seeds and their training.
"""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from curation.core.errors import CairnError
from curation.results.statistics import ALL
from curation.results.suites import SUITES
from training import published
from training.comparison import caveats, comparable, measured, suites
from training.comparison.measured import GAIN, STARTS
from training.comparison.outcome import Beside, Block, Line, Mean, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from training.comparison.measured import Measured
    from training.published import Table


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
    fitting = [name for name, table in loaded.items() if _fits(table, own, kinds)]
    chosen = list(dict.fromkeys(tables)) or sorted(fitting, key=lambda name: (-len(shared[name]), name))
    return Outcome(
        own,
        tuple(_beside(name, loaded[name], own, kinds) for name in chosen),
        {name: shared[name] for name in _by_worth(loaded, shared) if name not in chosen},
        _alone(own),
        [found for suite in SUITES for start in starts if (found := suites.average(suite, start, own, sets[suite]))],
    )


def _shared(table: Table, own: Measured) -> tuple[str, ...]:
    return tuple(task for task in own.stages if task in published.tasks(table))


def _by_worth(loaded: Mapping[str, Table], shared: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the tables that share a task, those first that have verified values of more of them."""

    def verified(name: str) -> int:
        table = loaded[name]
        told = [tasks for row in table.rows.values() for e, tasks in row.values.items() if table.evidence[e].verified]
        return len(set(shared[name]) & {task for tasks in told for task in tasks})

    return sorted((name for name in loaded if shared[name]), key=lambda name: (-verified(name), name))


def _nothing_shared(name: str, table: Table, own: Measured) -> str:
    there = ", ".join(published.tasks(table))
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
        yield Line(task, metric, ALL, scope.have, effects[ALL], middle, whole, scope.alike)
    for lang, cell in by_language.items():
        middle = own.median(start, task, metric, [lang])
        yield Line(task, metric, lang, (lang,), effects[lang], middle, cell, True)


def _means(lines: Sequence[Line], own: Measured) -> Iterator[Mean]:
    """Yield the mean over the trained tasks and, with retrieval, over all; of two tasks at least."""
    main = [x for x in lines if x.language == ALL and x.metric == own.primary(x.task) and x.alike]
    trained = [line for line in main if own.stages[line.task] == "evaluate"]
    groups = {"trained": trained} if len(trained) == len(main) else {"trained": trained, "all": main}
    for over, group in groups.items():
        if len(group) > 1:
            names = tuple(line.task for line in group)
            ours, middle = fmean(line.ours.value for line in group), fmean(line.median for line in group)
            yield Mean(over, names, ours, middle, published.mean([line.published for line in group]))


def _suite_mean(table: Table, row: str, start: str, own: Measured) -> Mean | None:
    cell = published.average(table, row)
    if cell is None or table.suite is None:
        return None
    known = published.languages(table.languages)
    found = suites.average(table.suite, start, own, known)
    if found is None or found["all"] is None:
        return None
    middle = fmean(own.median(start, task, own.primary(task), known[task]) for task in found["scored"])
    return Mean(table.suite, found["scored"], found["all"], middle, cell)


def _alone(own: Measured) -> dict[str, str]:
    """Return the tasks that no table is about, and why."""
    about = {task for name in published.names() for task in published.tasks(published.load(name))}
    found = {}
    for task in own.stages:
        if task not in about:
            test = own.facts(task).test
            made = test is not None and test.repo.startswith("bundled:")
            none = "made for this program: nobody published a number" if made else "no table has it"
            found[task] = comparable.EASIER.get(task, none)
    return found
