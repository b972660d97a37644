"""Whether what was learnt of labels foretells labels that it was not fitted on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

CERTAIN = 3.0
"""Standard errors by which a mean has to be above 0."""
LEAST = 20
"""Groups below which nothing is believed: the distribution of so few means is not known."""


def better(gains: npt.NDArray[Any]) -> bool:
    """Return whether log likelihoods rose by ``gains`` ``(n,)``, one for each independent group, by more than chance.

    >>> import numpy as np
    >>> better(np.tile([0.5, 0.6], 20)), better(np.tile([0.5, -0.6], 20)), better(np.ones(19)), better(np.zeros(50))
    (True, False, False, False)
    """
    return len(gains) >= LEAST and float(gains.mean()) > CERTAIN * float(gains.std(ddof=1)) / math.sqrt(len(gains))
