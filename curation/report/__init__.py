"""Stage ``report``: what one experiment did and found, as one HTML page, as Markdown, and as a few flat numbers.

Reads the files that the other stages wrote, and nothing else; parts that an experiment does not have (no retrieval, no
translation, no bundled data) are named as missing. Run as ``python -m curation.report``. Writes ``reports/report.html``
(self-contained: no script, no other file, no network), ``reports/report.md``, ``reports/metrics.json`` for
``dvc exp show``, and ``reports/plots/*.csv`` for ``dvc plots show``. The same files give the same bytes.
"""

from __future__ import annotations

import pydantic

from curation.core.params import Section


class Params(Section):
    """Section ``report``."""

    examples: int = pydantic.Field(ge=0, le=100)
    """Flagged rows to show per task and scorer, worst first."""
    metric: str | None = None
    """The value of a task's metric to report and compare by (``f1``, ``macro_f1``, ``exact_match``, ...); a task
    without it keeps its primary one, and so do all tasks without this key."""
