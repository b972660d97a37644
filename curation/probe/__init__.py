"""Out-of-fold probabilities of a small probe: what a model that never saw a row, nor its group, says about its label.

Reads the train rows and ``data/vectors/<task>/``; writes ``data/probe/<task>/probabilities.parquet`` (id, fold,
probabilities) and ``manifest.json`` (how far to trust them: accuracy, calibration, confusion, all out of fold). Rows of
a kind without labels (``text``) get nulls, and the manifest says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pydantic

from curation.core import budget, files, params, paths
from curation.core.errors import CairnError


class Crossfit(params.Section):
    """Section ``probe.crossfit``: an encoder fine-tuned once a fold, by the stage ``crossfit``."""

    folds: int = pydantic.Field(ge=2)
    """Runs of fine-tuning; every row is judged by the one that did not see it, nor its group."""
    model: str
    """The encoder: package:..., bundled:..., a folder, or a hub id."""
    revision: str | None = None
    """Commit of a hub model."""
    epochs: int = pydantic.Field(gt=0)
    """Passes over the rows of the other folds. Few: a model that knows wrong labels by heart finds none."""
    batch_tokens: int = pydantic.Field(gt=0)
    """Most tokens of a batch, padding counted."""
    max_length: int = pydantic.Field(ge=8)
    """Most tokens of one sequence."""
    learning_rate: float = pydantic.Field(gt=0)
    """The rate at the end of the warm-up, a tenth of the steps."""
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    """As in ``train.intermediate``."""


class Params(params.Section):
    """Section ``probe``."""

    folds: int = pydantic.Field(ge=2)
    """Every row is judged by a probe trained on the other folds; groups and equal contents are never split."""
    hidden: int = pydantic.Field(ge=0)
    """classify and pair: units of the one hidden layer; 0 = logistic regression (faster, finds less)."""
    regularisation: float = pydantic.Field(gt=0)
    """C of logistic regression: smaller = simpler. Features are scaled so that 1 to 10 suits most data."""
    gigabytes: float | None = pydantic.Field(gt=0)
    """Features are kept in memory up to this size, and made again in each pass above it (slower); null = half of
    ``budget.memory_gb``."""
    crossfit: Crossfit | None = None
    """Fine-tune an encoder across folds too: finds more than the linear probe, and costs far more. null = not."""

    @property
    def kept(self) -> float:
        """Return ``gigabytes``, from the budget where it is null."""
        return budget.read().memory_gb / 2 if self.gigabytes is None else self.gigabytes


@dataclass(frozen=True)
class Probe:
    """What ``probe`` made of one task, in record order."""

    ids: list[str]
    fold: npt.NDArray[np.int8]
    probabilities: list[npt.NDArray[np.float32]]
    """Per row: ``classify`` and ``pair`` ``(labels,)``; ``choice`` ``(choices,)``; ``tags`` ``(words, tags)``; ``span``
    ``(1 + words, 2)``: the answer begins, and ends, here; item 0 = no answer."""
    manifest: dict[str, Any]
    """Trust in the probe, and ``untrained``: fold to the labels no training row of that fold had."""


def load(task: str) -> Probe:
    """Return the probabilities of ``task``; raise :class:`CairnError` when ``probe`` has not run."""
    return read(paths.probe(task))


def crossfitted(task: str) -> Probe | None:
    """Return the probabilities of ``task`` that fine-tuning across folds gave; ``None`` where it was not asked for."""
    folder = paths.crossfit(task)
    return read(folder) if (folder / "probabilities.parquet").exists() else None


def judges(task: str) -> Probe:
    """Return the probabilities that scorers read: the probe's, or both together where ``probe.crossfit`` is asked for.

    Neither alone is the better one everywhere, and together they find more than each (docs/results.md). Raises
    :class:`CairnError` when a stage has not run.
    """
    tuned = crossfitted(task)
    return load(task) if tuned is None else together(load(task), tuned)


def together(one: Probe, other: Probe) -> Probe:
    """Return the geometric mean of two probes' probabilities, scaled to sum to 1: what both find likely.

    Both are calibrated and err on different rows; a label has to be likely to each of them to count as likely. Folds
    and manifest are those of ``other``. Raises :class:`CairnError` when they are not of the same rows.
    """
    if one.ids != other.ids:
        raise CairnError("the probe and the crossfit judge other rows. Run `dvc repro` to make them again.")
    mean = []
    for a, b in zip(one.probabilities, other.probabilities, strict=True):
        axis = 0 if other.manifest.get("kind") == "span" else -1
        both = np.sqrt(a.astype(np.float64) * b)
        total = both.sum(axis, keepdims=True) if both.size else both
        mean.append(np.asarray(np.divide(both, total, out=b.astype(np.float64), where=total > 0), np.float32))
    return Probe(other.ids, other.fold, mean, other.manifest)


def read(folder: Path) -> Probe:
    """Return what :func:`write` wrote to ``folder``."""
    table = files.read_parquet(folder / "probabilities.parquet")
    column = table["probabilities"].combine_chunks()
    return Probe(
        table["id"].to_pylist(),
        table["fold"].to_numpy(),
        _unlisted(column),
        files.read_json(folder / "manifest.json"),
    )


def write(folder: Path, found: Probe) -> None:
    """Write ``probabilities.parquet`` (id, fold, probabilities) and ``manifest.json`` into ``folder``."""
    columns = {"id": found.ids, "fold": pa.array(found.fold), "probabilities": _listed(found.probabilities)}
    files.write_parquet(folder / "probabilities.parquet", pa.table(columns))
    files.write_json(folder / "manifest.json", found.manifest)


def _listed(rows: Sequence[npt.NDArray[np.float32]]) -> pa.Array:
    """Return nested lists without a Python object per number."""
    flat = pa.array(np.concatenate([row.ravel() for row in rows]))
    if rows[0].ndim == 2:
        widths = np.concatenate([np.full(len(row), row.shape[1]) for row in rows])
        flat = pa.ListArray.from_arrays(np.concatenate([[0], np.cumsum(widths)]).astype(np.int32), flat)
    lengths = np.cumsum([0] + [len(row) for row in rows]).astype(np.int32)
    return pa.ListArray.from_arrays(lengths, flat)


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
