"""HellaSwag (Zellers et al. 2019): which of four endings continues a caption or a how-to text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curation.rows import columns
from curation.tasks import Example, Reject, Source, Task

TASK = Task(
    kind="choice",
    metric="accuracy",
    train=Source("Rowan/hellaswag", "default", "train", expected_rows=39_905),
    dev=Source("Rowan/hellaswag", "default", "validation", expected_rows=10_042),
    licence="MIT",
    citation="Zellers et al. 2019, HellaSwag: Can a machine really finish your sentence?",
    note="The prompt is ctx_a; a choice is ctx_b, which begins the last sentence, and an ending. The labels of test "
    "are not public, so there is no test split.",
)


def to_example(row: Mapping[str, Any]) -> Example:
    """Return one beginning with four endings; the beginning is the group, because some occur more than once."""
    prompt, begun = columns.text(row, "ctx_a"), (row["ctx_b"] or "").strip()
    endings = [ending.strip() for ending in row["endings"]]
    if len(endings) != 4:
        raise Reject("not four endings")
    if not all(endings):
        raise Reject("an ending is empty")
    return Example(
        prompt=prompt,
        choices=tuple(f"{begun} {ending}".strip() for ending in endings),
        label=columns.label(row, "label", ("0", "1", "2", "3")),
        group=f"{prompt} {begun}".strip(),
    )
