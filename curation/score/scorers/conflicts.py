"""Low for rows that say the same as another row but bear another label: one of them is wrong, or both are unclear.

Rows in the same language are compared by their words. Where it is asked for, rows of one class are also compared with
their translations among the other rows of the task, told as ``contamination`` tells them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pydantic

from curation.core import records
from curation.core.kinds import KINDS as FACTS_OF_KINDS
from curation.core.kinds import PROBED
from curation.core.params import Section
from curation.language import words
from curation.score import scorers
from curation.score.wording import searched
from curation.score.wording.duplicates import exchanged, with_records
from curation.search import translations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from curation.core.task import Kind, Task

KINDS: frozenset[Kind] = frozenset(PROBED)
NEEDS = frozenset({"neighbours", "vectors"})


class Params(Section):
    """Section ``score.conflicts``: the same criterion as ``near_duplicates``, set apart."""

    similarity: float = pydantic.Field(gt=0, le=1)
    """Cosine from which two neighbours are compared word by word. Rows that differ in misspelt words alone always
    are."""
    edits: float = pydantic.Field(ge=0, le=0.2)
    """Share of a field's words that may differ, beside slips of the pen, articles and fillers; 0.02 = one in fifty."""
    translated: float | None = pydantic.Field(default=None, gt=1)
    """``classify`` and ``pair`` in several languages: margin from which a row in another language counts as a
    translation of a row, 1 = no nearer than its neighbours; null = not looked for. Needs an ``embed.model`` that knows
    the languages; see ``score.contamination.translated``. May be left out."""


