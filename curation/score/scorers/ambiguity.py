"""Low for rows that more than one label fits: no errors, and by default neither dropped nor counted.

The entropy of the out-of-fold probabilities, in shares of the most there can be: a wrong label is one that the probe is
sure against, an ambiguous row one that it is not sure of at all (aleatoric against label error, as in Baan et al. 2022
and Weber-Genzel et al. 2024). Where an encoder was fine-tuned across folds its probabilities are used; its disagreement
with itself over the epochs (``variability``) stands in the training dynamics. What the labels of the nearest rows say
is shown beside it: in a pair task the nearest rows share the topic and not the label, so it does not count.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pydantic

from curation.core.params import Section
from curation.score import scorers

if TYPE_CHECKING:
    import numpy.typing as npt

    from curation.core.task import Kind

KINDS: frozenset[Kind] = frozenset({"classify", "pair", "choice"})
NEEDS = frozenset({"probe", "neighbours"})

BLOCK = 4_000
"""Rows whose neighbours' labels are counted at a time."""


class Params(Section):
    """Section ``score.ambiguity``."""

    k: int = pydantic.Field(ge=1)
    """Nearest rows whose labels are looked at; at most neighbours.k counts."""
    least: float = pydantic.Field(gt=0, le=1)
    """How likely the second label has to be, in shares of the first, for a row to be called ambiguous."""


def entropy(p: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Return the entropy along the last axis in shares of the most there can be, 0..1; 0 where there is one choice.

    >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0]])).tolist()
    [1.0, 0.0]
    """
    given = np.asarray(p, np.float64)
    if given.shape[-1] < 2:
        return np.zeros(given.shape[:-1])
    logs = np.log(given, out=np.zeros_like(given), where=given > 0)
    return np.asarray(np.clip(np.abs((given * logs).sum(-1)) / np.log(given.shape[-1]), 0.0, 1.0), np.float64)


def score(inputs: scorers.Inputs, params: Params) -> pa.Table:
    """Return one score per row, 1 = one label alone is likely, 0 = all are as likely; null for unlabelled rows.

    Evidence: ``entropy`` (0..1), ``ambiguous`` (two labels are nearly as likely as each other, and the given one is
    one of them), ``between`` (these two, in words), ``neighbours_entropy`` (0..1, of the labels of the nearest rows;
    null for ``choice``).
    """
    n, given = inputs.records.num_rows, inputs.records["label"].to_pylist()
    values: npt.NDArray[np.float64] = np.full(n, np.nan)
    why: list[str | None] = [None] * n
    columns: dict[str, list[Any]] = {name: [None] * n for name in ("ambiguous", "between")}
    by_width: dict[int, list[int]] = defaultdict(list)
    for at, (label, p) in enumerate(zip(given, inputs.probe.probabilities, strict=True)):
        if label is not None and len(p) > 1:
            by_width[len(p)].append(at)
    choices = inputs.records["choices"].combine_chunks() if inputs.kind == "choice" else None
    for rows in by_width.values():
        matrix = np.stack([inputs.probe.probabilities[at] for at in rows])
        values[rows] = 1 - entropy(matrix)
        order = np.argsort(-matrix, axis=1, kind="stable")[:, :2].tolist()
        for at, p, (first, second) in zip(rows, matrix, order, strict=True):
            unsure = bool(p[second] >= params.least * p[first] and given[at] in (first, second))
            columns["ambiguous"][at] = unsure
            if unsure:
                names = [
                    inputs.task.labels[label] if choices is None else repr(choices[at][label].as_py())
                    for label in (first, second)
                ]
                columns["between"][at] = names
                why[at] = f"{names[0]} ({p[first]:.2f}) fits about as well as {names[1]} ({p[second]:.2f})"
    near = np.full(n, np.nan) if choices is not None else _neighbours(inputs, given, params.k)
    evidence = {
        "entropy": pa.array(1 - values, pa.float64(), from_pandas=True),
        "ambiguous": pa.array(columns["ambiguous"], pa.bool_()),
        "between": pa.array(columns["between"], pa.list_(pa.string())),
        "neighbours_entropy": pa.array(np.where(np.isnan(values), np.nan, near), pa.float64(), from_pandas=True),
    }
    return scorers.table(inputs, values, why, evidence)


def _neighbours(inputs: scorers.Inputs, given: list[int | None], k: int) -> npt.NDArray[np.float64]:
    """Return the entropy of the labels of each row's nearest labelled rows; NaN where there is none."""
    classes, out = len(inputs.task.labels), np.full(len(given), np.nan)
    labels = np.array([-1 if label is None else label for label in given] + [-1], np.int64)  # the last: no neighbour
    for start in range(0, len(given), BLOCK):
        found = labels[inputs.neighbours.indices[start : start + BLOCK, :k]]
        counts = np.stack([(found == label).sum(1) for label in range(classes)], 1).astype(np.float64)
        total = counts.sum(1, keepdims=True)
        some = total[:, 0] > 0
        out[start : start + BLOCK][some] = entropy(counts[some] / total[some])
    return out
