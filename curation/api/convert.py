"""From a table of any sort to records, and back to a table with what was found beside its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from curation.core import kinds, records
from curation.core.errors import CairnError
from curation.core.task import Answer, Example, Kind, Reject, Task

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "t"
"""What the task of a table is called: ids begin with it."""


def plain(table: Any) -> list[dict[str, Any]]:
    """Return a table of any sort as a list of dicts.

    >>> plain([{"text": "a"}])
    [{'text': 'a'}]
    """
    if hasattr(table, "to_pylist"):
        return list(table.to_pylist())
    if hasattr(table, "to_list"):
        return _class_names(table)
    if hasattr(table, "to_dict"):
        return list(table.to_dict("records"))
    return [dict(row) for row in table]


def _class_names(table: Any) -> list[dict[str, Any]]:
    """Return the rows of a ``datasets.Dataset``, classes by name."""
    named = {name: feature.names for name, feature in table.features.items() if getattr(feature, "names", None)}
    return [
        {
            **row,
            **{
                name: names[row[name]] for name, names in named.items() if isinstance(row[name], int) and row[name] >= 0
            },
        }
        for row in table.to_list()
    ]


def label_names(rows: Sequence[Mapping[str, Any]], kind: Kind) -> tuple[str, ...]:
    """Return the values of the label column, sorted; none where a task does not name them.

    >>> label_names([{"text": "a", "label": "b"}, {"text": "c", "label": "a"}], "classify")
    ('a', 'b')
    """
    facts = kinds.KINDS[kind]
    if facts.named == "no" or facts.label is None:
        return ()
    there = [row.get(facts.label) for row in rows]
    values = [tag for tags in there for tag in tags or ()] if facts.named == "word" else there
    return tuple(sorted({str(value) for value in values if value is not None and value == value}))


def examples(rows: Sequence[Mapping[str, Any]], kind: Kind, labels: Sequence[str]) -> list[Example]:
    """Return rows as examples; raise :class:`CairnError` with the number of each reason when some cannot be used."""
    from collections import Counter

    from curation.fetch import validity

    task = Task(kind=kind, metric="accuracy", labels=tuple(labels))
    made, reasons = [], Counter[str]()
    first = ""
    for number, row in enumerate(rows):
        try:
            example = _example(row, kind, labels, str(number))
            validity.check(example, task)
            made.append(example)
        except Reject as reason:
            reasons[str(reason)] += 1
            first = first or f"row {number} of the table, {reason}"
    if reasons:
        counted = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        raise CairnError(f"{sum(reasons.values())} of {len(rows)} rows cannot be used: {counted}. First: {first}.")
    return made


def _example(row: Mapping[str, Any], kind: Kind, labels: Sequence[str], key: str) -> Example:
    from curation.rows import columns

    facts = kinds.KINDS[kind]
    if lacking := [name for name in facts.content if name not in row]:
        raise CairnError(f"a row of kind {kind} has {', '.join(facts.content)}; the table lacks {lacking[0]}.")
    values: dict[str, Any] = {
        name: tuple(row[name] or ()) if type_ == "strings" else row[name] for name, type_ in facts.content.items()
    }
    value = row.get(facts.label) if facts.label else None
    if facts.named == "row":
        values["label"] = columns.index(value, labels, "label")
    elif facts.named == "word":
        values["tags"] = columns.indices(value, labels, "tags")
    elif kind == "choice":
        values["label"] = value
    elif kind == "span" and value is not None:
        found = columns.answers({"answers": value})
        values["answers"] = tuple(Answer(one.text, one.start) for one in found or ())
    group = row.get("group")
    return Example(**values, key=key, group=None if group is None else str(group))


def ids(rows: Sequence[Mapping[str, Any]], kind: Kind, labels: Sequence[str]) -> list[str]:
    """Return the id of each row, in the order of the table."""
    made = examples(rows, kind, labels)
    return records.make_ids(NAME, [records.content_hash(kind, vars(example)) for example in made])


def records_of(rows: Sequence[Mapping[str, Any]], kind: Kind, labels: Sequence[str]) -> pa.Table:
    """Return rows as records, by id."""
    made = examples(rows, kind, labels)
    langs = [str(row.get("lang") or "en") for row in rows]
    return records.table(kind, ids(rows, kind, labels), langs, made)


def beside(rows: Sequence[Mapping[str, Any]], made: pa.Table, judged: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return records and judgement side by side, with the name of the class and the table's other columns."""
    import pyarrow as pa

    from curation.api.columns import array

    kind = records.kind_of(made)
    found = {name: made[name] for name in made.column_names if name != "key"}
    if kinds.KINDS[kind].named == "row":
        found["label_name"] = pa.array(
            [None if v is None else names[v] for v in made["label"].to_pylist()], pa.string()
        )
    found |= {name: judged[name] for name in judged.column_names if name != "id"}
    for name in dict.fromkeys(name for row in rows for name in row):
        if name not in found:
            found[name] = array([row.get(name) for row in rows])
    return pa.table(found)
