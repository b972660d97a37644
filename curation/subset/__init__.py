"""Stage ``subset``: which rows an arm trains on, as a manifest with a machine-checked proof.

Reads ``data/intermediate``, ``data/quality``, ``data/translated``; writes ``data/subset/manifest.parquet`` (every train
row in every listed language: rank, kept, reason) and ``reports/subset.json``. A claim of the proof that does not hold
is an error. Training materialises the rows with :func:`rows`.

The size counts rows. An id is taken in all of ``languages`` at once (``[en, de]`` of size 1000 is 500 ids twice), so
the size is a multiple of their number, and an id whose translation was dropped in one of them is not eligible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic

from curation.core import registry
from curation.core.errors import CairnError
from curation.core.params import Experiment, Section, load
from curation.subset.strata import Stratum

if TYPE_CHECKING:
    from pathlib import Path


Mixture = Literal["proportional", "square_root", "equal"] | Annotated[float, pydantic.Field(ge=1)]


class Params(Section):
    """Section ``subset``."""

    size: int | None = pydantic.Field(gt=0)
    """Rows in all, over tasks and languages; null = every eligible row."""
    stratum: Stratum
    """Which end of the selector's ranking: top, middle, bottom; random = a seeded shuffle of it."""
    selector: str
    """A module of ``curation/subset/selectors``: ranks the eligible rows of a task, most wanted first."""
    selectors: dict[str, dict[str, Any]] = pydantic.Field(default={})
    """Selector to its settings, of which those of ``selector`` are read; older files, whose selectors have none, may
    leave it out."""
    languages: tuple[str, ...] = pydantic.Field(min_length=1)
    """Languages that every chosen id comes in."""
    also_in: tuple[str, ...]
    """Languages that a chosen id must exist in without being taken; keeps arms over languages comparable."""
    mixture: Mixture
    """How tasks share the size: in proportion to their eligible rows, to the square root of these, or equally.

    A number, 1 or more, is the temperature T of Raffel et al. (2020, T5): shares follow rows to the power 1/T. 1 is
    ``proportional``, 2 is ``square_root``, and a large one nears ``equal``. But no row is taken twice: what a small
    task cannot give goes to the others.
    """
    length_bins: int = pydantic.Field(ge=1, le=100)
    """Length classes (quantiles of characters, per task) in which arms hold equally many rows; 1 = labels only."""
    deduplicate: bool
    """Keep one row of each near-duplicate group: the one of highest quality."""
    decontaminate: bool
    """Leave out rows that quality flags as leaks of a target's dev or test rows."""
    min_translation: float = pydantic.Field(default=0.0, ge=0, le=1)
    """Leave out ids of which a translation, in ``languages`` or ``also_in``, has a ``translation_quality`` below; 0 =
    all that stage translate kept. To take the best or worst translations at equal size: ``selector:
    translation_quality``."""


def check_size(size: int | None, languages: int) -> None:
    """Raise :class:`CairnError` for a size that is no multiple of the number of ``languages``."""
    if size is not None and size % languages:
        below = size - size % languages
        near = " or ".join(str(allowed) for allowed in (below, below + languages) if allowed)
        raise CairnError(
            f"subset.size is {size}, but every chosen id takes {languages} rows, one for each of subset.languages. "
            f"Set it to {near}."
        )


def check(given: Params, chosen: Experiment, where: str) -> None:
    """Raise :class:`CairnError` when the section does not go with the rest of ``where``, the params file."""
    registry.check("selectors", given.selector, f"{where}: subset.selector")
    if given.deduplicate and "near_duplicates" not in chosen.scorers:
        raise CairnError(
            f"{where}: subset.deduplicate needs the scorer near_duplicates: add it to scorers, or set "
            "deduplicate: false."
        )
    for key in ("languages", "also_in"):
        if len(set(getattr(given, key))) != len(getattr(given, key)):
            raise CairnError(f"{where}: subset.{key} names a language twice: {', '.join(getattr(given, key))}.")


def leak_threshold(given: Params, file: Path) -> float | None:
    """Return the score below which a row counts as a leak; ``None`` when leaks may stay.

    Raises :class:`CairnError` when leaks are to go and ``file`` flags none.
    """
    if not given.decontaminate:
        return None
    limit = (load(file).get("quality") or {}).get("flags", {}).get("contamination", 0)
    if not isinstance(limit, int | float) or not limit > 0:
        raise CairnError(
            f"{file}: subset.decontaminate leaves out the rows that quality flags as leaks, but "
            f"quality.flags.contamination is {limit!r}, so none is ever flagged. Set it to 0.5, or set "
            "subset.decontaminate: false."
        )
    return float(limit)
