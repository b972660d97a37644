"""PAWS-X without its train split: the English validation rows train, and those of one sentence in five are dev."""

from dataclasses import replace

from curation.rows import parts
from curation.tasks import pawsx


def _english(low, high):
    return replace(pawsx.TASK.dev, languages=("en",), expected_rows=None, unfold=parts.Part(low, high, "sentence1"))


TASK = replace(
    pawsx.TASK,
    train=_english(0.2, 1),
    dev=_english(0, 0.2),
    test=replace(pawsx.TASK.test, languages=("de", "en", "es", "fr", "zh")),
    zero_shot=None,  # the same rows train here, in English
    translations=None,
)
to_example = pawsx.to_example
