"""From a task's scored rows to a review sheet, and from a filled sheet to decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation import review, tasks
from curation.core import files, kinds, paths, records
from curation.core.errors import CairnError, unknown
from curation.review import forms, labels, log
from curation.review.log import Decision, Outcome

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.core.task import Task


def scored(name: str) -> tuple[pa.Table, pa.Table]:
    """Return the train records of a task and its quality table, in the same order."""
    return records.read(paths.fetched("intermediate", name) / "train.parquet"), files.read_parquet(paths.quality(name))


def rows(name: str, ids: Sequence[str]) -> tuple[forms.Sheet, Task]:
    """Return the sheet of the rows ``ids`` of task ``name`` in their order, with what was decided about them so far."""
    task = tasks.load(name, "curation export")
    table, quality = scored(name)
    there = log.standing(log.read(name))
    place = {id_: at for at, id_ in enumerate(table["id"].to_pylist())}
    made = []
    for id_ in ids:
        row = table.slice(place[id_], 1).to_pylist()[0]
        score = quality.slice(place[id_], 1).to_pylist()[0]
        made.append(_line(name, row, score, task, there.get(id_)))
    return made, task


def _line(
    name: str, row: Mapping[str, Any], score: Mapping[str, Any], task: Task, said: Decision | None
) -> dict[str, Any]:
    suggested = labels.suggestion(task.kind, row, score, task.labels)
    return {
        "task": name,
        "id": row["id"],
        "row": log.fingerprint(task.kind, row),
        **{field: _words(field, row[field]) for field in records.content_fields(task.kind)},
        "given": kinds.shown(task.kind, row, task.labels),
        "suggested": None if suggested is None else _shown(task, row, suggested),
        "flags": score["flagged"] or [],
        "why": score["why"],
        "quality": score["quality"],
        "decision": said.decision if said else None,
        "new_label": _shown(task, row, said.label) if said and said.decision == "relabel" else None,
        "note": said.note or None if said else None,
        "author": said.author or None if said else None,
        "time": said.time or None if said else None,
    }


def _words(field: str, value: Any) -> Any:
    return " ".join(value) if field == "tokens" else value


def _shown(task: Task, row: Mapping[str, Any], value: Any) -> str | None:
    return kinds.shown(task.kind, {**row, str(kinds.KINDS[task.kind].label): value}, task.labels)


def bring(file: Path, author: str, *, replace: bool = False) -> dict[str, Outcome]:
    """Add the decisions of a filled sheet to the logs of its tasks; return what became of them, by task.

    Rows that nobody decided are passed over. Raises :class:`CairnError` for a verdict or label that is none, naming the
    row, before anything is written.
    """
    by_task: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in forms.read(file):
        if line.get("decision") or line.get("new_label"):
            by_task[str(line["task"])].append(line)
    made = {name: _decisions(name, lines, author, file) for name, lines in by_task.items()}
    return {name: log.bring(name, found, _now(name), replace) for name, found in made.items()}


def _now(name: str) -> dict[str, str]:
    table = records.read(paths.fetched("intermediate", name) / "train.parquet")
    kind = records.kind_of(table)
    return {row["id"]: log.fingerprint(kind, row) for row in table.to_pylist()}


def _decisions(name: str, lines: Sequence[Mapping[str, Any]], author: str, file: Path) -> list[Decision]:
    task = tasks.load(name, str(file))
    table = records.read(paths.fetched("intermediate", name) / "train.parquet")
    wanted = {str(line["id"]) for line in lines}
    there = {row["id"]: row for row in table.to_pylist() if row["id"] in wanted}
    found, time = [], log.now()
    for line in lines:
        id_ = str(line["id"])
        where = f"{file}: {id_}"
        said = str(line.get("new_label") or "").strip()
        decision = str(line.get("decision") or "").strip().lower() or "relabel"
        if decision not in review.VERDICTS:
            raise unknown("decision", decision, review.VERDICTS, where)
        if decision == "relabel" and not said:
            raise CairnError(f"{where}: relabel, but new_label is empty. Write the label, or another decision.")
        value = None
        if decision == "relabel" and id_ in there and log.fingerprint(task.kind, there[id_]) == line["row"]:
            value = labels.parse(task.kind, said, there[id_], task.labels, where)
        found.append(
            Decision(
                id_, str(line["row"]), decision, value, str(line.get("author") or author),
                str(line.get("time") or time), str(line.get("note") or ""),
            )
        )  # fmt: skip
    return found


def accept(name: str, ids: Sequence[str], author: str, note: str, *, replace: bool = False) -> Outcome:
    """Relabel the rows ``ids`` as the probe suggests; rows without a suggestion are passed over."""
    task = tasks.load(name, "curation import")
    table, quality = scored(name)
    wanted, time = set(ids), log.now()
    found = []
    for row, score in zip(table.to_pylist(), quality.to_pylist(), strict=True):
        value = labels.suggestion(task.kind, row, score, task.labels) if row["id"] in wanted else None
        if value is not None:
            mark = log.fingerprint(task.kind, row)
            found.append(Decision(row["id"], mark, "relabel", value, author, time, note))
    return log.bring(name, found, {one.id: one.row for one in found}, replace)
