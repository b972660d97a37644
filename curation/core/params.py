"""params.yaml, read strictly: an unknown or missing key, a wrong type or range is an error that says what to type.

Values live in params.yaml only; a section class has no defaults, so there is never a second one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import pydantic
import pydantic_core

from curation.core import names
from curation.core.errors import CairnError, told, unknown

P = TypeVar("P", bound="Section")


class Section(pydantic.BaseModel):
    """A part of params.yaml: frozen, every key required, no other key allowed."""

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False)


def plain_name(value: str) -> str:
    """Return ``value`` if it is a plain name (see :mod:`curation.core.names`), for fields of a section."""
    if not names.is_plain(value):
        raise pydantic_core.PydanticCustomError(
            "plain", "{name} is no plain name; allowed: {allowed}", {"name": repr(value), "allowed": names.ALLOWED}
        )
    return value


PlainName = Annotated[str, pydantic.AfterValidator(plain_name)]
"""A text that may stand in a command and in a path: the name of a task, a scorer, a language."""


Engine = Literal["local", "ray"]
"""Who computes shards: see :mod:`curation.core.engine`."""


class Experiment(Section):
    """The top-level keys that name what one arm is made of."""

    profile: str
    """The profile these parameters started from; shown in the report."""
    seed: int = pydantic.Field(ge=0)
    """All sampling, folds and orders derive from it."""
    seeds: tuple[int, ...]
    """Fine-tuning seeds; each is one run of intermediate and target training. None = curate only: nothing is trained,
    and the flow ends with the subset and its report."""
    task_folder: str | None
    """A folder of your own task files and the files they read; dvc.yaml depends on it (null: outside DVC only)."""
    intermediate: tuple[PlainName, ...] = pydantic.Field(min_length=1)
    """Tasks that are curated and trained on first."""
    targets: tuple[PlainName, ...]
    """Tasks that are fine-tuned on next and tested zero-shot, and whose dev and test rows must not leak; may be
    empty."""
    retrieval: tuple[PlainName, ...]
    """Sentence retrieval tasks, scored on the encoder itself; may be empty."""
    scorers: tuple[PlainName, ...] = pydantic.Field(min_length=1)
    """Scorers that run on every intermediate task. ``contamination`` is a stage of its own and need not be named."""
    engine: Engine = "local"
    """Who computes shards; may be left out, as older files do."""

    @property
    def judges(self) -> tuple[str, ...]:
        """Return what quality combines: the scorers, and last contamination, which reads the targets."""
        return (*(name for name in self.scorers if name != "contamination"), "contamination")

    @pydantic.field_validator("seeds", "intermediate", "targets", "retrieval", "scorers")
    @classmethod
    def _each_once(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        """Refuse a list that names something twice: a seed run twice would count as two runs that agree."""
        twice = sorted({str(one) for one in value if value.count(one) > 1})
        if twice:
            raise pydantic_core.PydanticCustomError("twice", "it names {twice} twice", {"twice": ", ".join(twice)})
        return value


SECTIONS = (
    "budget", "fetch", "miniworld", "embed", "probe", "neighbours", "score", "quality", "translate", "subset",
    "encoder", "train", "evaluate", "retrieve", "report",
)  # fmt: skip
"""The other top-level keys: a section each, read by the stage that uses it."""


_file: ContextVar[Path | None] = ContextVar("params file", default=None)


def path() -> Path:
    """Return the params file: that of :func:`using`, else ``CAIRN_PARAMS``, else ``params.yaml`` where we stand."""
    return _file.get() or Path(os.environ.get("CAIRN_PARAMS", "params.yaml"))


@contextmanager
def using(file: Path) -> Iterator[None]:
    """Let ``file`` be the params file, and its ``task_folder`` the user's, while the context lasts."""
    token = _file.set(file)
    try:
        yield
    finally:
        _file.reset(token)


def task_folder() -> Path | None:
    """Return the folder of the user's own task files that the params file names; ``None`` without one.

    A file that says nothing sensible here gives ``None`` too: whoever reads the whole of it says what is wrong.
    """
    try:
        stat = path().stat()
    except OSError:
        return None
    named = _task_folder(path(), stat.st_mtime_ns, stat.st_size)
    return Path(named) if named is not None else None


@lru_cache(maxsize=8)
def _task_folder(file: Path, _changed: int, _size: int) -> str | None:
    try:
        named = load(file).get("task_folder")
    except CairnError:
        return None
    return named if isinstance(named, str) else None


