"""Rows in the words of the target: importance resampling by hashed n-grams (Xie et al. 2023, DSIR).

Words and pairs of words are hashed into buckets; a row's importance is how much likelier its n-grams are under the
target's distribution of buckets than under that of the rows, and rows are drawn in proportion to it, without putting
back (Gumbel noise on the logarithm, seeded; the draws of all sizes are one order). The target's rows are those it is
fine-tuned on; what it is tested on is not looked at. Words of different languages never meet: this is for rows in the
language that the target is fine-tuned in.
"""

from __future__ import annotations

import hashlib
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pydantic

from curation.core import records
from curation.core.errors import CairnError
from curation.core.params import Section
from curation.language import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pyarrow as pa

    from curation.subset.selectors import Inputs

NEEDS = frozenset({"records", "targets"})


class Params(Section):
    """Section ``subset.selectors.importance``."""

    buckets: int = pydantic.Field(ge=2)
    """Buckets that n-grams are hashed into (10,000 in the paper)."""
    draw: bool
    """Draw in proportion to importance, as the paper does; false = most important first."""


def hashed(text: str, buckets: int) -> npt.NDArray[np.int64]:
    """Return the buckets of the words, and pairs of adjacent words, of ``text``, the same on every machine.

    >>> len(hashed("The cat sat", 10)), hashed("the CAT", 10**6).tolist() == hashed("The cat", 10**6).tolist()
    (5, True)
    """
    found = words.folded(text)
    grams = [*found, *(f"{a} {b}" for a, b in pairwise(found))]
    return np.array(
        [int.from_bytes(hashlib.blake2b(gram.encode(), digest_size=8).digest()) % buckets for gram in grams], np.int64
    )


def _texts(table: pa.Table) -> Iterator[str]:
    kind = records.kind_of(table)
    for row in records.Rows(table):
        yield records.text_of(kind, row)


def select(inputs: Inputs, params: Params) -> list[str]:
    """Return all ids, drawn in proportion to their importance, or the most important first.

    Raises :class:`CairnError` where there is no target.
    """
    if not inputs.targets:
        raise CairnError("subset.selector importance needs a target: params.yaml names none in targets.")
    wanted, there = np.ones(params.buckets), np.ones(params.buckets)  # each bucket was seen once: none is impossible
    for table in inputs.targets.values():
        for text in _texts(table):
            np.add.at(wanted, hashed(text, params.buckets), 1)
    rows = [hashed(text, params.buckets) for text in _texts(inputs.records)]
    for row in rows:
        np.add.at(there, row, 1)
    log = np.log(wanted / wanted.sum()) - np.log(there / there.sum())
    weight = np.array([log[row].sum() for row in rows])
    if params.draw:
        share = (inputs.ties().astype(np.float64) + 0.5) / 2.0**64
        weight = weight - np.log(-np.log(np.clip(share, 1e-12, 1 - 1e-12)))
    return inputs.highest_first(weight)
