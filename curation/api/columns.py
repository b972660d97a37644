"""The columns of an export: those of the field's own data sets, then the user's, then what curation found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.core import files, kinds, paths, records
from curation.core.task import Task

QUALITY = ("quality", "flags", "why", "decision")
"""Columns of the quality table that go along."""
JUDGED = (*QUALITY, "weight", "reason")
"""Columns of ours beside the fields of a row."""


def brought(name: str) -> dict[str, dict[str, Any]]:
    """Return id to the row that the user brought, with all its columns; empty where rows are not the user's own."""
    file = paths.fetched("intermediate", name) / "brought.parquet"
    if not file.exists():
        return {}
    return {row["id"]: json.loads(row["row"]) for row in files.read_parquet(file).to_pylist()}


def table(
    rows: pa.Table,
    task: Task,
    own: Mapping[str, Mapping[str, Any]],
    quality: pa.Table | None = None,
    reasons: Mapping[str, str] | None = None,
) -> pa.Table:
    """Return records as a data set of their own: ``id``, the fields, the user's other columns, quality, reason.

    Answers are in the layout of SQuAD. A column of the user's that has the name of another one gets ``original_``
    before it.
    """
    kind = records.kind_of(rows)
    found: dict[str, pa.Array] = {"id": rows["id"].combine_chunks(), "lang": rows["lang"].combine_chunks()}
    for field, _ in kinds.KINDS[kind].fields:
        found[field] = _squad(rows[field]) if field == "answers" else rows[field].combine_chunks()
    judged = {name: quality[name].combine_chunks() for name in QUALITY} if quality is not None else {}
    if quality is not None:
        judged["weight"] = weights(judged["quality"])
    if reasons is not None:
        judged["reason"] = pa.array([reasons.get(id_) for id_ in rows["id"].to_pylist()], pa.string())
    taken = {*found, *JUDGED}
    brought_here = [own.get(id_, {}) for id_ in rows["id"].to_pylist()]
    for name in dict.fromkeys(name for row in own.values() for name in row):
        values = [row.get(name) for row in brought_here]
        found[f"original_{name}" if name in taken else name] = array(values)
    return pa.table({**found, **judged})


def weights(quality: pa.Array) -> pa.Array:
    """Return a weight for the loss of each row: its quality over the mean quality, so that weights are 1 on average.

    1 where a row could not be judged, and where nothing has any quality.

    >>> weights(pa.array([1.0, 0.5, None])).to_pylist()
    [1.3333333333333333, 0.6666666666666666, 1.0]
    """
    mean = pc.mean(quality).as_py()
    return pc.fill_null(pc.divide(quality, mean), 1.0) if mean else pa.array([1.0] * len(quality), pa.float64())


def _squad(answers: pa.ChunkedArray) -> pa.Array:
    type_ = pa.struct([("text", pa.list_(pa.string())), ("answer_start", pa.list_(pa.int32()))])
    made = [
        None if row is None else {"text": [a["text"] for a in row], "answer_start": [a["start"] for a in row]}
        for row in answers.to_pylist()
    ]
    return pa.array(made, type_)


def array(values: list[Any]) -> pa.Array:
    """Return a column of the user's; where its values are of several types, or empty, as text."""
    try:
        found = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([v if v is None or isinstance(v, str) else json.dumps(v) for v in values], pa.string())
    return found.cast(pa.string()) if pa.types.is_null(found.type) else found


def features(found: pa.Table, task: Task) -> dict[str, Any]:
    """Return the features that `datasets` reads from the files' metadata: class names, and the types of the others."""
    made = {}
    for field in found.schema:
        feature = _feature(field.type)
        if field.name == kinds.KINDS[task.kind].label and kinds.KINDS[task.kind].named != "no":
            names = {"names": list(task.labels), "_type": "ClassLabel"}
            feature = names if kinds.KINDS[task.kind].named == "row" else {"feature": names, "_type": "List"}
        made[field.name] = feature
    return made


def _feature(type_: pa.DataType) -> Any:
    if pa.types.is_struct(type_):
        return {field.name: _feature(field.type) for field in type_}
    if pa.types.is_list(type_):
        return {"feature": _feature(type_.value_type), "_type": "List"}
    names = {"double": "float64", "float": "float32"}
    return {"dtype": names.get(str(type_), str(type_)), "_type": "Value"}


def with_features(found: pa.Table, task: Task) -> pa.Table:
    """Return the table with its features in the metadata, where the hub keeps them."""
    made = features(found, task)
    if kinds.KINDS[task.kind].named != "no":
        label = str(kinds.KINDS[task.kind].label)
        type_ = pa.int64() if kinds.KINDS[task.kind].named == "row" else pa.list_(pa.int64())
        at = found.schema.get_field_index(label)
        found = found.set_column(at, label, found[label].cast(type_))
    return found.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": made}})})


def in_words(found: pa.Table, task: Task) -> list[dict[str, Any]]:
    """Return the rows as plain values, classes and tags by name."""
    label, named = kinds.KINDS[task.kind].label, kinds.KINDS[task.kind].named
    rows: list[dict[str, Any]] = found.to_pylist()
    if named == "no" or label is None:
        return rows
    for row in rows:
        value = row[label]
        if value is not None:
            row[label] = task.labels[value] if named == "row" else [task.labels[tag] for tag in value]
    return rows


def counts(found: pa.Table, task: Task) -> dict[str, int]:
    """Return how often each label occurs: classes of rows, tags of words, positions of choices, answered or not."""
    facts = kinds.KINDS[task.kind]
    if facts.label is None:
        return {}
    values = [value for value in found[facts.label].to_pylist() if value is not None]
    if facts.named == "row":
        return dict(Counter(task.labels[value] for value in values))
    if facts.named == "word":
        return dict(Counter(task.labels[tag] for tags in values for tag in tags))
    if task.kind == "span":
        return dict(Counter("answered" if value["text"] else "no answer" for value in values))
    return dict(Counter(f"choice {value + 1}" for value in values))
