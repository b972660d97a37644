"""How often each flag was right, by the people who looked: precision with its interval."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from curation.core import files, paths
from curation.results.intervals import wilson

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.params import Experiment

WRONG = ("relabel", "drop")
"""Decisions that say: something was the matter with the row."""
DECIDED = (*WRONG, "keep")
"""Decisions that say whether a flag was right; ``unsure`` says neither."""


def found(name: str, setup: Experiment) -> dict[str, Any] | None:
    """Return what people decided about a task and how often each flag was right; ``None`` when nobody looked."""
    path = paths.quality(name)
    if not path.exists():
        return None
    quality = files.read_parquet(path)
    if "decision" not in quality.column_names:
        return None
    rows = [row for row in quality.select(["decision", "flagged"]).to_pylist() if row["decision"] is not None]
    if not rows:
        return None
    counts = dict(Counter(row["decision"] for row in rows))
    return {"task": name, "decided": len(rows), "counts": counts, "flags": precision(rows, setup.scorers)}


def precision(rows: Sequence[Mapping[str, Any]], scorers: Sequence[str]) -> list[dict[str, Any]]:
    """Return per scorer how many of its flags were looked at and how many were right, with a 95% interval.

    A flag is right when the row was relabelled or dropped; whatever the flag was about. Wilson's interval for a share.

    >>> rows = [{"decision": "drop", "flagged": ["a"]}, {"decision": "keep", "flagged": ["a"]}]
    >>> one = precision(rows, ["a", "b"])[0]
    >>> one["scorer"], one["looked_at"], one["right"], one["precision"]
    ('a', 2, 1, 0.5)
    """
    told = []
    for scorer in scorers:
        seen = [row["decision"] in WRONG for row in rows if scorer in row["flagged"] and row["decision"] in DECIDED]
        if seen:
            share = sum(seen) / len(seen)
            low, high = wilson(share, share * (1 - share) / len(seen), len(seen))
            told.append(
                {"scorer": scorer, "looked_at": len(seen), "right": sum(seen), "precision": share, "low": low,
                 "high": high}
            )  # fmt: skip
    return told
