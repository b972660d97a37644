"""All scores of a task side by side, combined into one quality, with flags in words. Nothing is deleted here.

Reads ``data/intermediate/<task>/train.parquet`` and ``data/scores/<task>/<scorer>.parquet`` of every scorer in params;
writes ``data/quality/<task>.parquet`` in record order: ``id``, ``quality``, ``rank`` (1 = best), ``flags``, ``why``,
``decision`` (what people decided) and ``flagged`` (the flags before that), one column per scorer, and its evidence as
``<scorer>.<column>``. Weights and thresholds change without scoring again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pydantic

from curation.core import params, registry
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Sequence


class Params(params.Section):
    """Section ``quality``."""

    weights: dict[str, float]
    """Scorer to its weight in the quality, 0 or more; 0 = shown and flagged, but not counted."""
    flags: dict[str, float]
    """Scorer to the score (0..1) below which a row is flagged; 0 = never."""

    @pydantic.model_validator(mode="after")
    def _ranges(self) -> Params:
        for name, weight in self.weights.items():
            if not 0 <= weight < float("inf"):
                raise ValueError(f"weights.{name} is {weight}; must be 0 or more")
        for name, limit in self.flags.items():
            if not 0 <= limit <= 1:
                raise ValueError(f"flags.{name} is {limit}; must be in 0..1")
        return self


def checked(section: Params, chosen: Sequence[str]) -> Params:
    """Return ``section`` if it weighs and flags every chosen scorer and names no unknown one; else raise."""
    where = f"{params.path()}: quality"
    for key, values in (("weights", section.weights), ("flags", section.flags)):
        for name in values:
            registry.check("scorers", name, f"{where}.{key}")
        for name in chosen:
            if name not in values:
                way = f"Add `{name}: 0.5`, or take {name} out of scorers."
                raise CairnError(
                    f"{where}.{key} lacks {name}. {way if name != 'contamination' else f'Add `{name}: 0`.'}"
                )
    if not any(section.weights[name] > 0 for name in chosen):
        raise CairnError(f"{where}.weights gives every scorer the weight 0. Raise one of {', '.join(chosen)}.")
    return section
