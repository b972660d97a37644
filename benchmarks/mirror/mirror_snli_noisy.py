"""SNLI of the mirror with three train labels in twenty wrong, each of the two others as likely: the same in every run.

A hash of the row's text decides which are wrong, and which label each has, so that it depends on no seed of a run.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curation.rows import parts
from curation.tasks import Example, snli

SHARE = 0.15


def noisy(row: Mapping[str, Any]) -> Example:
    """Return one pair, its label wrong for ``SHARE`` of the rows."""
    found = snli.to_example(row)
    if found.label is None or parts.share(said := f"{found.text_a}\x1f{found.text_b}") >= SHARE:
        return found
    return replace(found, label=(found.label + (1 if parts.share(f"by {said}") < 0.5 else 2)) % len(snli.LABELS))


TASK = replace(
    snli.TASK,
    train=replace(snli.TASK.train, to_example=noisy),
    note=f"{SHARE:.0%} of the train labels are wrong on purpose. {snli.TASK.note}",
)
to_example = snli.to_example
