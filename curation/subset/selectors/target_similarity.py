"""Rows nearest to what the target is fine-tuned on: the mean cosine to the nearest of its train rows, highest first.

Retrieval of training rows by neighbours of the target (Gururangan et al. 2020, kNN-TAPT), in the vectors of the
scorers' encoder: across languages as far as that knows them. What the target is tested on is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pydantic

from curation.core import records
from curation.core.errors import CairnError
from curation.core.params import Section

if TYPE_CHECKING:
    from curation.subset.selectors import Inputs

NEEDS = frozenset({"vectors", "targets"})


class Params(Section):
    """Section ``subset.selectors.target_similarity``."""

    k: int = pydantic.Field(ge=1)
    """Nearest target rows whose mean similarity counts."""


def select(inputs: Inputs, params: Params) -> list[str]:
    """Return all ids, the most similar to the targets first; raise :class:`CairnError` where there is no target."""
    from curation.search import knn

    texts = [
        records.text_of(records.kind_of(table), row) for table in inputs.targets.values() for row in records.Rows(table)
    ]
    if not texts:
        raise CairnError("subset.selector target_similarity needs a target: params.yaml names none in targets.")
    found = knn.exact(inputs.vectors, inputs.encode(texts), min(params.k, len(texts)), "similarity to the target")
    return inputs.highest_first(np.nanmean(found.similarity.astype(np.float64), axis=1))