def label_of(task: Task, row: Mapping[str, Any]) -> str | None:
    """Return a row's gold label in words that can be compared with another row's, or ``None`` when it has none.

    ``choice``: the text of the right choice (choices may be listed in another order); ``span``: the first answer;
    ``tags``: all tags.
    """
    if task.kind == "span":
        answers = row["answers"]
        return None if answers is None else words.normal(answers[0]["text"]) if answers else "(unanswerable)"
    if task.kind == "tags":
        tags = row["tags"]
        return None if tags is None or None in tags else " ".join(task.labels[tag] for tag in tags)
    if row["label"] is None:
        return None
    return words.normal(row["choices"][row["label"]]) if task.kind == "choice" else task.labels[row["label"]]


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return 1 for rows without a conflict, null for unlabelled ones, else half the share of the group with its label.

    So a row of a conflict group scores below 0.5: 0.25 in a pair that disagrees, less for the odd one out of many.
    Span answers conflict when neither holds the other; taggings when the sentences have as many tokens but other tags.
    Evidence: ``group`` (id of its first row; null = no conflict), ``size``, ``labels`` (of the group), ``twin`` (a row
    with another label), ``lang`` (of the twin, where that is a translation).
    """
    groups = searched.groups(inputs, params.similarity, params.edits)
    ids, n = inputs.records["id"], inputs.records.num_rows
    values = np.where(unlabelled(inputs.records), np.nan, 1.0)
    why: list[str | None] = [None] * n
    columns: dict[str, list[Any]] = {name: [None] * n for name in ("group", "size", "labels", "twin", "lang")}
    for group, record_of in with_records(inputs.records, groups):
        labels = {row: label_of(inputs.task, record) for row, record in record_of.items()}
        members = [row for row in group if labels[row] is not None]
        counts = Counter(str(labels[row]) for row in members)
        for row in members:
            others = [other for other in members if differ(str(labels[row]), str(labels[other]), inputs.task.kind)]
            if not others:
                continue
            agree = len(members) - len(others)
            values[row] = 0.5 * agree / len(members)
            columns["group"][row] = ids[group[0]].as_py()
            columns["size"][row] = len(members)
            columns["labels"][row] = sorted(counts)
            columns["twin"][row] = ids[others[0]].as_py()
            turned = inputs.task.symmetric and exchanged(record_of[row], record_of[others[0]])
            twin = f"{ids[others[0]]}, which says the same{' with its sides exchanged' if turned else ''}"
            why[row] = _words(str(labels[row]), str(labels[others[0]]), twin, inputs.task.kind)
    if params.translated is not None and FACTS_OF_KINDS[inputs.kind].named == "row":
        given, langs = inputs.records["label"].to_pylist(), inputs.records["lang"].to_pylist()
        for row, other in _across(inputs, params.translated, given, langs):
            if not values[row] < 0.5:  # copies in its own language say more
                first, twin = min(row, other), ids[other].as_py()
                own, its = (inputs.task.labels[given[at]] for at in (row, other))
                values[row] = 0.25
                found = (ids[first].as_py(), 2, sorted((own, its)), twin, langs[other])
                for name, value in zip(columns, found, strict=True):
                    columns[name][row] = value
                why[row] = f"labelled {own!r}, but {twin}, which seems to be its translation ({langs[other]}), {its!r}"
    types = {"group": pa.string(), "size": pa.int32(), "labels": pa.list_(pa.string())}
    types |= {"twin": pa.string(), "lang": pa.string()}
    return scorers.table(inputs, values, why, {name: pa.array(columns[name], types[name]) for name in types})


def _across(
    inputs: scorers.Inputs, least: float, given: Sequence[int | None], langs: Sequence[str]
) -> list[tuple[int, int]]:
    """Return row and translation, both ways, where the margin is ``least`` or more and the labels differ.

    Of several rows that are likeliest a translation of one row, the one of the greatest margin is taken, whatever its
    label: so a row whose own translation is not there does not borrow another's.
    """
    of, several = np.array(langs), list(dict.fromkeys(langs))
    parts = inputs.vectors.parts if inputs.kind == "pair" and len(several) > 1 else {}
    fields = [name for name in ("text_a", "text_b") if name in parts]
    vectors = [parts[name] for name in fields] or [inputs.vectors.row]

    def side(rows: npt.NDArray[np.int64]) -> translations.Side:
        return translations.Side(inputs.records.take(pa.array(rows)), fields, [one[rows] for one in vectors])

    reached: dict[int, tuple[float, int]] = {}
    for lang in several[1:]:
        asked, others = np.flatnonzero(of == lang), np.flatnonzero(of != lang)
        best = translations.likeliest(side(asked), side(others), inputs.encode, f"rows in {lang}")
        taken = {int(best.index[at]): int(at) for at in np.argsort(best.margin, kind="stable")}  # the last one stays
        for place, at in taken.items():
            pair, value = (int(asked[at]), int(others[place])), float(best.margin[at])
            labels = [given[row] for row in pair]
            if value >= least and None not in labels and labels[0] != labels[1]:
                for row, other in (pair, pair[::-1]):
                    reached[row] = max(reached.get(row, (0.0, -1)), (value, other))
    return [(row, other) for row, (_, other) in sorted(reached.items())]


def unlabelled(rows: pa.Table) -> npt.NDArray[np.bool_]:
    """Return which records :func:`label_of` has no label for."""
    kind = records.kind_of(rows)
    column = rows[records.LABEL_FIELD[kind]]
    missing = np.array(column.is_null())
    if kind == "tags":  # one null tag is enough
        inside, of = pc.list_flatten(column), pc.list_parent_indices(column)
        missing[np.array(of)[np.array(inside.is_null())]] = True
    return missing


def differ(one: str, other: str, kind: Kind) -> bool:
    """Return whether two labels, as :func:`label_of` gives them, contradict each other.

    >>> differ("in the garden", "the garden", "span"), differ("NOUN VERB", "NOUN NOUN", "tags")
    (False, True)
    """
    if kind == "span":
        return f" {one} " not in f" {other} " and f" {other} " not in f" {one} "
    if kind == "tags":
        return one.count(" ") == other.count(" ") and one != other
    return one != other


def _words(own: str, others: str, twin: str, kind: Kind) -> str:
    if kind == "tags":
        pairs = zip(own.split(" "), others.split(" "), strict=True)
        at, (a, b) = next((at, pair) for at, pair in enumerate(pairs, 1) if pair[0] != pair[1])
        return f"token {at} is {a} here but {b} in {twin}"
    return f"labelled {own!r}, but {twin}, {others!r}"
