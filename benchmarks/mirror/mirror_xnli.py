"""XNLI in the thirteen languages of the mirror."""

from dataclasses import replace

from curation.tasks import xnli

_LANGUAGES = tuple(lang for lang in xnli.TASK.test.languages if lang not in ("sw", "ur"))
TASK = replace(
    xnli.TASK,
    train=replace(xnli.TASK.train, expected_rows=None),
    test=replace(xnli.TASK.test, languages=_LANGUAGES),
    zero_shot=replace(xnli.TASK.zero_shot, languages=_LANGUAGES),
)
to_example = xnli.to_example
