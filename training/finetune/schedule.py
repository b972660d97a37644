"""Which batch comes at which step, at what learning rate: functions of the seed, repeated by a resumed run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from curation.core.errors import CairnError
from curation.core.seeds import derive
from training.finetune import Params
from training.model import batches
from training.model.sequences import Ints

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from training.finetune.jobs import Prepared

Batch = tuple[int, int, int, Ints]
"""Epoch, number of the task, seed for what the batch draws, items."""


def epoch(parts: Sequence[Prepared], budget: int, seed: int, number: int) -> list[tuple[int, Ints]]:
    """Return the batches of one epoch, in order: (number of the task, items).

    A batch is of one task; tasks come in proportion to their batches, each row once an epoch.
    """
    found = []
    for at, part in enumerate(parts):
        own = derive(seed, "batches", part.job.name, number)
        found += [(at, items) for items in batches.plan(part.train, part.items, budget, own)]
    order = np.random.default_rng(derive(seed, "mixture", number)).permutation(len(found))
    return [found[i] for i in order]


def total_steps(parts: Sequence[Prepared], found: Params, seed: int, world: int) -> int:
    """Return the number of optimizer steps of the whole run on ``world`` devices."""
    if found.steps is not None:
        return found.steps
    assert found.epochs is not None
    return sum(len(epoch(parts, found.batch_tokens * world, seed, number)) for number in range(found.epochs))


def stream(parts: Sequence[Prepared], budget: int, seed: int, first: int) -> Iterator[Batch]:
    """Yield the batches from step ``first`` on, without end; ``budget`` is that of all devices together.

    Every device is given all of a batch and takes its share of it (:func:`batches.passes`), so that so many devices
    learn the same as one with their budgets added up.
    """
    step, number = 0, 0
    while True:
        whole = epoch(parts, budget, seed, number)
        if not whole:
            raise CairnError("there is no row to train on: none has a label. Check the subset and the task.")
        for task, items in whole:
            if step >= first:
                yield number, task, derive(seed, "draw", step, 0), items
            step += 1
        number += 1


def rate(found: Params, step: int, total: int) -> float:
    """Return the learning rate of step ``step`` (counted from 0) out of ``total``.

    >>> p = Params.model_construct(learning_rate=1.0, warmup=0.5)
    >>> [round(rate(p, step, 4), 2) for step in range(4)]
    [0.5, 1.0, 1.0, 0.5]
    """
    warm = warm_steps(found, total)
    if step < warm:
        return found.learning_rate * (step + 1) / warm
    return found.learning_rate * (total - step) / max(1, total - warm)


def warm_steps(found: Params, total: int) -> int:
    """Return the number of warm-up steps."""
    return int(found.warmup * total)
