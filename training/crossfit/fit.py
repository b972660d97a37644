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
from training.crossfit.kept import Fold, Kept
from training.finetune import checkpoints, jobs, loop
from training.model import devices, predict
from training.model import encoder as encoders
from training.model import kind as kinds

if TYPE_CHECKING:
    from pathlib import Path

    from curation.core.task import Task

WATCHED = 200
"""Held-out rows that are scored before and after a training; they choose nothing, for only its last step is kept."""


def keeper(name: str, task: Task, table: pa.Table, settings: probe.Crossfit, seed: int) -> Kept:
    """Return where the folds of :func:`across_folds` are kept; the name is made of all that they depend on."""
    facts = {
        "task": name, "kind": task.kind, "metric": task.metric, "labels": list(task.labels), "seed": seed,
        "settings": settings.model_dump(), "encoder": encoders.hashes(_encoder(settings)),
        "world": devices.world(), "device": predict.device().type,
    }  # fmt: skip
    return Kept(checkpoints.key(facts, [table]))


def across_folds(
    name: str, task: Task, table: pa.Table, settings: probe.Crossfit, seed: int, kept: Kept | None = None
) -> tuple[probe.Probe, pa.Table] | None:
    """Return out-of-fold probabilities of all rows, and their training dynamics; ``None`` on a further device.

    ``kept``: folds that an earlier run has made, to which those made now are added.
    Raises :class:`CairnError` where there are fewer groups than folds, too few labels, or no such encoder.
    """
    rows, kind = table.to_pylist(), records.kind_of(table)
    seed = seeds.derive(seed, "crossfit", name)
    merged, fold = probing.folded(name, task, rows, kind, settings.folds, seed)
    raw: list[Any] = [None] * len(rows)
    runs, seconds = [], 0.0
    mine = devices.main() and kept is not None
    found = {one: done for one in range(settings.folds) if mine and kept and (done := kept.load(one)) is not None}
    there = devices.gathered(sorted(found))[0]  # as the first device has it, so that all train the same folds
    for one in range(settings.folds):
        if one not in there:
            what = f"crossfit {name} fold {one + 1} of {settings.folds}"
            made = _fold(name, task, table, fold, one, settings, seeds.derive(seed, "fold", one), what, kept)
            if made is not None:
                found[one] = made
        if (done := found.pop(one, None)) is None:  # a further device trains along: the first one waits for it
            continue
        for row, p in zip(np.flatnonzero(fold == one).tolist(), done.probabilities, strict=True):
            raw[row] = p
        runs.append(done.dynamics)
        seconds += done.seconds
    if not runs:
        return None
    facts = {"groups": len(np.unique(merged)), "model": settings.model, "seconds_of_training": round(seconds, 1)}
    return probing.judged(task, kind, rows, fold, raw, seed, facts), dynamics.of_rows(table["id"].to_pylist(), runs)


def _encoder(settings: probe.Crossfit) -> Path:
    return encoders.resolve(settings.model, settings.revision)


def _fold(
    name: str, task: Task, table: pa.Table, fold: npt.NDArray[np.int8], one: int, settings: probe.Crossfit, seed: int,
    what: str, kept: Kept | None,
) -> Fold | None:  # fmt: skip
    """Train on all folds but ``one``, and judge that; ``None`` on a further device."""
    rest, held_out = table.filter(pa.array(fold != one)), table.filter(pa.array(fold == one))
    labelled = jobs.labelled(held_out)
    some = np.random.default_rng(seed).permutation(len(labelled))[:WATCHED]
    job = jobs.Job(name, task.kind, task.metric, tuple(task.labels), rest, labelled.take(pa.array(np.sort(some))))
    encoder = encoders.load(_encoder(settings))
    outcome = loop.train(encoder, [job], _params(settings), seed, what)
    if not outcome.main:
        return None
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
    spread = [kind.spread(own, row) for own, row in zip(grouped, held_out.to_pylist(), strict=True)]
    numbers, seconds = np.full(len(held_out), one, np.int8), {"seconds": outcome.curve[-1].seconds}
    made = Fold(probe.Probe(held_out["id"].to_pylist(), numbers, spread, seconds), outcome.dynamics)
    if kept is not None:
        kept.save(one, made)
    outcome.run.finish()
    return made


def _params(settings: probe.Crossfit) -> finetune.Params:
    """Return the loop's parameters: dev is looked at before the first and after the last step."""
    return finetune.Params(
        steps=None, epochs=settings.epochs, batch_tokens=settings.batch_tokens, max_length=settings.max_length,
        learning_rate=settings.learning_rate, warmup=0.1, weight_decay=0.01, clip=1.0, evaluate_every=10**9,
        precision=settings.precision,
    )  # fmt: skip
