"""This experiment's average over a suite of tasks, XTREME or XTREME-R."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, Any

from curation.results.suites import aggregate
from training.comparison import comparable

if TYPE_CHECKING:
    from training.comparison.measured import Measured
    from training.published import Languages


def average(suite: str, start: str, own: Measured, known: Languages) -> dict[str, Any] | None:
    """Return the average of the runs of ``start``; ``None`` when none of the suite's tasks was scored.

    A task counts when all languages of ``known`` were tested, with its primary value averaged over them and the seeds.
    Keys: ``suite``, ``start``, those of :func:`curation.results.suites.aggregate`, ``scored``,
    and ``untested``: task to its languages that were not tested.
    """
    arms = {task: arm for task, arm in own.arms.get(start, {}).items() if task in known}
    if not arms:
        return None
    untested = {task: tuple(x for x in known[task] if x not in own.languages(start, task)) for task in arms}
    scores = {
        task: fmean(own.by_seed(start, task, arm.primary, known[task]).values())
        for task, arm in arms.items()
        if not untested[task] and task not in comparable.EASIER
    }
    return {
        "suite": suite,
        "start": start,
        **aggregate(suite, scores),
        "scored": tuple(scores),
        "untested": {task: langs for task, langs in untested.items() if langs},
    }