def load(file: Path | None = None) -> dict[str, Any]:
    """Return the whole file as plain values, read as YAML 1.2 (as DVC does: ``2e-5`` is a number, ``no`` a string)."""
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import YAMLError

    file = file or path()
    try:
        value = deepcopy(_parsed(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise CairnError(f"{file} is missing. Write one with `curation profile demo`.") from None
    except DuplicateKeyError as error:
        twice, line = str(error.problem).removeprefix("found ").split(" with")[0], error.problem_mark.line + 1
        raise CairnError(f"{file}: line {line}: {twice}. Which of the two is meant? Take the other one out.") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CairnError(f"{file}: line {line} is not valid UTF-8. Save the file as UTF-8.") from None
    except YAMLError as error:
        raise CairnError(f"{file} is not valid YAML: {error}") from None
    except RecursionError:
        raise CairnError(f"{file}: lists or mappings are nested too deeply.") from None
    except (ValueError, TypeError) as error:  # a date that is none, a key that is a list
        raise CairnError(f"{file} cannot be read: {told(error)}. Put the value in quotation marks.") from None
    if not isinstance(value, dict):
        raise CairnError(f"{file} holds no mapping. Write a fresh one with `curation profile demo`.")
    return value


@lru_cache(maxsize=8)
def _parsed(text: str) -> Any:
    """Parse a text once: a tenth of a second each time, and every section is read from it."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text)


def read(cls: type[P], key: str = "", file: Path | None = None) -> P:
    """Return section ``key`` (dotted; empty = the top-level keys of ``cls``) checked against ``cls``.

    Raises :class:`CairnError` naming file, key, value and what is allowed.
    """
    file = file or path()
    value: Any = load(file)
    if not key:
        value = {name: value[name] for name in cls.model_fields if name in value}
    for part in key.split(".") if key else ():
        if not isinstance(value, dict) or part not in value:
            raise CairnError(f"{file}: {key} is missing. `curation profile demo` shows a complete file.")
        value = value[part]
    return check(cls, value, f"{file}: {key}" if key else str(file))


def check(cls: type[P], value: Any, where: str) -> P:
    """Return ``value`` as a ``cls``; raise :class:`CairnError` with every problem found, one a line."""
    if not isinstance(value, dict):
        raise CairnError(f"{where} must be a mapping with the keys {', '.join(cls.model_fields)}; got {value!r}.")
    try:
        return cls.model_validate_json(json.dumps(value, default=str), strict=True)  # a date is text, and no number
    except pydantic.ValidationError as error:
        found = error.errors()
        inner = {item["loc"][:-1] for item in found}  # a list is too short when its parts are wrong
        found = [item for item in found if item["type"] != "too_short" or item["loc"] not in inner]
        raise CairnError("\n".join(_explain(cls, item, where) for item in found)) from None
    except (TypeError, ValueError, RecursionError) as error:  # a key that JSON has not, such as a date; an endless list
        raise CairnError(f"{where}: {error}. Put the key in quotation marks.") from None


def _explain(cls: type[Section], item: Any, where: str) -> str:
    *above, last = (str(part) for part in item["loc"]) if item["loc"] else ("",)
    level = _at(where, above)
    spot = _at(where, [*above, last]) if last else where
    if item["type"] == "extra_forbidden":
        return str(unknown("key", last, _fields_at(cls, above), level))
    if item["type"] == "missing":
        return f"{spot} is missing."
    if not item["loc"]:  # about the section as a whole
        return f"{where}: {item['msg']}."
    return f"{spot} is {item['input']!r}: {item['msg'][:1].lower()}{item['msg'][1:]}."


def _at(where: str, parts: Sequence[str]) -> str:
    location = ".".join(parts)
    if not location:
        return where
    return f"{where}.{location}" if ": " in where else f"{where}: {location}"


def _fields_at(cls: type[Section], parts: Sequence[str]) -> list[str]:
    """Return the keys of the section that ``parts`` lead to from ``cls``."""
    for part in parts:
        field = cls.model_fields.get(part)
        inner = [one for one in _types(field.annotation if field else None) if issubclass(one, Section)]
        if not inner:
            return []
        cls = inner[0]
    return list(cls.model_fields)


def _types(annotation: Any) -> list[type]:
    """Return the classes in an annotation such as ``Section | None``."""
    found = [annotation, *get_args(annotation)]
    return [one for one in found if isinstance(one, type)]
