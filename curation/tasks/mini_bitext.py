"""Miniworld bitext: find the translation of a sentence among all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Source, Task

_LANGUAGES = ("de", "es", "fr", "it", "ru")
_REPO = "bundled:miniworld"

TASK = Task(
    kind="bitext",
    metric="retrieval",
    dev=Source(_REPO, "bitext", "dev", languages=_LANGUAGES, unfold=columns.both_sides),
    test=Source(_REPO, "bitext", "test", languages=_LANGUAGES, unfold=columns.both_sides),
    licence="Apache-2.0",
    citation="this package",
    note="Generated from a grammar. One pool per language; no two sentences of a pool say the same.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one sentence of one side of a pool."""
    return columns.sentence(row)
