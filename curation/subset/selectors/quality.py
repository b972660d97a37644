"""Best quality first: the strata of the stage then are its top, middle and bottom.

Rows of equal quality stand in an order that depends on the seed and their ids only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.core.params import Section
    from curation.subset.selectors import Inputs

NEEDS: frozenset[str] = frozenset()


def select(inputs: Inputs, params: Section) -> list[str]:
    """Return all ids, highest quality first."""
    return inputs.highest_first(inputs.table["quality"])
