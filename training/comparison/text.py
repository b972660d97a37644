"""What ``training compare`` prints: text that fits a terminal of 80 columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from curation.results.statistics import ALL
from curation.results.wording import interval, points
from training import published
from training.comparison import caveats
from training.comparison.measured import GAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from curation.results.statistics import Interval
    from training.comparison.outcome import Beside, Block, Line, Mean, Outcome
    from training.published import Cell, Table

METRICS: Mapping[str, str] = {
    "exact_match": "EM",
    "f1": "F1",
    "f1_em": "(F1+EM)/2",
    "map_at_20": "mAP@20",
    "token_accuracy": "token acc.",
}
"""Metrics as tables of results name them."""
STARTS: Mapping[str, str] = {
    "pretrained": "without the intermediate step",
    "intermediate": "with the intermediate step",
    GAIN: "gain of the intermediate step",
}
_COLUMNS = ("task", "ours", "95%", "published", "diff.", "95% ")
_DOUBT = "?"
_OVER = {"trained": "trained", "all": "tasks"}


def text(found: Outcome) -> list[RenderableType]:
    """Return everything as renderables for a terminal of 80 columns."""
    from curation.core.output import facts, heading, table

    own = found.own
    seeds = ", ".join(map(str, own.setup.seeds))
    lines: list[RenderableType] = [
        heading("This run"),
        facts(
            [
                ("encoder", own.encoder),
                ("intermediate", " + ".join(own.intermediate)),
                ("scored", ", ".join(own.stages)),
                ("seeds", seeds),
                (
                    "95%",
                    "over our seeds and test rows; that of a difference covers nothing of theirs",
                ),
            ]
        ),
    ]
    for one in found.tables:
        lines += _table(one)
    if not found.tables:
        lines += [heading("No table to put beside it"), facts([("why", _why_none(found))])]
    if found.alone:
        lines += [heading("Tasks without a published number"), facts(list(found.alone.items()))]
    if found.others:
        rows = [(name, ", ".join(published.load(name).models), ", ".join(t)) for name, t in found.others.items()]
        lines += [
            heading("Other tables with these tasks (training compare --table NAME)"),
            table(["table", "models", "tasks"], rows, wrap=["models", "tasks"]),
        ]
    lines += _suites(found)
    return lines


def _why_none(found: Outcome) -> str:
    if found.others:
        name = next(iter(found.others))
        return (
            f"no table has a row for {found.own.encoder}. To compare with another encoder all the same: "
            f"training compare --table {name}"
        )
    tasks = sorted({task for name in published.names() for task in published.tasks(published.load(name))})
    return (
        f"no published table has a task of this run. Tables are about {', '.join(tasks)}; `curation profile "
        "xlmr-large` tests on such tasks, and `curation compare pretrained intermediate` shows what your own runs say."
    )


def _table(one: Beside) -> list[RenderableType]:
    from curation.core.output import facts, heading

    seen = [line.published for block in one.blocks for line in block.lines]
    evidence = {e.reason: e.verified for cell in seen for e in cell.evidence}
    told = [
        ("source", one.table.source),
        ("values", f"percent, {one.table.split}, {caveats.kind(one.table)}"),
        ("mind", one.table.note),
        *(("verified" if sure else f"{_DOUBT} unverified", reason) for reason, sure in evidence.items()),
        ("intermediate", one.unmatched),
    ]
    common = _common(one.blocks)
    told += [("mind", f"{', '.join(tasks)}: {reason}") for reason, tasks in common.items()]
    lines: list[RenderableType] = [heading(f"{one.name}: {one.table.title}"), facts(told)]
    for block in one.blocks:
        lines += _block(block, one.table, common)
    return lines


def _common(blocks: Sequence[Block]) -> dict[str, tuple[str, ...]]:
    """Return the reasons that hold in every one of several blocks with their tasks; to be told once."""
    told: dict[str, dict[str, None]] = {}
    for block in blocks:
        for reason, tasks in block.reasons.items():
            told.setdefault(reason, {}).update(dict.fromkeys(tasks))
    found = {}
    for reason, every in told.items():
        concerned = [block for block in blocks if {line.task for line in block.lines} & set(every)]
        if len(blocks) > 1 and all(reason in block.reasons for block in concerned):
            found[reason] = tuple(every)
    return found


def _block(block: Block, table: Table, common: Mapping[str, Any]) -> list[RenderableType]:
    from curation.core.output import facts, heading
    from curation.core.output import table as grid

    gain, by_median = block.start == GAIN, table.runs == "median"
    rows: list[tuple[str, ...]] = []
    for line in block.lines:
        rows += _rows(line, gain, by_median)
    for mean in block.means:
        if block.suite is None or set(mean.tasks) != set(block.suite.tasks):  # else it is the same mean once more
            rows += _mean(f"mean of {len(mean.tasks)} {_OVER[mean.over]}", mean, gain, by_median)
    if block.suite is not None:
        rows += _mean(f"{block.suite.over} average", block.suite, gain, by_median)
    model = "" if block.model in block.row else f" ({block.model})"
    tasks = {line.task for line in block.lines}
    minds = [("note", block.note)]
    for reason in [reason for reason in block.reasons if reason not in common]:
        concerned = block.reasons[reason]
        some = "" if set(concerned) >= tasks else f"{', '.join(concerned)}: "
        minds.append(("mind", f"{some}{reason}"))
    return [
        heading(f"{STARTS[block.start].capitalize()}, beside {block.row!r}{model}"),
        grid(_COLUMNS, rows, right=_COLUMNS[1:]),
        facts(minds),
    ]


def _rows(line: Line, gain: bool, by_median: bool) -> Iterator[tuple[str, ...]]:
    name = f"{line.task} {METRICS.get(line.metric, line.metric)}" if line.language == ALL else f"  {line.language}"
    apart = (
        ("", "") if line.difference is None else (points(line.difference.value, True), _bounds(line.difference, True))
    )
    yield name, points(line.ours.value, gain), _bounds(line.ours, gain), _published(line.published, gain), *apart
    if by_median and line.language == ALL and line.ours.seeds > 2:  # of two, the median is the mean
        yield _median(line, gain)


def _mean(name: str, mean: Mean, gain: bool, by_median: bool) -> Iterator[tuple[str, ...]]:
    yield name, points(mean.ours, gain), "", _published(mean.published, gain), points(mean.difference, True), ""
    if by_median and points(mean.median) != points(mean.ours):
        yield _median(mean, gain)


def _median(found: Line | Mean, gain: bool) -> tuple[str, ...]:
    apart = "" if found.difference is None else points(found.median - found.published.percent / 100, True)
    return "  median", points(found.median, gain), "", "", apart, ""


def _published(cell: Cell, signed: bool) -> str:
    return f"{points(cell.percent / 100, signed)}{' ' if cell.verified else _DOUBT}"


def _bounds(found: Interval, signed: bool) -> str:
    return "" if math.isnan(found.low) else interval(found, signed)


def _suites(found: Outcome) -> list[RenderableType]:
    from curation.core.output import facts, heading

    told: dict[tuple[str, str], list[str]] = {}
    for one in found.suites:
        groups = [f"{name} {points(value)}" for name, value in one["groups"].items() if value is not None]
        whole = "no average yet" if one["all"] is None else f"average {points(one['all'])}"
        untested = {task: f"{len(langs)} language{'s' * (len(langs) > 1)}" for task, langs in one["untested"].items()}
        lacking = [f"{task} ({what} not tested)" for task, what in untested.items()]
        lacking += [task for task in one["missing"] if task not in untested]
        missing = f"; missing: {', '.join(lacking)}" if lacking else ""
        told.setdefault((one["suite"], f"{', '.join([whole, *groups])}{missing}"), []).append(one["start"])
    lines = [(suite if len(starts) > 1 else f"{suite}, {starts[0]}", said) for (suite, said), starts in told.items()]
    return [heading("Averages over suites"), facts(lines)] if lines else []
