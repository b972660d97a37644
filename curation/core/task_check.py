"""What a task file has to define, checked when it is loaded: mistakes are found before anything is fetched."""

from __future__ import annotations

import ast
import re
import reprlib
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pydantic

from curation.core import names, registry
from curation.core.errors import CairnError, shown, unknown
from curation.core.kinds import KINDS
from curation.core.task import Kind, Source, Task

if TYPE_CHECKING:
    from types import ModuleType

SCHEMES = ("bundled:", "file:")
_HUB = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
_INSIDE = re.compile(r"[^./*?\[\]\\\x00-\x1f][^/*?\[\]\\\x00-\x1f]*")
"""A config or split: part of a path and of a pattern of file names."""
CONTRACT = "See curation/core/task.py."


def checked(module: ModuleType) -> ModuleType:
    """Return ``module`` if it defines a task; raise :class:`CairnError` naming its file and line, and what is wrong."""
    where = shown(str(module.__file__))
    try:
        _task(getattr(module, "TASK", None), where)
    except CairnError as error:
        field = re.search(r"TASK\.(\w+)", str(error))
        line = _line(Path(where), field[1] if field else "")
        raise CairnError(str(error).replace(where, f"{where}, line {line}", 1) if line else str(error)) from None
    return module


def _task(task: Any, where: str) -> None:
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
    for name in ("train", "dev", "test", "translations", "zero_shot"):
        if (source := getattr(task, name)) is not None:
            _source(source, f"{where}: TASK.{name}")
    _typed(task, f"{where}: TASK")
    if task.symmetric and task.kind != "pair":
        raise CairnError(f"{where}: TASK.symmetric is for kind pair: a {task.kind} row has no two sides to exchange.")


def readable(module: ModuleType) -> ModuleType:
    """Return a checked ``module`` if it can read its rows; raise :class:`CairnError` when ``to_example`` is missing."""
    if not callable(getattr(module, "to_example", None)):
        raise CairnError(f"{shown(str(module.__file__))} defines no function to_example(row). {CONTRACT}")
    return module


def _source(source: Any, where: str) -> None:
    if not isinstance(source, Source):
        raise CairnError(f"{where} is a {type(source).__name__}, not a Source(...). {CONTRACT}")
    _texts(source.languages, f"{where}.languages")
    if not source.languages:
        raise CairnError(f"{where}.languages is empty. Name the languages that its rows come in.")
    for lang in source.languages:
        names.plain(lang, f"{where}.languages")
    if len(set(source.languages)) < len(source.languages):
        raise CairnError(f"{where}.languages names a language twice: {', '.join(source.languages)}.")
    for number, one in enumerate(source.pooled if isinstance(source.pooled, tuple | list) else ()):
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
    _repo(source.repo, f"{where}.repo")
    _typed(source, where)
    for name in ("config", "split"):
        if not _INSIDE.fullmatch(getattr(source, name)):
            raise CairnError(
                f"{where}.{name} is {getattr(source, name)!r}. It becomes part of a path: no /, *, ? or [, "
                "and no dot in front."
            )


def _repo(repo: Any, where: str) -> None:
    scheme, colon, rest = str(repo).partition(":")
    if colon and f"{scheme}:" not in SCHEMES:
        raise unknown("scheme", f"{scheme}:", SCHEMES, f"{where} {repo!r}")
    if not isinstance(repo, str) or not (rest.strip() if colon else _HUB.fullmatch(repo)):
        raise CairnError(
            f"{where} is {reprlib.repr(repo)}. Allowed: a hub id org/name, bundled:miniworld, or "
            "file:name.jsonl in the task folder."
        )


def _typed(thing: Task | Source, where: str) -> None:
    """Every field is of the type that the contract gives it; lists do where it says tuples."""
    for name, adapter in _adapters()[Source if isinstance(thing, Source) else Task].items():
        value = getattr(thing, name)
        try:
            adapter.validate_python(tuple(value) if isinstance(value, list) else value)
        except pydantic.ValidationError as error:
            said = error.errors()[0]["msg"]
            raise CairnError(
                f"{where}.{name} is {reprlib.repr(value)}: {said[:1].lower()}{said[1:]}. {CONTRACT}"
            ) from None


@cache
def _adapters() -> dict[type, dict[str, pydantic.TypeAdapter[Any]]]:
    strict = pydantic.ConfigDict(strict=True)
    return {
        cls: {name: pydantic.TypeAdapter(hint, config=strict) for name, hint in get_type_hints(cls).items()}
        for cls in (Task, Source)
    }


def _line(file: Path, field: str) -> int | None:
    """Return the line of ``file`` that gives ``TASK`` its ``field``, else the one that makes ``TASK``; from 1."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        made = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id == "TASK" for target in made):
            given = node.value.keywords if isinstance(node.value, ast.Call) else []
            return next((word.value.lineno for word in given if word.arg == field), node.lineno)
    return None


def _texts(value: Any, where: str) -> None:
    if not isinstance(value, tuple | list) or not all(isinstance(one, str) and one.strip() for one in value):
        hint = f" Write ({value!r},) with a comma." if isinstance(value, str) else ""
        raise CairnError(f"{where} is {reprlib.repr(value)}, not a tuple of texts.{hint}")


def _but(value: Any) -> str:
    return "" if value is None else f", but a TASK that is a {type(value).__name__}"
