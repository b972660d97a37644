"""One fine-tuning a fold, with the loop of all other trainings; the held-out rows are predicted by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation import probe
from curation.core import records, seeds
from curation.probe import fit as probing
from training import finetune
from training.crossfit import dynamics
from training.finetune import jobs, loop
from training.model import encoder as encoders
from training.model import kind as kinds
from training.model import predict

if TYPE_CHECKING:
    from curation.core.task import Task

WATCHED = 200
"""Held-out rows that are scored before and after a training; they choose nothing, for only its last step is kept."""


def across_folds(
    name: str, task: Task, table: pa.Table, settings: probe.Crossfit, seed: int
) -> tuple[probe.Probe, pa.Table] | None:
    """Return out-of-fold probabilities of all rows, and their training dynamics; ``None`` on a further device.

    Raises :class:`CairnError` where there are fewer groups than folds, too few labels, or no such encoder.
    """
    rows, kind = table.to_pylist(), records.kind_of(table)
    seed = seeds.derive(seed, "crossfit", name)
    merged, fold = probing.folded(name, task, rows, kind, settings.folds, seed)
    raw: list[Any] = [None] * len(rows)
    runs, seconds = [], 0.0
    for one in range(settings.folds):
        held_out = np.flatnonzero(fold == one)
        what = f"crossfit {name} fold {one + 1} of {settings.folds}"
        outcome, found = _fold(name, task, table, fold, one, settings, seeds.derive(seed, "fold", one), what)
        if found is None:  # a further device trains along: the first one waits for it in every fold
            continue
        for row, p in zip(held_out.tolist(), found, strict=True):
            raw[row] = p
        runs.append(outcome.dynamics)
        seconds += outcome.curve[-1].seconds
        outcome.run.finish()
    if not runs:
        return None
    facts = {"groups": len(np.unique(merged)), "model": settings.model, "seconds_of_training": round(seconds, 1)}
    return probing.judged(task, kind, rows, fold, raw, seed, facts), dynamics.of_rows(table["id"].to_pylist(), runs)


def _fold(
    name: str, task: Task, table: pa.Table, fold: npt.NDArray[np.int8], one: int, settings: probe.Crossfit, seed: int,
    what: str,
) -> tuple[loop.Outcome, list[npt.NDArray[np.float32]] | None]:  # fmt: skip
    rest, held_out = table.filter(pa.array(fold != one)), table.filter(pa.array(fold == one))
    labelled = jobs.labelled(held_out)
    some = np.random.default_rng(seed).permutation(len(labelled))[:WATCHED]
    job = jobs.Job(name, task.kind, task.metric, tuple(task.labels), rest, labelled.take(pa.array(np.sort(some))))
    encoder = encoders.load(encoders.resolve(settings.model, settings.revision))
    outcome = loop.train(encoder, [job], _params(settings), seed, what)
    if not outcome.main:
        return outcome, None
    kind, facts = kinds.load(task.kind), outcome.parts[0].facts
    features = kind.features(held_out, encoder.tokenizer, settings.max_length, facts)
    target = predict.device()
    outcome.model.to(target)
    pieces = predict.run(
        outcome.model, name, kind, features, encoder.tokenizer, settings.batch_tokens, facts, target,
        computed_in=settings.precision, probabilities=True,
    )  # fmt: skip
    outcome.model.to("cpu")  # a GPU has room for the next fold's alone
    grouped = predict.grouped(pieces, features, len(held_out))
    return outcome, [kind.spread(own, row) for own, row in zip(grouped, held_out.to_pylist(), strict=True)]


def _params(settings: probe.Crossfit) -> finetune.Params:
    """Return the loop's parameters: dev is looked at before the first and after the last step."""
    return finetune.Params(
        steps=None, epochs=settings.epochs, batch_tokens=settings.batch_tokens, max_length=settings.max_length,
        learning_rate=settings.learning_rate, warmup=0.1, weight_decay=0.01, clip=1.0, evaluate_every=10**9,
        precision=settings.precision,
    )  # fmt: skip
