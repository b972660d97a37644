"""Whether what was learnt of labels foretells labels that it was not fitted on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

CERTAIN = 3.0
"""Standard errors by which a mean has to be above 0: three, since rows depend on each other a little beyond groups."""


def better(gains: npt.NDArray[Any]) -> bool:
    """Return whether log likelihoods rose by ``gains`` ``(n,)``, in independent groups of rows, by more than chance.

    >>> import numpy as np
    >>> better(np.array([0.5, 0.6, 0.4])), better(np.array([0.5, -0.6, 0.4])), better(np.zeros(0))
    (True, False, False)
    """
    return len(gains) > 1 and float(gains.mean()) > CERTAIN * float(gains.std(ddof=1)) / math.sqrt(len(gains))
