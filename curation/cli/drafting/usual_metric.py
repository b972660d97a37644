"""The metric of a new task, and what its user should know about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curation.cli.drafting.label_names import Labels

_CHUNK = re.compile(r"O|[BIES](-.+)?")
"""A tag that seqeval reads as part of a chunk. Others it reads by their letters, too: of tags of one letter, and of
numbers, it finds no chunk, so that a perfect prediction scores 0."""


def default(kind: str, labels: Sequence[str], *, unanswerable: bool) -> str:
    """Return the usual metric of a task: of tags that mark chunks the F1 of chunks, of others the share of right tags.

    >>> default("tags", ("O", "B-PER", "I-PER"), unanswerable=False), default("tags", ("A", "V"), unanswerable=False)
    ('seqeval', 'token_accuracy')
    """
    match kind:
        case "pair" | "classify" if len(labels) == 2:
            return "f1"
        case "tags":
            return "seqeval" if all(map(_CHUNK.fullmatch, labels)) else "token_accuracy"
        case "span":
            return "squad_v2" if unanswerable else "squad"
    return "accuracy"


def notes(metric: str, labels: Labels) -> list[str]:
    """Return what the report says about the metric."""
    if metric == "f1" and len(labels.names) == 2:
        other = f"; the other way: --labels {','.join(labels.names[::-1])}" if labels.reorder else ""
        return [f"F1 is of class {labels.names[1]!r}{other}"]
    odd = [name for name in labels.names if not _CHUNK.fullmatch(name)]
    if metric == "token_accuracy" and odd:
        return [
            f"tags such as {odd[0]!r} mark no chunks (O, B-X, I-X), so the metric is the share of right tags. XTREME "
            "scores part-of-speech tags by the F1 of runs of equal tags: --metric seqeval"
        ]
    if metric == "seqeval" and odd and all(len(name) == 1 or re.fullmatch(r"-?\d+", name) for name in odd):
        return [f"seqeval finds no chunks in tags such as {odd[0]!r}: even a perfect prediction scores 0."]
    return []
