"""Low for rows that give away a target's dev or test row: training on them would make its evaluation worthless.

Rows are compared whole, their fields in any order: with every row of every language by hash, and with rows of their
own language by neighbours that pass the surface check; long fields by n-gram containment. A target's train rows do not
count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pydantic

from curation.core import records
from curation.core.errors import CairnError
from curation.core.kinds import having
from curation.core.params import Section, path
from curation.score import scorers
from curation.score.wording import duplicates, overlap, texts
from curation.search import knn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curation.core.task import Kind

KINDS: frozenset[Kind] = frozenset(having("intermediate"))
NEEDS = frozenset({"vectors", "targets"})

CANDIDATES = 5
"""Nearest target rows that are compared word by word."""

Match = tuple[int, str, float, str | None]
"""Target row, level (exact, normalised, near, held, field), similarity 0..1, the shared field for level ``field``."""


class Params(Section):
    """Section ``score.contamination``."""

    splits: tuple[Literal["dev", "test"], ...] = pydantic.Field(min_length=1)
    """Splits of the targets that must stay unknown."""
    similarity: float = pydantic.Field(gt=0, le=1)
    """Cosine from which a row and a target row are compared word by word."""
    edits: float = pydantic.Field(ge=0, le=0.2)
    """Share of a field's words that may differ, beside slips of the pen, articles and fillers; 0.02 = one in fifty."""
    ngram: int = pydantic.Field(ge=3)
    """Words per n-gram; shorter fields are never called shared on their own (usual: 8 to 13)."""
    containment: float = pydantic.Field(gt=0, le=1)
    """Share of a target field's n-grams a row has to hold for the field to count as shared; and share of a target
    row's words from which a row with all its fields is a leak of it."""


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return 1 for rows that share nothing, below 0.5 for rows that are a target row, 0.5 to 1 for a shared field.

    Without a target all scores are null. A row with the words of a target row scores 0; near-identical ones
    ``1 - similarity``. Shared fields score
    ``1 - 0.5 * share`` with the share of the target row's words that they give away together, so that they show but
    are not flagged at 0.5; unless every field of the target row is held and the share reaches ``containment``: then
    the row holds the target row, whatever was added to it, and scores ``0.5 * (1 - share)``.

    Evidence of the strongest match: ``target`` (task), ``split``, ``match`` (id), ``lang``, ``level`` (exact,
    normalised, near, held, field), ``field`` (the shared one, or null), ``similarity`` (0..1; for a field its
    containment).
    """
    tables = _unknown(inputs.targets, params)
    if not tables:
        return _table(inputs, {}, {}, overlap.Corpus.of({}), overlap.Corpus.of({}), score=np.nan)
    corpus, train = overlap.Corpus.of(tables), overlap.Corpus.of({(inputs.name, "train"): inputs.records})
    fields = {key: _field_names(table) for key, table in tables.items()}
    found: dict[int, Match] = {}
    shares: dict[int, float] = {}
    for i, shared in overlap.by_ngrams(train.rows.words, corpus.rows.words, params.ngram, params.containment).items():
        if shared.whole and shared.share >= params.containment:
            found[i] = (shared.other, "held", shared.share, None)
            continue
        names = fields[corpus.where[shared.other]]
        found[i] = (shared.other, "field", shared.containment, names[min(shared.field, len(names) - 1)])
        shares[i] = shared.share
    for i, (j, cosine) in _near(inputs, params, tables, train, corpus).items():
        found[i] = (j, "near", min(cosine, 0.99), None)
    for i, j in overlap.by_hash(train.rows.heavy, corpus.rows.heavy).items():
        found[i] = (j, "near", 0.99, None)
    for i, j in overlap.by_hash(train.rows.words, corpus.rows.words).items():
        exact = sorted(train.raw[i]) == sorted(corpus.raw[j])
        found[i] = (j, "exact" if exact else "normalised", 1.0, None)
    return _table(inputs, found, shares, train, corpus)


def _unknown(targets: Mapping[str, Mapping[str, pa.Table]], params: Params) -> dict[tuple[str, str], pa.Table]:
    tables: dict[tuple[str, str], pa.Table] = {}
    for target, splits in targets.items():
        chosen: dict[tuple[str, str], pa.Table] = {
            (target, split): splits[split] for split in params.splits if split in splits
        }
        if not chosen:
            have = ", ".join(splits) or "none"
            raise CairnError(f"{path()}: score.contamination.splits: {target} has none of them (it has: {have}).")
        tables.update(chosen)
    return tables


def _field_names(table: pa.Table) -> list[str]:
    return [name for name in records.content_fields(records.kind_of(table)) if name not in ("pool", "side")]


def _near(
    inputs: scorers.Inputs, params: Params, tables: Mapping[tuple[str, str], pa.Table],
    train: overlap.Corpus, corpus: overlap.Corpus,
) -> dict[int, tuple[int, float]]:  # fmt: skip
    """Return row to target row and cosine, for neighbours in the same language that pass the surface check.

    Rows with two fields are also looked up with their fields swapped.
    """
    langs = set(train.rows.langs)
    whole = [records.text_of(records.kind_of(table), row) for table in tables.values() for row in table.to_pylist()]
    asked = [(j, text) for j, text in enumerate(whole) if corpus.rows.langs[j] in langs]
    asked += [(j, " | ".join(reversed(corpus.raw[j]))) for j, _ in asked if len(corpus.raw[j]) == 2]
    if not asked:
        return {}
    graph = knn.exact(
        inputs.vectors.row, inputs.encode([text for _, text in asked]), min(CANDIDATES, len(asked)), "leaks"
    )
    known = texts.Vocabulary(field for rows in (train.rows, corpus.rows) for fields in rows.words for field in fields)
    found: dict[int, tuple[int, float]] = {}
    for i, column in np.argwhere(graph.similarity >= params.similarity).tolist():
        j, mine = asked[graph.indices[i, column]][0], train.rows.words[i]
        lang, ways = train.rows.langs[i], [mine, mine[::-1]] if len(mine) == 2 else [mine]
        if i in found or lang != corpus.rows.langs[j]:
            continue
        if any(duplicates.same_rows(way, corpus.rows.words[j], lang, known, params.edits) for way in ways):
            found[i] = (j, float(graph.similarity[i, column]))
    return found


def _table(
    inputs: scorers.Inputs, found: Mapping[int, Match], shares: Mapping[int, float],
    train: overlap.Corpus, corpus: overlap.Corpus, score: float = 1.0,
) -> pa.Table:  # fmt: skip
    n = inputs.records.num_rows
    values = np.full(n, score)
    why: list[str | None] = [None] * n
    columns: dict[str, list[Any]] = {
        name: [None] * n for name in ("target", "split", "match", "lang", "level", "field", "similarity")
    }
    for i, (j, level, similarity, field) in found.items():
        target, split = corpus.where[j]
        row = (target, split, corpus.ids[j], corpus.rows.langs[j], level, field, similarity)
        for name, value in zip(columns, row, strict=True):
            columns[name][i] = value
        of = f"{target} {split} row {corpus.ids[j]} ({corpus.rows.langs[j]})"
        if level == "field":
            values[i] = 1 - 0.5 * shares[i]
            why[i] = f"holds {similarity:.0%} of the {field} of {of}"
        else:
            values[i] = (0.5 if level == "held" else 1.0) * (1 - similarity)
            how = {
                "exact": "is",
                "normalised": "says word for word",
                "near": "almost repeats",
                "held": f"holds {similarity:.0%} of the words of",
            }[level]
            swapped = len(train.raw[i]) == 2 and train.rows.heavy[i][:1] != corpus.rows.heavy[j][:1]
            why[i] = f"{how} {of}" + (", fields swapped" if swapped and level in ("exact", "normalised") else "")
    types = {name: pa.float64() if name == "similarity" else pa.string() for name in columns}
    return scorers.table(inputs, values, why, {name: pa.array(columns[name], types[name]) for name in columns})
