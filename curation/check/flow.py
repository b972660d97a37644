"""dvc.yaml as ``check`` sees it: stages with their matrix expanded, and what each one's code reads, from its source."""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.util
import itertools
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curation.core.errors import CairnError

FILE = Path("dvc.yaml")
_HOLE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class Stage:
    """One stage of dvc.yaml, before its matrix is expanded."""

    name: str
    command: str
    params: tuple[str, ...]
    """Keys of params.yaml that it declares; may hold ``${item.x}``."""
    deps: tuple[str, ...]
    items: tuple[Mapping[str, Any], ...]
    """The matrix, expanded: one mapping per run."""

    @property
    def module(self) -> str | None:
        """The module of ``python -m MODULE``, or ``None``."""
        words = shlex.split(self.command)
        return words[words.index("-m") + 1] if "-m" in words[:-1] else None

    @property
    def options(self) -> list[str]:
        """The names of the command's ``--options``, as parameters of ``run``."""
        return [word[2:].split("=")[0].replace("-", "_") for word in shlex.split(self.command) if word.startswith("--")]

    def filled(self, texts: tuple[str, ...]) -> list[str]:
        """Return ``texts`` for every run of the stage, holes filled, each one once."""
        found = [fill(text, {"item": item}) for text in texts for item in self.items]
        return list(dict.fromkeys(found))


def at(values: Any, key: str) -> Any:
    """Return the value at a dotted key; raise :class:`KeyError` when there is none.

    >>> at({"a": {"b": 1}}, "a.b")
    1
    """
    for part in key.split("."):
        if not isinstance(values, Mapping) or part not in values:
            raise KeyError(key)
        values = values[part]
    return values


def fill(text: str, values: Mapping[str, Any]) -> str:
    """Return ``text`` with every ``${dotted.key}`` that ``values`` know replaced."""

    def one(match: re.Match[str]) -> str:
        try:
            return str(at(values, match[1].strip()))
        except KeyError:
            return match[0]

    return _HOLE.sub(one, text)


def read(values: Mapping[str, Any], problems: list[str]) -> list[Stage]:
    """Return the stages of dvc.yaml; a matrix that names an unknown key of params.yaml is added to ``problems``."""
    from curation.core import params

    if not FILE.exists():
        raise CairnError(f"{FILE} is missing. Run `curation check` in the root of a clone of Cairn.")
    stages = params.load(FILE).get("stages")
    if not isinstance(stages, dict):
        raise CairnError(f"{FILE} has no stages.")
    return [_stage(name, body, values, problems) for name, body in stages.items()]


def _stage(name: str, body: Mapping[str, Any], values: Mapping[str, Any], problems: list[str]) -> Stage:
    matrix = {key: _axis(name, value, values, problems) for key, value in (body.get("matrix") or {}).items()}
    items = [dict(zip(matrix, row, strict=True)) for row in itertools.product(*matrix.values())]
    keys = [key for key in body.get("params") or () if isinstance(key, str)]
    for entry in body.get("params") or ():
        if isinstance(entry, dict):  # another params file, or `params.yaml: [keys]`
            keys += [str(key) for key in entry.get("params.yaml") or ()]
    command = body.get("cmd", "")
    text = " && ".join(command) if isinstance(command, list) else str(command)
    return Stage(name, text, tuple(keys), tuple(d for d in body.get("deps") or () if isinstance(d, str)), tuple(items))


def _axis(stage: str, value: Any, values: Mapping[str, Any], problems: list[str]) -> list[Any]:
    hole = _HOLE.fullmatch(value) if isinstance(value, str) else None
    if hole is None:
        return list(value) if isinstance(value, list) else [value]
    try:
        found = at(values, hole[1].strip())
    except KeyError:
        problems.append(f"{FILE}: {stage}.matrix: params.yaml has no {hole[1]}.")
        return []
    return list(found) if isinstance(found, list) else [found]


@dataclass
class Code:
    """What a stage's module says about itself, read without running it."""

    module: str
    file: Path
    sections: dict[str, str] = field(default_factory=dict)
    """Section of params.yaml to the class it is read with; ``{}`` in a section stands for what is only known later."""
    keys: set[str] = field(default_factory=set)
    """Top-level keys that are read from ``experiment.read()``."""
    options: tuple[str, ...] | None = None
    """The parameters of ``run``; ``None`` when there is no ``run``."""
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Imported name to (module, name in it); functions import too."""

    def resolve(self, name: str) -> Any:
        """Return what the dotted ``name`` means in this module, importing what it needs.

        Raises :class:`AttributeError` or :class:`ImportError` when it means nothing.
        """
        first, *rest = name.split(".")
        if first in self.imports:
            source, inner = self.imports[first]
            try:
                found = importlib.import_module(f"{source}.{inner}")
            except ModuleNotFoundError:
                found = getattr(importlib.import_module(source), inner)
        else:
            found = getattr(importlib.import_module(self.module), first)
        for part in rest:
            found = getattr(found, part)
        return found


def code(module: str) -> Code | None:
    """Return what the source of ``module`` reads, or ``None`` when there is no such module."""
    try:
        spec = importlib.util.find_spec(module)
        if spec is not None and spec.submodule_search_locations is not None:  # `python -m package` runs its __main__
            spec = importlib.util.find_spec(f"{module}.__main__")
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None:
        return None
    return _told(spec.name, Path(spec.origin))


def _told(module: str, file: Path) -> Code:
    return _parsed(module, file, file.stat().st_mtime_ns)


@functools.cache
def _parsed(module: str, file: Path, _: int) -> Code:
    found = Code(module, file)
    _scan(ast.parse(file.read_text(encoding="utf-8")), found)
    return found


def all_code() -> list[Code]:
    """Return what every module of both packages reads, found on disk and not imported."""
    found = []
    for package in ("curation", "training"):
        spec = importlib.util.find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec is not None else ():
            for file in sorted(Path(place).rglob("*.py")):
                parts = file.relative_to(place).with_suffix("").parts
                names = [package, *parts[:-1], *([parts[-1]] if parts[-1] != "__init__" else [])]
                found.append(_told(".".join(names), file))
    return found


def _called(node: ast.Call) -> str:
    """Return the last name of what is called: ``params.read`` and ``read`` both give ``read``."""
    target = node.func
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def _scan(tree: ast.AST, found: Code) -> None:
    holders = set(_experiments(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "read" and len(node.args) >= 2:
            section = _literal(node.args[1])
            if section:
                found.sections[section] = ast.unparse(node.args[0])
        elif isinstance(node, ast.Attribute):
            value = node.value
            direct = isinstance(value, ast.Call) and _called(value) == "experiment"
            if direct or (isinstance(value, ast.Name) and value.id in holders):
                found.keys.add(node.attr)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.imports |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        elif isinstance(node, ast.FunctionDef) and node.name == "run":
            found.options = tuple(argument.arg for argument in node.args.args)


def _experiments(tree: ast.AST) -> Iterator[str]:
    """Yield the names of variables and parameters that hold an ``Experiment``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(
                    node.value, ast.Tuple
                ):  # a, b = read(...), experiment()
                    pairs = list(zip(target.elts, node.value.elts, strict=False))
                for name, value in pairs:
                    if isinstance(name, ast.Name) and isinstance(value, ast.Call) and _called(value) == "experiment":
                        yield name.id
        elif (
            isinstance(node, ast.arg)
            and node.annotation is not None
            and ast.unparse(node.annotation).strip("'\"").endswith("Experiment")
        ):
            yield node.arg


def _literal(node: ast.expr) -> str:
    """Return a string constant, or an f-string with ``{}`` for its values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""
