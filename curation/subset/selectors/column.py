"""Rows by any one column of their scores: the most or the least sure, the clear or the ambiguous, the near or the far.

With ``by: ambiguity, first: lowest`` the top stratum is the rows that two labels fit; with ``by: label_quality`` it is
those whose label is surest, whatever else is wrong with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from curation.core.params import Section

if TYPE_CHECKING:
    from curation.subset.selectors import Inputs

NEEDS: frozenset[str] = frozenset()


class Params(Section):
    """Section ``subset.selectors.column``."""

    by: str
    """Column of numbers of data/quality/<task>.parquet: quality, a scorer's name, a scorer's evidence."""
    first: Literal["highest", "lowest"]
    """Which end comes first."""


def select(inputs: Inputs, params: Params) -> list[str]:
    """Return all ids by the column; rows of equal value, and those without one at the median, in a seeded order."""
    value = inputs.column(params.by, "params.yaml: subset.selectors.column.by")
    return inputs.highest_first(value if params.first == "highest" else -value)
