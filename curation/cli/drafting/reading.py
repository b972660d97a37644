"""How the columns of a new task are to be read: labels, shapes, metric; all that its values tell, and its user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curation import metrics
from curation.cli.drafting import answer_key, answers, cell_shapes, exchanged, label_names, parallel_rows, usual_metric
from curation.cli.drafting.answer_key import Key
from curation.cli.drafting.cell_shapes import Shape
from curation.cli.drafting.field_columns import Fields
from curation.cli.drafting.given_rows import Given
from curation.core.errors import CairnError
from curation.core.kinds import named

_FLAGS = {"labels": (*named("row"), *named("word")), "label_says": ("choice",), "unanswerable": ("span",)}
"""Flag to the kinds that it says something about."""


@dataclass(frozen=True)
class Reading:
    """How the columns of a task are read."""

    labels: tuple[str, ...]
    metric: str
    shapes: Mapping[str, Shape]
    """How ``choices``, ``tokens``, ``tags``, ``answers`` and ``prompt`` are stored."""
    key: Key
    """``choice``: what the label column says."""
    unanswerable: bool
    """``span``: whether an empty answer means that there is none."""
    symmetric: bool
    """``pair``: whether the two texts may change places."""
    parallel: bool
    """Whether test rows of one key say the same in every language."""
    notes: tuple[str, ...]
    """What was assumed, and what the user should know."""


def read(kind: str, given: Mapping[str, Given], fields: Fields, told: Mapping[str, Any]) -> Reading:
    """Return how ``fields`` are read, by the flags ``told`` and the rows ``given``.

    Raises :class:`CairnError` for what the rows do not tell and for flags that contradict them.
    """
    for flag, kinds in _FLAGS.items():
        if told[flag] and kind not in kinds:
            raise CairnError(
                f"--{flag.replace('_', '-')} is for tasks of kind {' and '.join(kinds)}; this one is {kind}."
            )
    rows = [row for one in given.values() for row in one.readable]
    taught = [row for split in ("train", "dev") if split in given for row in given[split].readable]
    notes = [note for one in given.values() for note in one.notes]
    names = label_names.given(told["labels"] or "")
    shapes = cell_shapes.shapes(kind, rows, fields)
    labels = label_names.labels(kind, rows, fields, names, given["train"].classes)
    key: Key = "zero"
    unanswerable = lacking = False
    if kind == "choice":
        key, more = answer_key.key(rows, fields, shapes["choices"], told["label_says"])
        notes += more
    if kind == "span":
        column, shape = fields["answers"][0], shapes["answers"]
        unanswerable, more = answers.empty(rows, column, shape, told=told["unanswerable"])
        lacking = unanswerable or answers.lacking(taught, column, shape)
        notes += more
    compared = fields["label"][0] if kind in named("row") or (kind == "choice" and key != "text") else None
    parallel, more = parallel_rows.parallel(given.get("test"), fields, compared)
    if told["metric"]:
        metrics.check_kind(told["metric"], kind, "--metric")
    metric = told["metric"] or usual_metric.default(kind, labels.names, unanswerable=lacking)
    symmetric, same = exchanged.symmetric(kind, fields, labels.names)
    notes += [*labels.notes, *usual_metric.notes(metric, labels), *more, *same]
    return Reading(labels.names, metric, shapes, key, unanswerable, symmetric, parallel, tuple(notes))
