"""Tasks: one file per data set; its file name is its name everywhere. See :mod:`curation.core.task`, the contract."""

from curation.core.task import RETRIEVAL_METRICS, Answer, Example, Kind, Reject, Side, Source, Task

__all__ = ["RETRIEVAL_METRICS", "Answer", "Example", "Kind", "Reject", "Side", "Source", "Task"]
