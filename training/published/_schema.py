"""What a file of a published table holds."""

from __future__ import annotations

from typing import Literal

from curation.core.params import Section

BEST: Literal["best"] = "best"
"""What ``intermediate`` says of a system that has another intermediate task for each target."""


class Evidence(Section):
    """How a value is known."""

    verified: bool
    """Whether somebody read it in the named source."""
    reason: str
    """Where it was read, or why it is not verified."""


class Average(Section):
    """The mean of a row over the tasks of its suite, as printed."""

    evidence: str
    """A key of the table's ``evidence``."""
    value: float
    """Percent; with ``deltas`` the gain of the mean."""


class Row(Section):
    """One published system."""

    model: str
    """A key of the table's ``models``."""
    intermediate: tuple[str, ...] | Literal["best"]
    """Tasks trained on before the target; empty = none, ``best`` = the best single one for each target."""
    baseline: str | None = None
    """The row without the intermediate step, otherwise trained alike, that gains are against."""
    deltas: bool = False
    """Whether the values are gains over ``baseline``, as printed."""
    average: Average | None = None
    """The printed mean over tasks."""
    note: str | None = None
    """What a reader of this row has to know."""
    values: dict[str, dict[str, dict[str, dict[str, float]]]]
    """Evidence → task → metric → language → percent."""


class Table(Section):
    """A published table."""

    title: str
    """What it shows."""
    source: str
    """Authors, year and where to find it."""
    split: Literal["dev", "test"]
    """The rows that were scored."""
    dev_is_test: tuple[str, ...]
    """Tasks whose dev rows are the ones that we test on, having no others."""
    runs: Literal["median", "mean", "single", "unknown"]
    """What a value is over the runs with different seeds."""
    seeds: int | None
    """How many runs; null = not known."""
    suite: str | None
    """The suite that ``average`` is of."""
    languages: str
    """A set of ``_languages.yaml``."""
    models: dict[str, tuple[str, ...]]
    """Model to the encoders that are it; empty = none that can be evaluated here."""
    retrieval: dict[str, dict[str, str | int]]
    """Task to the settings of its retrieval, named as in our reports; no entry = not known."""
    note: str | None
    """What a reader of any row has to know."""
    evidence: dict[str, Evidence]
    """How the values are known."""
    rows: dict[str, Row]
    """The systems, by name."""
