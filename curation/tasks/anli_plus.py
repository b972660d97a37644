"""ANLI+: ANLI, MultiNLI and SNLI as one data set under one head, as the intermediate-training papers use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curation.tasks import Example, Source, Task, anli, mnli, snli

_TASKS: tuple[Task, ...] = (anli.TASK, mnli.TASK, snli.TASK)


def _all(split: str) -> Source:
    found = (task.split(split) for task in _TASKS)
    first, *others = [source for source in found if source is not None]
    return replace(first, pooled=tuple(others))


TASK = Task(
    kind="pair",
    metric="accuracy",
    train=_all("train"),
    dev=_all("dev"),
    labels=snli.LABELS,
    licence="CC BY-NC 4.0 (ANLI), CC BY-SA 4.0 (SNLI), and those of MultiNLI",
    citation="Nie et al. 2020; Williams et al. 2018; Bowman et al. 2015",
    note="Pooled, so a batch draws from the three in proportion to their sizes; a cap samples all of it alike. A row's "
    "key begins with its data set. SNLI rows without a gold label are dropped: 785 of train, 158 of dev.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one premise-hypothesis pair; a row without a gold label is rejected, as in SNLI."""
    return snli.to_example(row)
