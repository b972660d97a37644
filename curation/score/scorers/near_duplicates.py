"""Low for a row that repeats an earlier one in almost the same words; every group keeps one row at 1.

See :mod:`curation.score.wording.duplicates` for what counts as the same. The row a group keeps is the earliest of the
source. The subset stage may keep another one of the group: the best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pydantic

from curation.core.kinds import having
from curation.core.params import Section
from curation.score import scorers
from curation.score.wording import searched
from curation.score.wording.duplicates import exchanged, with_records

if TYPE_CHECKING:
    from curation.core.task import Kind

KINDS: frozenset[Kind] = frozenset(having("intermediate"))
NEEDS = frozenset({"neighbours"})


class Params(Section):
    """Section ``score.near_duplicates``."""

    similarity: float = pydantic.Field(gt=0, le=1)
    """Cosine from which two neighbours are compared word by word. Rows that differ in misspelt words alone always
    are."""
    edits: float = pydantic.Field(ge=0, le=0.2)
    """Share of a field's words that may differ, beside slips of the pen, articles and fillers; 0.02 = one in fifty."""


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return 1 for unique rows and for the row a group keeps, else ``1 - similarity`` to the nearest row of the group.

    Similarity is 1 for the same words, 0.99 for the same words but articles and fillers, else the cosine, or
    ``params.similarity`` where that is lower or not known.
    Evidence: ``group`` (id of the row it keeps; null = unique), ``size``, ``twin`` (id), ``similarity`` (to the twin).
    """
    groups = searched.groups(inputs, params.similarity, params.edits)
    ids, n = inputs.records["id"], inputs.records.num_rows
    values = np.ones(n)
    why: list[str | None] = [None] * n
    columns: dict[str, list[Any]] = {name: [None] * n for name in ("group", "size", "twin", "similarity")}
    for members, record_of in with_records(inputs.records, groups):
        kept = ids[members[0]].as_py()
        for row in members:
            twin, similarity = groups.twin[row]
            for name, value in (("group", kept), ("size", len(members)), ("twin", ids[twin].as_py())):
                columns[name][row] = value
            columns["similarity"][row] = similarity
            if row != members[0]:
                values[row] = 1 - similarity
                how = "repeats" if similarity == 1 else "almost repeats"
                turned = inputs.task.symmetric and exchanged(record_of[row], record_of[twin])
                sides = " with its sides exchanged" if turned else ""
                why[row] = f"{how} {ids[twin]}{sides} (group of {len(members)}, which keeps {kept})"
    types = {"group": pa.string(), "size": pa.int32(), "twin": pa.string(), "similarity": pa.float64()}
    return scorers.table(inputs, values, why, {name: pa.array(columns[name], types[name]) for name in types})
