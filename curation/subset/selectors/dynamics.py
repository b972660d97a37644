"""Easy, ambiguous or hard rows first, by how fine-tuned models took to them (Swayamdipta et al. 2020, data maps).

Easy rows have the highest mean probability of their label over the epochs, hard ones the lowest (many of these are
wrong), ambiguous ones the probability that varies most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from curation.core.params import Section

if TYPE_CHECKING:
    from curation.subset.selectors import Inputs

NEEDS = frozenset({"dynamics"})


class Params(Section):
    """Section ``subset.selectors.dynamics``."""

    region: Literal["easy", "ambiguous", "hard"]
    """Which rows come first."""


def select(inputs: Inputs, params: Params) -> list[str]:
    """Return all ids, those of the region first; rows that no model trained on come last."""
    name = "variability" if params.region == "ambiguous" else "confidence"
    value = inputs.dynamics[name].to_numpy(zero_copy_only=False).astype(np.float64)
    wanted = -value if params.region == "hard" else value
    return inputs.highest_first(np.where(np.isfinite(wanted), wanted, -np.inf))
