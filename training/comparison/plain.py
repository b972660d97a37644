"""What ``training compare --json`` prints: plain values for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from training import published
from training.evaluate.scoring import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.results.statistics import Interval
    from training.comparison.outcome import Beside, Block, Line, Mean, Outcome
    from training.published import Cell


def as_json(found: Outcome) -> dict[str, Any]:
    """Return everything as plain values: shares 0..1, gains and differences from -1 to 1."""
    own = found.own
    return {
        "encoder": own.encoder,
        "intermediate": list(own.intermediate),
        "seeds": list(own.setup.seeds),
        "tasks": list(own.stages),
        "tables": {one.name: _json_table(one) for one in found.tables},
        "other_tables": {
            name: {**published.summary(published.load(name)), "shared": tasks} for name, tasks in found.others.items()
        },
        "no_published_number": dict(found.alone),
        "suites": list(found.suites),
    }


def _json_table(one: Beside) -> dict[str, Any]:
    return {**published.summary(one.table), "unmatched": one.unmatched, "blocks": [_json_block(b) for b in one.blocks]}


def _json_block(block: Block) -> dict[str, Any]:
    return {
        "row": block.row,
        "model": block.model,
        "start": block.start,
        "note": block.note,
        "not_comparable_because": [{"reason": reason, "tasks": tasks} for reason, tasks in block.reasons.items()],
        "values": [_json_line(line) for line in block.lines],
        "means": [_json_mean(mean) for mean in block.means],
        "suite_average": block.suite and _json_mean(block.suite),
    }


def _json_line(line: Line) -> dict[str, Any]:
    return {
        "task": line.task,
        "metric": line.metric,
        "language": line.language,
        "mean_over": line.over,
        "ours": {**_json_interval(line.ours), "median": rounded(line.median), "seeds": line.ours.seeds},
        "published": _json_cell(line.published),
        "difference": None if line.difference is None else _json_interval(line.difference),
    }


def _json_mean(mean: Mean) -> dict[str, Any]:
    return {
        "over": mean.over,
        "tasks": mean.tasks,
        "ours": {"value": rounded(mean.ours), "median": rounded(mean.median)},
        "published": _json_cell(mean.published),
        "difference": rounded(mean.difference),
    }


def _json_cell(cell: Cell) -> dict[str, Any]:
    reasons: Sequence[str] = list(dict.fromkeys(one.reason for one in cell.evidence))
    return {"value": rounded(cell.percent / 100), "verified": cell.verified, "evidence": reasons}


def _json_interval(found: Interval) -> dict[str, float]:
    return {"value": rounded(found.value), "low": rounded(found.low), "high": rounded(found.high)}
