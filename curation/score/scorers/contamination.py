"""Low for rows that give away a target's dev or test row: training on them would make its evaluation worthless.

Rows are compared whole, their fields in any order: with every row of every language by hash, and with rows of their
own language by neighbours that pass the surface check, and with those a misspelt word away; long fields by n-gram
containment; and, where asked for, with rows of other languages by the vectors of their fields and words, and their
lengths. A target's train rows do not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pydantic

from curation.core import records
from curation.core.errors import CairnError
from curation.core.kinds import having
from curation.core.params import Section, path
from curation.score import scorers
from curation.score.wording import duplicates, interned, misspelt, overlap, texts
from curation.search import knn, translations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from curation.core.task import Kind

KINDS: frozenset[Kind] = frozenset(having("intermediate"))
NEEDS = frozenset({"vectors", "targets"})

CANDIDATES = 5
"""Nearest target rows that are compared word by word."""

Match = tuple[int, str, float, str | None]
"""Target row, level (exact, normalised, near, held, translated, field), similarity 0..1, the shared field for level
``field``."""


class Params(Section):
    """Section ``score.contamination``."""

    splits: tuple[Literal["dev", "test"], ...] = pydantic.Field(min_length=1)
    """Splits of the targets that must stay unknown."""
    similarity: float = pydantic.Field(gt=0, le=1)
    """Cosine from which a row and a target row are compared word by word. Where they differ in misspelt words alone
    they always are."""
    edits: float = pydantic.Field(ge=0, le=0.2)
    """Share of a field's words that may differ, beside slips of the pen, articles and fillers; 0.02 = one in fifty."""
    ngram: int = pydantic.Field(ge=3)
    """Words per n-gram; shorter fields are never called shared on their own (usual: 8 to 13)."""
    containment: float = pydantic.Field(gt=0, le=1)
    """Share of a target field's n-grams a row has to hold for the field to count as shared; and share of a target
    row's words from which a row with all its fields is a leak of it."""
    translated: float | None = pydantic.Field(default=None, gt=1)
    """Margin from which a target row in another language counts as a translation of a row, 1 = no nearer than its
    neighbours, by vectors, words and lengths (:mod:`curation.search.translations`); null = not looked for. Needs an
    ``embed.model`` that knows the languages; how well 1.1 to 1.3 tell translations apart with one such is in
    docs/results.md. May be left out."""


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return 1 for rows that share nothing, below 0.5 for rows that are a target row, 0.5 to 1 for a shared field.

    Without a target all scores are null. A row with the words of a target row scores 0; near-identical ones
    ``1 - similarity``, translations half of that. Shared fields score
    ``1 - 0.5 * share`` with the share of the target row's words that they give away together, so that they show but
    are not flagged at 0.5; unless every field of the target row is held and the share reaches ``containment``: then
    the row holds the target row, whatever was added to it, and scores ``0.5 * (1 - share)``.

    Evidence of the strongest match: ``target`` (task), ``split``, ``match`` (id), ``lang``, ``level`` (exact,
    normalised, near, held, translated, field), ``field`` (the shared one, or null), ``similarity`` (0..1; for a field
    its containment, for a translation the mean cosine of the fields).
    """
    known = Known.of(_unknown(inputs.targets, params))
    if not known.tables:
        return _table(inputs, {}, {}, known.rows, known, score=np.nan)
    train = interned.rows(inputs.records, known.rows.numbers)
    found: dict[int, Match] = {}
    shares: dict[int, float] = {}
    for i, shared in overlap.by_ngrams(train, known.rows, params.ngram, params.containment).items():
        if shared.whole and shared.share >= params.containment:
            found[i] = (shared.other, "held", shared.share, None)
            continue
        found[i] = (shared.other, "field", shared.containment, known.field_name(shared.other, shared.field))
        shares[i] = shared.share
    if params.translated is not None:
        for i, (j, cosine) in _translated(inputs, params.translated, known).items():
            if found.get(i, (0, "field"))[1] == "field":
                found[i] = (j, "translated", float(np.clip(cosine, 0, 0.99)), None)
    vocabulary = interned.vocabulary(train, known.rows)
    for i, (j, cosine) in [
        *_misspelt(params, train, known, vocabulary),
        *_near(inputs, params, train, known, vocabulary),
    ]:
        found[i] = (j, "near", min(cosine, 0.99), None)
    for i, j in _pairs(overlap.by_hash(train, train.light[0], known.rows, known.rows.light[0])):
        found[i] = (j, "near", 0.99, None)
    whole = [table.texts.hashes[table.field] for table in (train, known.rows)]
    for i, j in _pairs(overlap.by_hash(train, whole[0], known.rows, whole[1])):
        same = sorted(_raw(inputs.records, i)) == sorted(known.raw(j))
        found[i] = (j, "exact" if same else "normalised", 1.0, None)
    return _table(inputs, found, shares, train, known)


@dataclass(frozen=True)
class Known:
    """The rows of several target tables under one numbering, in the order in which they were given."""

    tables: Mapping[tuple[str, str], pa.Table]
    """Task and split to its records."""
    starts: npt.NDArray[np.int64]
    """The number of each table's first row."""
    rows: interned.Rows

    @classmethod
    def of(cls, tables: Mapping[tuple[str, str], pa.Table]) -> Known:
        """Return the rows of ``tables``, keyed by task and split."""
        numbers = interned.Numbers()
        starts = np.cumsum([0, *(table.num_rows for table in tables.values())])
        return cls(
            tables, starts, interned.joined([interned.rows(table, numbers) for table in tables.values()], numbers)
        )

    def at(self, row: int) -> tuple[tuple[str, str], pa.Table, int]:
        """Return task and split, table, and the row's place in it."""
        number = int(np.searchsorted(self.starts, row, "right")) - 1
        key = list(self.tables)[number]
        return key, self.tables[key], row - int(self.starts[number])

    def raw(self, row: int) -> list[str]:
        """Return the texts of a row's fields."""
        _, table, place = self.at(row)
        return _raw(table, place)

    def field_name(self, row: int, field: int) -> str:
        """Return the name of a field of a row."""
        names = records.content_fields(records.kind_of(self.at(row)[1]))
        names = [name for name in names if name not in ("pool", "side")]
        return names[min(field, len(names) - 1)]


