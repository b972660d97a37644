"""A point of a learning curve, and whether anything was learnt at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MARGIN = 0.01
"""A dev score within one point of the majority baseline counts as nothing learnt."""
FLAT = 0.95
"""So does a training loss of at least this share of ln(classes) after the warm-up."""


@dataclass(frozen=True)
class Point:
    """One evaluation of a run."""

    step: int
    tokens: int
    """Tokens read so far, padding excluded."""
    seconds: float
    """Time spent training so far, evaluation excluded."""
    loss: float | None
    """Mean training loss since the point before, in nats; ``None`` at step 0."""
    learning_rate: float
    dev: float
    """Primary dev value, 0..1; the mean over the tasks of a mixture."""
    zero_shot: Mapping[str, float] = field(default_factory=dict)
    """Other language to its primary dev value, where other languages are followed."""


def degenerate(best: float, majority: float | None, loss: float | None, chance: float) -> str | None:
    """Return why a run has learnt nothing, or ``None``. Such a run is flagged and kept, never run again in silence.

    >>> degenerate(best=0.335, majority=0.333, loss=0.4, chance=1.0986)
    'the best dev value 0.335 is within 0.01 of the majority baseline 0.333'
    >>> degenerate(best=0.9, majority=0.333, loss=0.4, chance=1.0986) is None
    True
    """
    if majority is not None and best <= majority + MARGIN:
        return f"the best dev value {best:.3f} is within {MARGIN} of the majority baseline {majority:.3f}"
    if loss is not None and loss >= FLAT * chance:
        return f"the training loss {loss:.3f} after warm-up is at least {FLAT} of ln(classes) {chance:.3f}"
    return None
