"""Tasks: one file per data set; its file name is its name everywhere. The contract is :mod:`curation.core.task`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.core import registry, task_check
from curation.core.task import RETRIEVAL_METRICS, Answer, Example, Kind, Reject, Side, Source, Task

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "RETRIEVAL_METRICS", "Answer", "Example", "Kind", "Reject", "Side", "Source", "Task", "load", "module",
]  # fmt: skip


def load(name: str, where: str = "tasks") -> Task:
    """Return the facts of task ``name``; ``where`` begins the error when there is none of that name.

    Raises :class:`CairnError` for an unknown name, and for a task file that defines no proper task.
    """
    found: Task = module(name, where).TASK
    return found


def module(name: str, where: str = "tasks") -> ModuleType:
    """Return the file of task ``name`` as a module, its ``TASK`` checked; errors as those of :func:`load`."""
    return task_check.checked(registry.load("tasks", name, where))