def _raw(table: pa.Table, row: int) -> list[str]:
    return duplicates.field_texts(records.kind_of(table), table.slice(row, 1).to_pylist()[0])


def _pairs(found: tuple[npt.NDArray[Any], npt.NDArray[Any]]) -> Iterator[tuple[int, int]]:
    return zip(found[0].tolist(), found[1].tolist(), strict=True)


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


def _misspelt(
    params: Params, train: interned.Rows, known: Known, vocabulary: texts.Vocabulary
) -> Iterator[tuple[int, tuple[int, float]]]:
    """Yield row, and target row and the least cosine that counts, where they differ in misspelt words alone."""
    both = interned.joined([train, known.rows], known.rows.numbers)
    said = misspelt.hashes(both, vocabulary)[both.field]
    ours, theirs = np.split(said, [len(train.field)])
    for i, j in _pairs(overlap.by_hash(train, ours, known.rows, theirs)):
        if _same(params, train, i, known, j, vocabulary):
            yield i, (j, params.similarity)


def _same(params: Params, train: interned.Rows, i: int, known: Known, j: int, vocabulary: texts.Vocabulary) -> bool:
    """Return whether a row and a target row are of one language, and pass the surface check."""
    lang = train.langs[train.lang[i]]
    return lang == known.rows.langs[known.rows.lang[j]] and duplicates.same_rows(
        train.words(i), known.rows.words(j), lang, vocabulary, params.edits, turned=True
    )


def _near(
    inputs: scorers.Inputs, params: Params, train: interned.Rows, known: Known, vocabulary: texts.Vocabulary
) -> Iterator[tuple[int, tuple[int, float]]]:
    """Yield row, and target row and cosine, for neighbours in the same language that pass the surface check.

    Rows with two fields are also looked up with their fields swapped.
    """
    theirs = np.array(known.rows.langs)[known.rows.lang]
    asked = np.flatnonzero(np.isin(theirs, train.langs))
    pairs = asked[np.diff(known.rows.starts)[asked] == 2]
    said = list(_texts(known, asked)) + [" | ".join(reversed(known.raw(j))) for j in pairs.tolist()]
    asked = np.concatenate([asked, pairs])
    if not said:
        return
    graph = knn.exact(inputs.vectors.row, inputs.encode(said), min(CANDIDATES, len(said)), "leaks")
    near, column = np.nonzero(graph.similarity >= params.similarity)
    others, cosine = asked[graph.indices[near, column]], graph.similarity[near, column]
    possible = np.array(train.langs)[train.lang[near]] == theirs[others]
    possible &= duplicates.may_be_same(train, near, known.rows, others, params.edits, turned=True)
    done: set[int] = set()
    for i, j, value in zip(near[possible].tolist(), others[possible].tolist(), cosine[possible].tolist(), strict=True):
        if i not in done and _same(params, train, i, known, j, vocabulary):
            done.add(i)
            yield i, (j, float(value))


