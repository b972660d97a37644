"""What a task file has to define, checked when it is loaded: mistakes are found before anything is fetched."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, get_args

from curation.core import registry
from curation.core.errors import CairnError, unknown
from curation.core.kinds import KINDS
from curation.core.task import Kind, Source, Task

if TYPE_CHECKING:
    from types import ModuleType

SCHEMES = ("bundled:", "file:")
_HUB = re.compile(r"[\w.-]+(/[\w.-]+)?")
CONTRACT = "See curation/core/task.py."


def checked(module: ModuleType) -> ModuleType:
    """Return ``module`` if it defines a task; raise :class:`CairnError` naming its file and what is wrong."""
    where = str(module.__file__)
    task = getattr(module, "TASK", None)
    if not isinstance(task, Task):
        raise CairnError(f"{where} defines no TASK = Task(...){_but(task)}. {CONTRACT}")
    if task.kind not in get_args(Kind):
        raise unknown("kind", str(task.kind), get_args(Kind), f"{where}: TASK.kind")
    registry.check("metrics", str(task.metric), f"{where}: TASK.metric")
    _texts(task.labels, f"{where}: TASK.labels")
    if len(set(task.labels)) < len(task.labels):
        raise CairnError(f"{where}: TASK.labels names a label twice: {', '.join(task.labels)}.")
    forms = [unicodedata.normalize("NFC", label) for label in task.labels]
    if len(set(forms)) < len(forms):
        twice = next(label for label, form in zip(task.labels, forms, strict=True) if forms.count(form) > 1)
        raise CairnError(f"{where}: TASK.labels names {twice!r} twice, composed and decomposed (Unicode NFC and NFD).")
    if KINDS[task.kind].named != "no" and not task.labels:
        raise CairnError(f"{where}: TASK.labels is empty; a task of kind {task.kind} names its labels in order.")
    if task.symmetric and task.kind != "pair":
        raise CairnError(f"{where}: TASK.symmetric is for kind pair: a {task.kind} row has no two sides to exchange.")
    for name in ("train", "dev", "test", "translations", "zero_shot"):
        if (source := getattr(task, name)) is not None:
            _source(source, f"{where}: TASK.{name}")
    return module


def readable(module: ModuleType) -> ModuleType:
    """Return a checked ``module`` if it can read its rows; raise :class:`CairnError` when ``to_example`` is missing."""
    if not callable(getattr(module, "to_example", None)):
        raise CairnError(f"{module.__file__} defines no function to_example(row). {CONTRACT}")
    return module


def _source(source: Any, where: str) -> None:
    if not isinstance(source, Source):
        raise CairnError(f"{where} is a {type(source).__name__}, not a Source(...). {CONTRACT}")
    _texts(source.languages, f"{where}.languages")
    if not source.languages:
        raise CairnError(f"{where}.languages is empty. Name the languages that its rows come in.")
    scheme, colon, _ = str(source.repo).partition(":")
    if colon and f"{scheme}:" not in SCHEMES:
        raise unknown("scheme", f"{scheme}:", SCHEMES, f"{where}.repo {source.repo!r}")
    for number, one in enumerate(source.pooled):
        _source(one, f"{where}.pooled[{number}]")
        if one.pooled or one.unfold or one.to_example:
            raise CairnError(
                f"{where}.pooled[{number}] has pooled, unfold or to_example of its own. Pooled rows are read as those "
                f"of the first source are; write that into to_example. {CONTRACT}"
            )
    if source.candidates is not None:
        _source(source.candidates, f"{where}.candidates")
        if source.candidates.candidates is not None:
            raise CairnError(f"{where}.candidates has candidates of its own: candidates are searched, and search none.")
    if not colon and not _HUB.fullmatch(str(source.repo)):
        raise CairnError(
            f"{where}.repo is {source.repo!r}. Allowed: a hub id org/name, bundled:miniworld, or "
            "file:name.jsonl in the task folder."
        )


def _texts(value: Any, where: str) -> None:
    if not isinstance(value, tuple | list) or not all(isinstance(one, str) for one in value):
        hint = f" Write ({value!r},) with a comma." if isinstance(value, str) else ""
        raise CairnError(f"{where} is {value!r}, not a tuple of texts.{hint}")


def _but(value: Any) -> str:
    return "" if value is None else f", but a TASK that is a {type(value).__name__}"
