"""Best translation first: ``stratum`` then cuts by how good the translations are, and not the labels.

Of an id that comes in several translated languages the worst counts. Rows of equal value stand in an order that depends
on the seed and their ids only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.core.errors import CairnError
from curation.core.seeds import derive

if TYPE_CHECKING:
    import pyarrow as pa


def select(table: pa.Table, budget: int, seed: int) -> list[str]:
    """Return the ids of the ``budget`` rows of highest ``translation_quality``, best first.

    Raises :class:`CairnError` where no language of the subset is translated.

    >>> import pyarrow as pa
    >>> select(pa.table({"id": ["a", "b", "c"], "translation_quality": [0.1, 0.9, 0.5]}), 2, seed=1)
    ['b', 'c']
    """
    if "translation_quality" not in table.column_names:
        raise CairnError(
            "subset.selector translation_quality ranks by how good the translations are, and none of subset.languages "
            "and subset.also_in is translated. Add one that translate.languages names, or take selector: quality."
        )
    scored = zip(table["translation_quality"].to_pylist(), table["id"].to_pylist(), strict=True)
    return [id_ for _, _, id_ in sorted((-value, derive(seed, id_), id_) for value, id_ in scored)][:budget]
