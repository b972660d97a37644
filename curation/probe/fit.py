"""Out-of-fold probabilities of every row."""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation import embed
from curation.core import records, seeds
from curation.core.errors import CairnError
from curation.core.kinds import KINDS, PROBED
from curation.language import words
from curation.probe import folds, temperature, trust

if TYPE_CHECKING:
    from curation.core.task import Kind, Task
from curation.probe import Params, Probe

Row = Mapping[str, Any]


def fit(name: str, task: Task, table: pa.Table, vectors: embed.Vectors, settings: Params, seed: int) -> Probe:
    """Return out-of-fold probabilities for every row, labelled or not; unlabelled rows train nothing.

    Raises :class:`CairnError` for kinds without labels, fewer groups than folds, and data of fewer than two classes.
    """
    kind, rows = records.kind_of(table), records.Rows(table)
    seed = seeds.derive(seed, "probe", name)
    merged, fold = folded(name, task, rows, kind, settings.folds, seed)
    predict = importlib.import_module(f"curation.probe.{kind}").predict
    raw = predict(task, rows, vectors, fold, settings, seed)
    return judged(task, kind, rows, fold, raw, seed, {"groups": len(np.unique(merged))})


def folded(
    name: str, task: Task, rows: Sequence[Row], kind: Kind, count: int, seed: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int8]]:
    """Return the group and the fold of every row; raise as :func:`fit` does."""
    if kind not in PROBED:
        raise CairnError(f"{name}: kind {kind} has no labels to predict. Kinds with a probe: {', '.join(PROBED)}.")
    _check_labels(name, kind, task, rows)
    contents = [_content(kind, row, symmetric=task.symmetric) for row in rows]
    merged = folds.merge([row["group"] for row in rows], contents)
    strata = [row["label"] if KINDS[kind].named == "row" else None for row in rows]
    return merged, folds.assign(merged, strata, count, seed, f"probe of {name}")


def judged(
    task: Task, kind: Kind, rows: Sequence[Row], fold: npt.NDArray[np.int8],
    raw: Sequence[npt.NDArray[np.float32]], seed: int, facts: Mapping[str, Any],
) -> Probe:  # fmt: skip
    """Return out-of-fold probabilities ``raw`` calibrated, with a manifest that says how far to trust them."""
    found, temperatures = temperature.calibrate(kind, rows, raw, fold, seeds.derive(seed, "temperature"))
    folds_ = int(fold.max()) + 1
    manifest = {
        "kind": kind,
        "rows": len(rows),
        **facts,
        "folds": np.bincount(fold, minlength=folds_).tolist(),
        "untrained": trust.untrained(kind, task, rows, fold, folds_),
        "out_of_fold": trust.measure(kind, task, rows, found),
        "temperatures": temperatures,
        "uncalibrated_error": trust.measure(kind, task, rows, raw)["calibration_error"],
    }
    return Probe([row["id"] for row in rows], fold, found, manifest)


def _content(kind: Kind, row: Row, *, symmetric: bool) -> str:
    """Return what a row says, equal for rows that have to be in one fold; in a symmetric task in either order."""
    text = records.text_of(kind, row)
    if symmetric:
        text = " | ".join(sorted((row["text_a"], row["text_b"]), key=words.plain))
    return " ".join(words.plain(text)) or text


def _check_labels(name: str, kind: Kind, task: Task, rows: Sequence[Row]) -> None:
    labelled = [row[records.LABEL_FIELD[kind]] for row in rows if row[records.LABEL_FIELD[kind]] is not None]
    if not labelled:
        raise CairnError(f"{name}: no row has a label, so there is nothing to learn from. Name a task with labels.")
    if (named := KINDS[kind].named) != "no":
        seen = Counter(labelled if named == "row" else (tag for tags in labelled for tag in tags))
        if len(seen) < 2:
            only = ", ".join(task.labels[label] for label in seen)
            raise CairnError(
                f"{name}: all {len(labelled)} labelled rows have the one label {only!r}; a probe needs two or more. "
                "Raise fetch.rows.intermediate.train, or take label_quality out of scorers."
            )
