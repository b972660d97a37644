"""What people decided about rows: keep, relabel, drop, unsure; obeyed by quality, subset and training.

Decisions are a log, ``reviews/<task>.jsonl``, small and in git (:mod:`curation.review.log`). The stage takes the last
one of each row, checks that the row is still the one that was looked at, and writes ``data/reviewed/<task>.parquet``:
``id``, ``decision``, ``label`` (JSON of the record's label column; null unless relabelled), ``author``, ``time``,
``note``. Nothing before it runs again when a decision is added: scores and probe judge the rows as they were fetched.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

from curation.core import files, kinds, paths, records

if TYPE_CHECKING:
    from collections.abc import Mapping

Verdict = Literal["keep", "relabel", "drop", "unsure"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
SETTLED = ("keep", "relabel")
"""Verdicts that clear a row's own flags: a person vouches for it."""
SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "decision", "label", "author", "time", "note")])


def load(task: str) -> dict[str, dict[str, Any]]:
    """Return id to its decision; empty when nobody has decided anything.

    Raises :class:`CairnError` when there are decisions and the stage has not run.
    """
    if not paths.reviewed(task).exists() and not paths.reviews(task).exists():
        return {}
    return {row["id"]: row for row in files.read_parquet(paths.reviewed(task)).to_pylist()}


def apply(table: pa.Table, decided: Mapping[str, Mapping[str, Any]], original: bool = True) -> pa.Table:
    """Return records with the labels that were corrected, in the same order.

    ``original``: the rows are those that were looked at. In a translation a class carries over, a corrected answer or
    tagging does not: such rows are left out, as if they had not been translated.
    """
    kind = records.kind_of(table)
    field = kinds.KINDS[kind].label
    changed = {id_: json.loads(row["label"]) for id_, row in decided.items() if row["decision"] == "relabel"}
    if field is None or not changed:
        return table
    if not original and kinds.KINDS[kind].type != "int":
        return table.filter(pc.invert(pc.is_in(table["id"], pa.array(list(changed), pa.string()))))
    labels = zip(table["id"].to_pylist(), table[field].to_pylist(), strict=True)
    column = pa.array([changed.get(id_, label) for id_, label in labels], table.schema.field(field).type)
    return table.set_column(table.schema.get_field_index(field), table.schema.field(field), column)
