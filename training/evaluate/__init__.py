"""Evaluate: zero-shot predictions of a target model in every test language, and the task's exact metric.

Reads ``data/target/<task>/{train,test}.parquet`` and ``models/target/<start>/<task>/seed-N``. Writes
``reports/evaluate/<start>/<task>/seed-N.json`` and one row per prediction in ``data/predictions``.
"""

from __future__ import annotations

import pydantic

from curation.core.params import Section


class Params(Section):
    """Section ``evaluate``."""

    batch_tokens: int = pydantic.Field(gt=0)
    """Tokens per batch, padding included."""
    max_length: int = pydantic.Field(gt=2)
    """Tokens per input at most; longer inputs are cut or read in windows, as the kind does."""
    bootstrap: int | None = None
    """Not read any more: intervals are computed, not drawn. Allowed, so that older files stay valid."""
