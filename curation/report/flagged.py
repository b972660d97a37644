"""The rows that were flagged, in full: what was said of them, their twins and nearest rows; labels against labels."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from curation import neighbours, tasks
from curation.core import kinds, paths, records
from curation.review import labels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from curation.core.task import Task

NEIGHBOURS = 3
"""Nearest rows that are shown beside one."""
LABELS = 15
"""Labels that the matrix shows: those that are most often doubted or suggested."""


def examples(
    name: str, table: pa.Table, scores: Mapping[str, Any], flagged: Mapping[str, Any], count: int
) -> dict[str, list[dict[str, Any]]]:
    """Return per scorer its ``count`` worst flagged rows, by score, then id."""
    rows = records.read(paths.fetched("intermediate", name) / "train.parquet")
    place = {id_: i for i, id_ in enumerate(rows["id"].to_pylist())}
    task: Task = tasks.load(name)
    there = (paths.neighbours(name) / "indices.npy").exists()
    near = neighbours.load(name) if there else None
    ids = table["id"].to_pylist()
    found = {}
    for scorer, score in scores.items():
        worst = sorted(np.flatnonzero(flagged[scorer]).tolist(), key=lambda i: (score[i], ids[i]))[:count]
        found[scorer] = [
            _example(table.slice(i, 1).to_pylist()[0], scorer, rows, place, task)
            | {"others": _others(table.slice(i, 1).to_pylist()[0], rows, place, task, near)}
            for i in worst
        ]
    return found


def _example(
    row: Mapping[str, Any], scorer: str, rows: pa.Table, place: Mapping[str, int], task: Task
) -> dict[str, Any]:
    record = rows.slice(place[row["id"]], 1).to_pylist()[0]
    value = labels.suggestion(task.kind, record, row, task.labels)
    suggested = {**record, str(kinds.KINDS[task.kind].label): value}
    return {
        "id": row["id"],
        "score": row[scorer],
        "why": row.get(f"{scorer}.why") or row.get("why"),
        "flags": row["flags"] or [],
        "text": records.text_of(task.kind, record),
        "suggested": None if value is None else kinds.shown(task.kind, suggested, task.labels),
        **_said(record, task),
    }


def _said(record: Mapping[str, Any], task: Task) -> dict[str, Any]:
    content = {}
    for field in records.content_fields(task.kind):
        value = record[field]
        content[field] = value if isinstance(value, str) else (" " if field == "tokens" else " / ").join(value or ())
    return {"label": kinds.shown(task.kind, record, task.labels), "content": content}


def _others(row: Mapping[str, Any], rows: pa.Table, place: Mapping[str, int], task: Task, near: Any) -> list[Any]:
    """Return the rows that scorers named as twins of ``row``, then its nearest ones."""
    asked = [
        (f"twin ({column.removesuffix('.twin')})", place[id_])
        for column, id_ in row.items()
        if column.endswith(".twin") and id_ in place
    ]
    at = place[row["id"]]
    if near is not None and len(near.indices) == rows.num_rows:
        pairs = zip(near.indices[at].tolist(), near.similarity[at].tolist(), strict=True)
        asked += [(f"nearest, {close:.2f}", other) for other, close in pairs if other >= 0][:NEIGHBOURS]
    return [
        {"what": what, "id": rows["id"][other].as_py(), **_said(rows.slice(other, 1).to_pylist()[0], task)}
        for what, other in asked
    ]


def matrix(table: pa.Table) -> dict[str, Any] | None:
    """Return how often each given label was doubted for each suggested one; ``None`` where nothing was suggested.

    ``rows``: per given label the counts by suggested label, in the order of ``labels``; ``more``: doubted rows whose
    labels are not among :data:`LABELS`. Of tags a row counts with its worst word.
    """
    names = [f"label_quality.{name}_label" for name in ("given", "suggested")]
    if not set(names) <= set(table.column_names):
        return None
    both = zip(*(table[name].to_pylist() for name in names), strict=True)
    counted = Counter((a, b) for a, b in both if a is not None and b is not None and a != b)
    if not counted:
        return None
    each: Counter[str] = Counter()
    for (given, suggested), count in counted.items():
        each[given] += count
        each[suggested] += count
    shown = sorted(sorted(each, key=lambda label: (-each[label], label))[:LABELS])
    rows = {a: [counted[a, b] for b in shown] for a in shown}
    inside = sum(map(sum, rows.values()))
    return {"labels": shown, "rows": rows, "most": max(map(max, rows.values())), "more": counted.total() - inside}


def classes(kind: str) -> bool:
    """Return whether rows of ``kind`` bear names that a matrix can be made of: not answers, nor choices."""
    return kinds.KINDS[kind].named != "no"  # type: ignore[index]


def seen(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[list[str], list[str]]:
    """Return the flags and the labels of all examples, for the filters."""
    rows = [row for some in found.values() for row in some]
    flags = dict.fromkeys(flag for row in rows for flag in row["flags"])
    return list(flags), sorted({row["label"] for row in rows if row["label"] is not None})
