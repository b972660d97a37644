"""MLQA tested on its validation split, the only one in the mirror."""

from dataclasses import replace

from curation.tasks import mlqa

TASK = replace(
    mlqa.TASK,
    train=replace(mlqa.TASK.train, expected_rows=None),
    dev=replace(mlqa.TASK.dev, expected_rows=None),
    test=replace(mlqa.TASK.test, split="validation"),
)
to_example = mlqa.to_example