def _translated(inputs: scorers.Inputs, least: float, known: Known) -> dict[int, tuple[int, float]]:
    """Return row to target row of another language and cosine, where the margin is ``least`` or more.

    A target of the rows' kind with two texts is compared text by text, any other by the rows' one vector.
    """
    kind, langs = records.kind_of(inputs.records), np.array(inputs.records["lang"].to_pylist())
    theirs = np.array(known.rows.langs)[known.rows.lang]
    found: dict[int, tuple[int, float]] = {}
    reached: dict[int, float] = {}
    for at, ((target, _), table) in enumerate(known.tables.items()):
        fields = [name for name in inputs.vectors.parts if name != "choices"] if records.kind_of(table) == kind else []
        fields = fields if len(fields) > 1 else []
        place = np.arange(known.starts[at], known.starts[at + 1])
        for lang in dict.fromkeys(theirs[place].tolist()):
            ours, asked = np.flatnonzero(langs != lang), place[theirs[place] == lang]
            if not len(ours):
                continue
            given = [inputs.vectors.parts[name] for name in fields] or [inputs.vectors.row]
            whole = len(ours) == len(langs)
            rows = table.take(pa.array(asked - known.starts[at]))
            said = [rows[name].to_pylist() for name in fields] or [list(_texts(known, asked))]
            best = translations.likeliest(
                translations.Side(rows, fields, [inputs.encode(texts) for texts in said]),
                translations.Side(
                    inputs.records if whole else inputs.records.take(pa.array(ours)),
                    fields,
                    [vectors if whole else vectors[ours] for vectors in given],
                ),
                inputs.encode,
                f"{target} in {lang}",
            )
            for j in np.flatnonzero(best.margin >= least).tolist():
                i = int(ours[best.index[j]])
                if best.margin[j] > reached.get(i, 0.0):
                    reached[i], found[i] = best.margin[j], (int(asked[j]), float(best.cosine[j]))
    return found


def _texts(known: Known, asked: npt.NDArray[np.int64]) -> Iterator[str]:
    """Yield the one text of each of the rows ``asked``, which are in order."""
    for start, table in zip(known.starts.tolist(), known.tables.values(), strict=False):
        kind, chosen = records.kind_of(table), asked[(asked >= start) & (asked < start + table.num_rows)] - start
        for row in table.take(pa.array(chosen)).to_pylist():
            yield records.text_of(kind, row)


def _table(
    inputs: scorers.Inputs, found: Mapping[int, Match], shares: Mapping[int, float],
    train: interned.Rows, known: Known, score: float = 1.0,
) -> pa.Table:  # fmt: skip
    n = inputs.records.num_rows
    values = np.full(n, score)
    why: list[str | None] = [None] * n
    columns: dict[str, list[Any]] = {
        name: [None] * n for name in ("target", "split", "match", "lang", "level", "field", "similarity")
    }
    for i, (j, level, similarity, field) in found.items():
        (target, split), rows, place = known.at(j)
        id_, lang = rows["id"][place].as_py(), rows["lang"][place].as_py()
        row = (target, split, id_, lang, level, field, similarity)
        for name, value in zip(columns, row, strict=True):
            columns[name][i] = value
        of = f"{target} {split} row {id_} ({lang})"
        if level == "field":
            values[i] = 1 - 0.5 * shares[i]
            why[i] = f"holds {similarity:.0%} of the {field} of {of}"
        else:
            values[i] = (0.5 if level in ("held", "translated") else 1.0) * (1 - similarity)
            how = {
                "exact": "is",
                "normalised": "says word for word",
                "near": "almost repeats",
                "held": f"holds {similarity:.0%} of the words of",
                "translated": "seems to be a translation of",
            }[level]
            first, its = int(train.starts[i]), int(known.rows.starts[j])
            two = train.starts[i + 1] - first == 2
            swapped = two and train.light[0][first] != known.rows.light[0][its]
            why[i] = f"{how} {of}" + (", fields swapped" if swapped and level in ("exact", "normalised") else "")
    types = {name: pa.float64() if name == "similarity" else pa.string() for name in columns}
    return scorers.table(inputs, values, why, {name: pa.array(columns[name], types[name]) for name in columns})
