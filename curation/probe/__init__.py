"""Out-of-fold probabilities of a small probe: what a model that never saw a row, nor its group, says about its label.

Reads the train rows and ``data/vectors/<task>/``; writes ``data/probe/<task>/probabilities.parquet`` (id, fold,
probabilities) and ``manifest.json`` (how far to trust them: accuracy, calibration, confusion, all out of fold). Rows of
a kind without labels (``text``) get nulls, and the manifest says why.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pydantic

from curation import embed
from curation.core import files, params, paths, records, registry, seeds
from curation.core.errors import CairnError
from curation.probe import folds, trust

if TYPE_CHECKING:
    from curation.core.task import Kind, Task

KINDS: tuple[Kind, ...] = ("pair", "choice", "span", "tags")
"""Kinds with labels to predict."""
Row = Mapping[str, Any]


class Params(params.Section):
    """Section ``probe``."""

    folds: int = pydantic.Field(ge=2)
    """Every row is judged by a probe trained on the other folds; groups and equal contents are never split."""
    hidden: int = pydantic.Field(ge=0)
    """pair: units of the one hidden layer; 0 = logistic regression (faster, finds less)."""
    regularisation: float = pydantic.Field(gt=0)
    """C of logistic regression: smaller = simpler. Features are scaled so that 1 to 10 suits most data."""
    gigabytes: float = pydantic.Field(gt=0)
    """Features are kept in memory up to this size, and made again in each pass above it (slower)."""


@dataclass(frozen=True)
class Probe:
    """What ``probe`` made of one task, in record order."""

    ids: list[str]
    fold: npt.NDArray[np.int8]
    probabilities: list[npt.NDArray[np.float32]]
    """Per row: ``pair`` ``(labels,)``; ``choice`` ``(choices,)``; ``tags`` ``(words, tags)``; ``span``
    ``(1 + words, 2)``: the answer begins, and ends, here; item 0 = no answer."""
    manifest: dict[str, Any]
    """Trust in the probe, and ``untrained``: fold to the labels no training row of that fold had."""


def load(task: str) -> Probe:
    """Return the probabilities of ``task``; raise :class:`CairnError` when ``probe`` has not run."""
    folder = paths.probe(task)
    table = files.read_parquet(folder / "probabilities.parquet")
    column = table["probabilities"].combine_chunks()
    return Probe(
        table["id"].to_pylist(),
        table["fold"].to_numpy(),
        _unlisted(column),
        files.read_json(folder / "manifest.json"),
    )


def _unlisted(column: pa.Array) -> list[npt.NDArray[np.float32]]:
    offsets = column.offsets.to_numpy()
    flat = column.values
    if pa.types.is_list(flat.type):
        inner = flat.offsets.to_numpy()
        values = flat.values.to_numpy()
        return [
            values[inner[a] : inner[b]].reshape(b - a, -1) if b > a else np.zeros((0, 0), np.float32)
            for a, b in pairwise(offsets)
        ]
    values = flat.to_numpy()
    return [values[a:b] for a, b in pairwise(offsets)]


def _listed(rows: Sequence[npt.NDArray[np.float32]]) -> pa.Array:
    """Return nested lists without a Python object per number."""
    flat = pa.array(np.concatenate([row.ravel() for row in rows]))
    if rows[0].ndim == 2:
        widths = np.concatenate([np.full(len(row), row.shape[1]) for row in rows])
        flat = pa.ListArray.from_arrays(np.concatenate([[0], np.cumsum(widths)]).astype(np.int32), flat)
    lengths = np.cumsum([0] + [len(row) for row in rows]).astype(np.int32)
    return pa.ListArray.from_arrays(lengths, flat)


def fit(name: str, task: Task, table: pa.Table, vectors: embed.Vectors, settings: Params, seed: int) -> Probe:
    """Return out-of-fold probabilities for every row, labelled or not; unlabelled rows train nothing.

    Raises :class:`CairnError` for kinds without labels, fewer groups than folds, and data of fewer than two classes.
    """
    kind, rows = records.kind_of(table), table.to_pylist()
    if kind not in KINDS:
        raise CairnError(f"{name}: kind {kind} has no labels to predict. Kinds with a probe: {', '.join(KINDS)}.")
    _check_labels(name, kind, task, rows)
    contents = [folds.plain(records.text_of(kind, row)) for row in rows]
    merged = folds.merge([row["group"] for row in rows], contents)
    strata = [row["label"] if kind == "pair" else None for row in rows]
    seed = seeds.derive(seed, "probe", name)
    fold = folds.assign(merged, strata, settings.folds, seed, f"probe of {name}")
    predict = importlib.import_module(f"curation.probe.{kind}").predict
    found = predict(task, rows, vectors, fold, settings, seed)
    manifest = {
        "kind": kind,
        "rows": len(rows),
        "groups": len(np.unique(merged)),
        "folds": np.bincount(fold, minlength=settings.folds).tolist(),
        "untrained": trust.untrained(kind, task, rows, fold, settings.folds),
        "out_of_fold": trust.measure(kind, task, rows, found),
    }
    return Probe(table["id"].to_pylist(), fold, found, manifest)


def _check_labels(name: str, kind: Kind, task: Task, rows: Sequence[Row]) -> None:
    labelled = [row[records.LABEL_FIELD[kind]] for row in rows if row[records.LABEL_FIELD[kind]] is not None]
    if not labelled:
        raise CairnError(f"{name}: no row has a label, so there is nothing to learn from. Name a task with labels.")
    if kind in ("pair", "tags"):
        seen = Counter(labelled if kind == "pair" else (tag for tags in labelled for tag in tags))
        if len(seen) < 2:
            only = ", ".join(task.labels[label] for label in seen)
            raise CairnError(
                f"{name}: all {len(labelled)} labelled rows have the one label {only!r}; a probe needs two or more. "
                "Raise fetch.rows.intermediate.train, or take label_quality out of scorers."
            )


def run(task: str) -> None:
    """Fit the probe of one intermediate task."""
    settings, experiment = params.read(Params, "probe"), params.experiment()
    table = records.read(paths.fetched("intermediate", task) / "train.parquet")
    vectors = embed.load(task)
    if vectors.ids != table["id"].to_pylist():
        raise CairnError(f"{paths.vectors(task)} is not of these train rows. Run `dvc repro` to make it again.")
    kind, n = records.kind_of(table), table.num_rows
    with files.replacing_folder(paths.probe(task)) as folder:
        if kind in KINDS:
            found = fit(task, registry.load("tasks", task).TASK, table, vectors, settings, experiment.seed)
            fold, probabilities, manifest = pa.array(found.fold), _listed(found.probabilities), found.manifest
        else:  # the flow goes on: scorers that need no labels judge these rows, and training models the language
            fold, probabilities = pa.nulls(n, pa.int8()), pa.nulls(n, pa.list_(pa.float32()))
            manifest = {"kind": kind, "rows": n, "untrained": {}, "why": f"{kind} rows have no labels to predict"}
        files.write_parquet(
            folder / "probabilities.parquet",
            pa.table({"id": table["id"], "fold": fold, "probabilities": probabilities}),
        )
        files.write_json(folder / "manifest.json", manifest)
