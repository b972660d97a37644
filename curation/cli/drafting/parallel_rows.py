"""Whether the test rows of a new task say the same in every language, so that they can be paired by their ids."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from curation.cli.drafting import cell_shapes
from curation.cli.drafting.field_columns import Fields
from curation.cli.drafting.given_rows import Given

NEARLY = 0.9
"""Share of ids that two languages have in common, of the smaller of the two; and of equal labels among these."""


def parallel(test: Given | None, fields: Fields, label: str | None) -> tuple[bool, list[str]]:
    """Return whether rows of one id are one item in all languages of ``test``, and a note that says so.

    Their ids have to be the same, nearly, and so has the value of the column ``label``, if one is given that does not
    depend on the language: ids that only count the rows are the same for any rows.
    """
    if test is None or len(test.by_lang) < 2 or "key" not in fields:
        return False, []
    by_key = {lang: _labels(rows, fields["key"][0], label) for lang, rows in test.by_lang.items()}
    for one, other in combinations(by_key, 2):
        left, right = by_key[one], by_key[other]
        shared = left.keys() & right.keys()
        if len(shared) < NEARLY * min(len(left), len(right)):
            return False, []
        same = sum(left[key] == right[key] for key in shared)
        if same < NEARLY * len(shared):
            note = (
                f"test: {one} and {other} have the same ids, but {len(shared) - same:,} of {len(shared):,} rows of one "
                "id have different labels, so they were not taken for the same rows in several languages (parallel)."
            )
            return False, [note]
    note = (
        f"test: rows of one {fields['key'][0]} were taken to say the same in every language (parallel=True). If they "
        "do not, delete that line of the task file."
    )
    return True, [note]


def _labels(rows: list[Any], key: str, label: str | None) -> dict[str, str]:
    """Return the label of each id."""
    there = [row for row in rows if row is not None]
    return {str(cell_shapes.at(row, key)): str(cell_shapes.at(row, label)) if label else "" for row in there}
