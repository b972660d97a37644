"""Retrieve: sentence retrieval on the encoder itself, before and after the intermediate step.

Reads ``data/retrieval/<task>/test.parquet`` (to tune a threshold or a layer, ``dev.parquet`` too) and
``models/<start>/seed-N``. Writes ``reports/retrieve/<start>/<task>/seed-N.json`` with every setting that shapes the
number, and the predictions.

A task with metric ``retrieval`` (Tatoeba) is scored by accuracy at 1, one with ``ranking`` (LAReQA, Mewsli-X) by mean
average precision at 20. One with ``mining`` (BUCC) is mined both ways, and the pairs at or above a threshold tuned per
language on dev are scored by F1.
"""

from __future__ import annotations

from typing import Any, Literal

import pydantic
import pydantic_core

from curation.core import budget
from curation.core.params import Section
from curation.search import index as indexes

Pooling = Literal["mean", "cls"]
Similarity = Literal["cosine", "dot"]
Margin = Literal["none", "ratio"]
Direction = Literal["to_foreign", "from_foreign"]


class Params(Section):
    """Section ``retrieve``."""

    layer: int | Literal["auto"]
    """The hidden state that is pooled: 0 = embeddings, -1 = last; ``auto``: the best one on dev."""
    pooling: Pooling
    """``mean`` over all tokens but padding, or ``cls``: the first token."""
    similarity: Similarity
    """``cosine``, or ``dot`` (vectors as they are)."""
    margin: Margin
    """``none``, or ``ratio``: similarity over the mean similarity of both sides' ``k`` neighbours."""
    direction: Direction
    """Of translations: ``to_foreign``: queries are English; ``from_foreign``: queries are foreign."""
    k: int = pydantic.Field(ge=1, le=1000)
    """Neighbours for the margin and for mining."""
    index: indexes.Choice
    """flat (exact), ivf, ivf8 (a quarter of the memory), hnsw, or auto: flat up to flat_limit, then ivf or ivf8."""
    flat_limit: int = pydantic.Field(ge=1)
    """Candidates up to which auto searches exactly."""
    recall: float = pydantic.Field(gt=0, le=1)
    """Share of the true neighbours an approximate index has to find on a sample; it searches harder until it does."""
    memory_mb: int | None = pydantic.Field(ge=64)
    """Memory that an index may take; vectors of all layers that take more go to a temporary file. null = half of
    ``budget.memory_gb``."""
    batch_tokens: int = pydantic.Field(gt=0)
    """Tokens per batch, padding included."""
    max_length: int = pydantic.Field(gt=2)
    """Tokens per sentence at most; longer ones are cut."""
    bootstrap: int | None = None
    """Not read any more: intervals are computed, not drawn. Allowed, so that older files stay valid."""

    @property
    def megabytes(self) -> int:
        """Return ``memory_mb``, from the budget where it is null."""
        return int(500 * budget.read().memory_gb) if self.memory_mb is None else self.memory_mb

    @pydantic.field_validator("layer", mode="plain")
    @classmethod
    def _layer(cls, value: Any) -> Any:
        if value == "auto" or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise pydantic_core.PydanticCustomError("layer", "a whole number or auto is needed")
