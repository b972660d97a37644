"""Best translation first: ``stratum`` then cuts by how good the translations are, and not the labels.

Of an id that comes in several translated languages the worst counts. Rows of equal value stand in an order that depends
on the seed and their ids only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.core.errors import CairnError

if TYPE_CHECKING:
    from curation.core.params import Section
    from curation.subset.selectors import Inputs

NEEDS: frozenset[str] = frozenset()


def select(inputs: Inputs, params: Section) -> list[str]:
    """Return all ids, highest ``translation_quality`` first.

    Raises :class:`CairnError` where no language of the subset is translated.
    """
    if "translation_quality" not in inputs.table.column_names:
        raise CairnError(
            "subset.selector translation_quality ranks by how good the translations are, and none of subset.languages "
            "and subset.also_in is translated. Add one that translate.languages names, or take selector: quality."
        )
    return inputs.highest_first(inputs.table["translation_quality"])
