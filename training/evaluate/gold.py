"""Gold labels of test records as the metrics take them; placeholders are refused, because their score means nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from curation.core import records
from curation.core.errors import CairnError
from curation.core.kinds import KINDS, PROBED, in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from curation.core.task import Kind

ENOUGH = 10
"""From so many rows on, one and the same label everywhere is taken for a placeholder."""


def gold(table: pa.Table, where: str) -> list[Any]:
    """Return the gold of every record: int, list of answer strings, or list of tag indices.

    Raises :class:`CairnError` when there are no rows, labels are missing, or all are equal in many rows: benchmark
    downloads come with test labels stripped or replaced, and scoring them gives a number near chance that is not one.
    """
    kind = records.kind_of(table)
    if kind not in PROBED:
        raise CairnError(
            f"{where}: records of kind {kind} have no predictions to score; name the task in `retrieval:`."
        )
    if not len(table):
        raise CairnError(f"{where} has no rows. Raise fetch.rows.target.test, or check fetch.languages.")
    found: list[Any] = table[records.LABEL_FIELD[kind]].to_pylist()
    missing = sum(one is None for one in found)
    if missing:
        raise _placeholder(where, f"{missing} of {len(found)} rows have no gold label")
    if kind == "span":
        found = [[answer["text"] for answer in answers] for answers in found]
    langs = table["lang"].to_pylist()
    for lang in sorted(set(langs)):
        _refuse_constant(
            kind, [one for one, its in zip(found, langs, strict=True) if its == lang], f"{where}, {lang!r}"
        )
    return found


def _refuse_constant(kind: Kind, found: Sequence[Any], where: str) -> None:
    distinct = (
        {tag for row in found for tag in row} if KINDS[kind].named == "word" else {json.dumps(one) for one in found}
    )
    if len(found) >= ENOUGH and len(distinct) == 1:
        shown = "no answer" if kind == "span" and not found[0] else json.dumps(next(iter(distinct)))
        raise _placeholder(where, f"all {len(found)} rows have the same gold ({shown})")


def _placeholder(where: str, what: str) -> CairnError:
    return CairnError(
        f"{where}: {what}. These look like placeholders: test labels were stripped from this copy, and a score on them "
        "would mean nothing. Point the test source in the task file at a copy with gold labels, delete "
        "data/target of this task and run `dvc repro`."
    )


def shown(kind: Kind, value: Any, labels: Sequence[str]) -> str:
    """Return a gold value or prediction as text: a label's name, an answer, or a list as JSON.

    >>> shown("pair", 1, ("no", "yes")), shown("tags", [0, 1], ("O", "B-PER")), shown("span", ["a", "b"], ())
    ('yes', '["O", "B-PER"]', '["a", "b"]')
    """
    said = in_words(kind, value, labels)
    return said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
