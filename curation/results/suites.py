"""One number for a benchmark: the mean over its tasks, as XTREME's scorer takes it.

Sources: XTREME's ``evaluate.py`` (Hu et al. 2020) and XTREME-R (Ruder et al. 2021). A task's score is its primary
metric averaged over languages, English included where it is tested: accuracy; chunk F1 for tags; for question
answering the mean of F1 and exact match; mining F1 for BUCC; mAP@20 for Mewsli-X and LAReQA. The published XTREME-R
scorer names no metric for LAReQA and can print no overall score; ours is the plain mean of its ten tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.core.errors import unknown

SUITES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "xtreme": {
        "classification": ("xnli", "pawsx"),
        "structured prediction": ("udpos", "panx"),
        "question answering": ("xquad", "mlqa", "tydiqa"),
        "retrieval": ("bucc2018_pool", "tatoeba"),
    },
    "xtreme_r": {
        "classification": ("xnli", "xcopa"),
        "structured prediction": ("udpos", "panx"),
        "question answering": ("xquad", "mlqa", "tydiqa"),
        "retrieval": ("tatoeba", "mewslix", "lareqa"),
    },
}
"""Suite to its groups of tasks."""


def aggregate(suite: str, scores: Mapping[str, float]) -> dict[str, Any]:
    """Return ``all`` and ``groups`` of a suite from one score per task, and ``missing``: its tasks without one.

    A mean over some of the tasks is no score of the suite: a group is ``None`` unless all its tasks have a score, and
    so is ``all``. ``all`` is the mean over tasks, not over groups. Tasks outside the suite are ignored. Raises
    :class:`CairnError` for an unknown suite.

    >>> aggregate("xtreme", {"xnli": 0.8, "pawsx": 0.9})["groups"]["classification"]
    0.8500000000000001
    """
    if suite not in SUITES:
        raise unknown("suite", suite, SUITES, "aggregate")
    groups = SUITES[suite]
    tasks = [task for several in groups.values() for task in several]
    return {
        "all": _mean(tasks, scores),
        "groups": {name: _mean(several, scores) for name, several in groups.items()},
        "missing": [task for task in tasks if task not in scores],
    }


def _mean(tasks: list[str] | tuple[str, ...], scores: Mapping[str, float]) -> float | None:
    if any(task not in scores for task in tasks):
        return None
    return sum(scores[task] for task in tasks) / len(tasks)
