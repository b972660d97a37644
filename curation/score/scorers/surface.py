"""Low for rows whose letters give them away: empty, too short or long, garbled, placeholder, markup, wrong script.

The rules on one text are in :mod:`curation.score.wording.surface_rules`; here they run over the fields of a row and are
weighed.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pydantic

from curation.core import engine, records
from curation.core.errors import CairnError
from curation.core.kinds import having
from curation.core.params import Section, path
from curation.language import words
from curation.score import scorers
from curation.score.wording import spelling, surface_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from curation.core.task import Kind

KINDS: frozenset[Kind] = frozenset(having("intermediate"))
NEEDS: frozenset[str] = frozenset()

WEIGHTS: Mapping[str, float] = {
    "empty": 1.0,
    "placeholder": 0.9,
    "unreadable": 0.8,
    "mojibake": 0.8,
    "gibberish": 0.8,
    "wrong_script": 0.8,
    "repetition": 0.7,
    "symbols": 0.7,
    "markup": 0.6,
    "repeated_field": 0.4,
    "too_short": 0.6,
    "too_long": 0.4,
}
"""Rule to what it takes off a row's score of 1. Any one brings it below 0.5 but two: a row whose fields say the same,
or that is long, teaches less but is well formed."""

BLOCK = 4096
"""Rows that are Python objects at a time."""
TEXT_RULES = ("placeholder", "unreadable", "mojibake", "wrong_script", "repetition", "symbols", "markup")


class Params(Section):
    """Section ``score.surface``."""

    min_tokens: int = pydantic.Field(ge=0)
    """Words (characters in scripts without spaces) that every field needs; the choices of a question need only one."""
    max_tokens: int = pydantic.Field(ge=1)
    """Words from which a field counts as too long."""


Fired = tuple[str, str, str]
"""A rule that fired: its name, the field, and what is wrong."""


def fields(kind: Kind, row: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return name, text, and whether it has to be a sentence, of each field of a row.

    >>> fields("choice", {"prompt": "Why is it?", "choices": ["x", "y"]})
    [('prompt', 'Why is it?', True), ('choice 1', 'x', False), ('choice 2', 'y', False)]
    """
    found: list[tuple[str, str, bool]] = []
    for name in records.content_fields(kind):
        value = row[name]
        if name == "choices":
            found.extend((f"choice {i}", text or "", False) for i, text in enumerate(value or (), 1))
        else:
            found.append((name, " ".join(value or ()) if isinstance(value, list) else value or "", True))
    return found


def check(kind: Kind, row: Mapping[str, Any], params: Params, known: spelling.Spelling) -> Iterator[Fired]:
    """Yield every rule that fires on a row."""
    lang, seen = row["lang"], dict[str, str]()
    for name, text, sentence in fields(kind, row):
        if (reason := surface_rules.empty(text, lang)) is not None:
            yield "empty", name, reason
            continue
        for rule in TEXT_RULES:
            if (reason := getattr(surface_rules, rule)(text, lang)) is not None:
                yield rule, name, reason
        if (reason := known.gibberish(text, lang)) is not None:
            yield "gibberish", name, reason
        found = words.folded(text)
        if sentence and len(found) < params.min_tokens:
            yield "too_short", name, f"has {len(found)} words, fewer than {params.min_tokens}"
        if len(found) > params.max_tokens:
            yield "too_long", name, f"has {len(found)} words, more than {params.max_tokens}"
        same = seen.setdefault(" ".join(found), name)
        if same != name:
            yield "repeated_field", name, f"says the same as {same}"


def checked(kind: Kind, params: Params, known: spelling.Spelling, batch: pa.RecordBatch) -> list[list[Fired]]:
    """Return the rules that fire on each row of a batch."""
    return [list(check(kind, row, params, known)) for row in batch.to_pylist()]


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return 1 minus the weight of every rule that fired (each counted once a row), at least 0.

    Evidence: ``rules`` (names of the rules that fired; empty = none), ``fields`` (where, in the same order).
    """
    if params.max_tokens < params.min_tokens:
        raise CairnError(
            f"{path()}: score.surface.max_tokens is {params.max_tokens}, below min_tokens ({params.min_tokens})."
        )
    kind = inputs.kind
    known = spelling.Spelling(
        (text, row["lang"]) for row in records.Rows(inputs.records, BLOCK) for _, text, _ in fields(kind, row)
    )
    values, parts = [], []
    why: list[str | None] = []
    strings = pa.list_(pa.string())
    for fired in engine.each(partial(checked, kind, params, known), inputs.records.to_batches(max_chunksize=BLOCK)):
        values += [max(0.0, 1.0 - sum(WEIGHTS[rule] for rule in {rule for rule, _, _ in found})) for found in fired]
        why += ["; ".join(f"{field} {reason}" for _, field, reason in found) or None for found in fired]
        parts.append([pa.array([[one[place] for one in found] for found in fired], strings) for place in (0, 1)])
    rules, where = (pa.concat_arrays([pa.array([], strings), *(part[place] for part in parts)]) for place in (0, 1))
    return scorers.table(inputs, values, why, {"rules": rules, "fields": where})
