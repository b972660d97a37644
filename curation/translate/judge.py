"""What a translation is worth, as a share of good ones that look no better, and why one is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation.core import records
from curation.translate import calibration
from curation.translate.estimates import NAMES, Floats, Pairs, estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from curation.core.task import Kind
    from curation.translate.drafts import Draft

    Extra = Mapping[str, Callable[[Pairs], Floats]]

QUALITY = "translation_quality"
KNOWN = "known_words"
AGREEMENT = "label_agreement"
LEAST_KNOWN = 0.5
"""Share of words that a backend must know; below, the row is dropped whatever else is estimated."""


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


def check(
    kind: Kind,
    rows: Sequence[Mapping[str, Any]],
    drafts: Sequence[Draft],
    src: str,
    tgt: str,
    extra: Extra | None = None,
    by_row: Mapping[str, Floats] | None = None,
) -> dict[str, Floats]:
    """Return ``translation_quality`` and, for each estimate, the share of good translations as suspicious.

    ``(n,)`` each, of a row's worst sentence; 1 = nothing wrong, NaN where a row has no translation or nothing can be
    said. Each distinct pair of texts is looked at once. ``extra``: further estimates, made where somebody asks;
    ``by_row``: some of whole rows, in deviations, which are shown and do not count (docs/decisions.md).
    """
    distinct: dict[tuple[str, str], int] = {}
    pair_of: list[int] = []
    row_of: list[int] = []
    for i, (row, draft) in enumerate(zip(rows, drafts, strict=True)):
        if draft.fields is None:
            continue
        own = draft.pairs or segments(kind, row, draft.fields)
        own = list(dict.fromkeys(pair for pair in own if pair[0].strip() or pair[1].strip()))
        pair_of += [distinct.setdefault(pair, len(distinct)) for pair in own]
        row_of += [i] * len(own)
    pairs = Pairs([a for a, _ in distinct], [b for _, b in distinct], src, tgt)
    made = estimate(pairs) | {name: ask(pairs) for name, ask in (extra or {}).items()}
    shares = calibration.shares(made, tgt)
    place = np.array(pair_of, dtype=np.intp)
    found = {name: calibration.rows(values[place], row_of, len(rows)) for name, values in shares.items()}
    joint = found.pop(calibration.COMBINED)
    found |= {name: calibration.shares({name: values}, tgt)[name] for name, values in (by_row or {}).items()}
    empty = np.full(len(rows), np.nan)
    known = np.array([1 - draft.unknown / max(1, draft.words) for draft in drafts], dtype=np.float64)
    missing = np.array([draft.fields is None for draft in drafts], dtype=bool)
    quality = np.where(np.isnan(joint), 1.0, calibration.quality(joint))
    names = (*NAMES, *(extra or ()), *(by_row or ()))
    columns = {QUALITY: quality, **{name: found.get(name, empty) for name in names}, KNOWN: known}
    return {name: np.where(missing, np.nan, values) for name, values in columns.items()}


def worst(estimates: Mapping[str, Floats], i: int) -> str:
    """Return the name of the most suspicious estimate of row ``i``."""
    own = {name: values[i] for name, values in estimates.items() if name not in (QUALITY, KNOWN, AGREEMENT)}
    return min((name for name, value in own.items() if not np.isnan(value)), key=lambda name: (own[name], name))


def reasons(drafts: Sequence[Draft], estimates: Mapping[str, Floats], least: float) -> list[str | None]:
    """Return why each row is dropped; ``None`` = it is kept. ``least``: the quality that a row must have; 0 = any."""
    quality, known = estimates[QUALITY], estimates[KNOWN]
    found: list[str | None] = []
    for i, draft in enumerate(drafts):
        if draft.reason is not None or least <= 0:
            found.append(draft.reason)
        elif known[i] < LEAST_KNOWN:
            found.append("most words unknown")
        else:
            found.append(f"low quality: {worst(estimates, i)}" if quality[i] < least else None)
    return found


def drop_rate(drafts: Sequence[Draft], estimates: Mapping[str, Floats], least: float, lang: str) -> dict[str, Any]:
    """Return the threshold beside what it does: the share of good translations below it, and that of these rows."""
    quality = estimates[QUALITY]
    judged = ~np.isnan(quality)
    here = float((quality[judged] < least).mean()) if judged.any() else None
    return {
        "min_quality": least,
        "good_translations_below": round(calibration.false_drops(least), 6),
        "rows_below": None if here is None else round(here, 6),
        "calibrated_on": lang if calibration.calibrated(lang) else "all languages together",
        "estimates": [name for name in estimates if name != QUALITY and not np.isnan(estimates[name]).all()],
    }
