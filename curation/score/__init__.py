"""One scorer on one task: a number, words and evidence beside every row.

Reads the fetched rows and what the scorer NEEDS; writes ``data/scores/<task>/<scorer>.parquet``.
Scoring and deciding are apart: nothing is deleted here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from curation.core import paths, registry
from curation.core.errors import CairnError
from curation.score import scorers

if TYPE_CHECKING:
    from types import ModuleType

    from curation.core.params import Section


PARTS = ("KINDS", "NEEDS", "Params", "score")
"""What a scorer module has to define."""


def checked(module: Any, name: str) -> Any:
    """Return ``module`` if it is a scorer; raise :class:`CairnError` naming what is missing or unknown in it."""
    return registry.complete(module, "scorers", name, PARTS, scorers.NEEDS)


def evaluate(module: ModuleType, name: str, inputs: scorers.Inputs, section: Section) -> pa.Table:
    """Return the checked scores of ``inputs`` by the scorer ``module``.

    A kind outside the scorer's ``KINDS`` gives null scores whose ``why`` says so. The table's metadata hold the
    scorer's name, and its facts about the task as a whole. Raises :class:`CairnError` when the scorer breaks its
    promise (see :func:`validate`).
    """
    scorer = checked(module, name)
    if inputs.kind in scorer.KINDS:
        result = scorer.score(inputs, section)
    else:
        n = inputs.records.num_rows
        result = scorers.table(inputs, pa.nulls(n, pa.float64()), [f"not applicable to {inputs.kind} rows"] * n)
    validate(result, inputs, name)
    return result.replace_schema_metadata({**(result.schema.metadata or {}), "cairn.scorer": name})


def elsewhere(name: str, inputs: scorers.Inputs) -> pa.Table:
    """Return null scores of ``inputs`` that say which stage makes those of the scorer ``name``."""
    why = f"made by the stage {name}: {paths.scores(inputs.name, name)}"
    n = inputs.records.num_rows
    return scorers.table(inputs, pa.nulls(n, pa.float64()), [why] * n)


def validate(result: pa.Table, inputs: scorers.Inputs, name: str) -> None:
    """Raise :class:`CairnError` unless ``result`` has one row per record, in order, with scores in 0..1 or null."""
    where = f"scorer {name!r} on task {inputs.name!r}"
    if result.column_names[:3] != ["id", "score", "why"]:
        raise CairnError(f"{where}: columns must begin with id, score, why; got {', '.join(result.column_names)}.")
    if (result["score"].type, result["why"].type) != (pa.float64(), pa.string()):
        raise CairnError(
            f"{where}: score must be float64 and why string. Build the result with curation.score.scorers.table."
        )
    if not result["id"].equals(inputs.records["id"]):
        raise CairnError(
            f"{where}: {result.num_rows} rows, which are not the {inputs.records.num_rows} records in their order."
        )
    bad = pc.invert(pc.and_kleene(pc.greater_equal(result["score"], 0.0), pc.less_equal(result["score"], 1.0)))
    if pc.any(bad).as_py():  # NaN compares false, so it is caught here too
        first = result.filter(pc.fill_null(bad, False)).slice(0, 1).to_pylist()[0]
        raise CairnError(f"{where}: {first['id']} has score {first['score']}; it must be in 0..1, or null.")
