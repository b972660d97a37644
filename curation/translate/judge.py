"""Estimates of what a translation is worth, and why one is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core import records
from curation.translate import checks
from curation.translate.drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Kind


def segments(kind: Kind, source: Mapping[str, Any], target: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of texts that translate each other; a row of tokens is one text.

    >>> segments("choice", {"prompt": "A", "choices": ["b", "c"]}, {"prompt": "X", "choices": ["y", "z"]})
    [('A', 'X'), ('b', 'y'), ('c', 'z')]
    """
    pairs: list[tuple[str, str]] = []
    for name in records.content_fields(kind):
        a, b = source[name], target[name]
        if name == "tokens":
            a, b = " ".join(a), " ".join(b)
        pairs += [(a, b)] if isinstance(a, str) else zip(a, b, strict=True)
    return pairs


def check(kind: Kind, rows: Sequence[Mapping[str, Any]], drafts: Sequence[Draft], src: str, tgt: str) -> dict[str, Any]:
    """Return ``translation_quality`` and every estimate, ``(n,)`` each, NaN where a row has no translation."""
    pairs: list[tuple[str, str]] = []
    row_of: list[int] = []
    for i, (row, draft) in enumerate(zip(rows, drafts, strict=True)):
        own = segments(kind, row, draft.fields) if draft.fields is not None else []
        own = [pair for pair in own if pair[0].strip() or pair[1].strip()]
        pairs += own
        row_of += [i] * len(own)
    sources, targets = [a for a, _ in pairs], [b for _, b in pairs]
    found = checks.rows(checks.estimate(sources, targets, src, tgt), row_of, len(rows))
    known = np.array([1 - draft.unknown / max(1, draft.words) for draft in drafts], dtype=np.float64)
    found["known_words"] = checks.ramp(known, good=0.9, bad=0.3)
    missing = np.array([draft.fields is None for draft in drafts], dtype=bool)
    quality = checks.combine(found)
    return {
        name: np.where(missing, np.nan, values) for name, values in {"translation_quality": quality, **found}.items()
    }


def worst(estimates: Mapping[str, Any], i: int) -> str:
    """Return the name of the lowest estimate of row ``i``."""
    own = {name: values[i] for name, values in estimates.items() if name != "translation_quality"}
    return min((name for name, value in own.items() if not np.isnan(value)), key=lambda name: (own[name], name))


def _reasons(drafts: Sequence[Draft], estimates: Mapping[str, Any], least: float) -> list[str | None]:
    quality = estimates["translation_quality"]
    return [
        draft.reason or (f"low quality: {worst(estimates, i)}" if quality[i] < least else None)
        for i, draft in enumerate(drafts)
    ]


def _mean(values: Any) -> float | None:
    return None if np.isnan(values).all() else round(float(np.nanmean(values)), 6)
