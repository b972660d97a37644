"""How far to trust a probe: accuracy, calibration and confusion of its out-of-fold probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from curation.core.kinds import KINDS
from curation.probe import span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Kind, Task

Probabilities = npt.NDArray[np.float32]
BINS = 15


def calibration_error(confidence: npt.NDArray[np.floating[Any]], right: npt.NDArray[np.bool_]) -> float:
    """Return the expected calibration error in 0..1, 0 = calibrated (Guo et al. 2017; 15 bins of equal width).

    >>> round(calibration_error(np.array([0.9, 0.9]), np.array([True, False])), 3)
    0.4
    """
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins)]
    return float(sum(gaps))


def untrained(
    kind: Kind, task: Task, rows: Sequence[Mapping[str, Any]], fold: npt.NDArray[np.int8], folds: int
) -> dict[str, list[int]]:
    """Return fold to the labels that no training row of that fold has: nothing is known about them there."""
    facts = KINDS[kind]
    if facts.named == "no" or facts.label is None:
        return {}
    seen = np.zeros((folds, len(task.labels)), np.int64)
    for row, own in zip(rows, fold, strict=True):
        values = row[facts.label]
        if values is not None:
            np.add.at(seen[own], values, 1)
    outside = seen.sum(0)[None, :] - seen
    return {str(f): np.flatnonzero(outside[f] == 0).tolist() for f in range(folds) if (outside[f] == 0).any()}


def measure(
    kind: Kind, task: Task, rows: Sequence[Mapping[str, Any]], found: Sequence[Probabilities]
) -> dict[str, Any]:
    """Return accuracy, its majority (or chance) baseline, calibration error and confusion over the labelled rows."""
    if kind == "span":
        return _measure_span(rows, found)
    if KINDS[kind].named == "word":
        pairs = [(p, row["tags"]) for row, p in zip(rows, found, strict=True) if row["tags"]]
        return _measure_classes(np.concatenate([p for p, _ in pairs]), np.concatenate([t for _, t in pairs]), task)
    labelled = [(p, row["label"]) for row, p in zip(rows, found, strict=True) if row["label"] is not None]
    labels = np.array([label for _, label in labelled])
    if KINDS[kind].named == "row":
        return _measure_classes(np.stack([p for p, _ in labelled]), labels, task)
    right = np.array([int(p.argmax()) == label for p, label in labelled])
    confidence = np.array([p.max() for p, _ in labelled])
    return {
        "labelled": len(labelled),
        "accuracy": float(right.mean()),
        "chance": float(np.mean([1 / len(p) for p, _ in labelled])),
        "calibration_error": calibration_error(confidence, right),
    }


def _measure_classes(probabilities: Probabilities, labels: npt.NDArray[np.int64], task: Task) -> dict[str, Any]:
    predicted = probabilities.argmax(1)
    confusion = np.zeros((len(task.labels), len(task.labels)), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    chosen = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return {
        "labelled": len(labels),
        "accuracy": float((predicted == labels).mean()),
        "majority": float(np.bincount(labels).max() / len(labels)),
        "log_loss": float(-np.log(np.maximum(chosen, 1e-12)).mean()),
        "calibration_error": calibration_error(probabilities.max(1), predicted == labels),
        "labels": list(task.labels),
        "confusion": confusion.tolist(),
    }


def _measure_span(rows: Sequence[Mapping[str, Any]], found: Sequence[Probabilities]) -> dict[str, Any]:
    exact, overlap, confidence = [], [], []
    for row, probabilities in zip(rows, found, strict=True):
        first, last = span.gold(row)
        if first < 0:
            continue
        begin, end, sure = span.best(probabilities)
        shared = max(0, min(last, end) - max(first, begin) + 1)
        exact.append((first, last) == (begin, end))
        overlap.append(2 * shared / (last - first + 1 + end - begin + 1))
        confidence.append(sure)
    return {
        "labelled": len(exact),
        "exact": float(np.mean(exact)),
        "overlap_f1": float(np.mean(overlap)),
        "calibration_error": calibration_error(np.array(confidence), np.array(exact)),
    }
