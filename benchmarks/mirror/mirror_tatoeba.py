"""Tatoeba in the thirty languages of the mirror."""

from dataclasses import replace

from curation.tasks import tatoeba

_MISSING = ("eu", "ja", "ka", "ko", "sw", "ur")
_LANGUAGES = tuple(lang for lang in tatoeba.TASK.test.languages if lang not in _MISSING)
TASK = replace(tatoeba.TASK, test=replace(tatoeba.TASK.test, languages=_LANGUAGES))
to_example = tatoeba.to_example
