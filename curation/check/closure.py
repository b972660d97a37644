"""The code that a stage runs, found from its source: what its module imports, and what that imports, name by name.

``from curation import sources`` with ``sources.model(...)`` leads to the file that defines ``model`` and not to all
that the package re-exports, so that an edit re-runs what it can change and nothing else. Imports under
``TYPE_CHECKING`` do not run. Plug-ins are found by rule: a call ``registry.load("metrics", ...)`` may run any metric,
and so may ``import_module(f"curation.probe.{kind}")`` any module there.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from curation.core import registry

ROOT = Path(__file__).parents[2]
PACKAGES = ("curation", "training")
PLUMBING = frozenset(
    f"curation.{name}"
    for name in (
        *("errors", "files", "params", "paths", "progress", "registry", "seeds", "stage"),
        "tasks",  # the types; the task files are plug-ins
        "sources.models",  # finds a model's folder; who uses the weights writes their hash down, or compares it
        "sources.place",
    )
)
"""Modules that no stage has to list: they carry values and change none."""
CONVERTS = "curation.fetch.conversion"
"""Calls ``to_example``: who reaches it runs task files. All others take a task's facts, which stand in the manifest of
the fetched rows, so that adding a task re-runs no training."""


@dataclass
class Source:
    """What one module's source says about the modules it runs."""

    bound: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Name in this module to (module, name there; empty = the module itself)."""
    used: dict[str, set[str]] = field(default_factory=dict)
    """Name in this module to the attributes that are taken from it; empty = it is used as a whole."""
    groups: set[str] = field(default_factory=set)
    """Groups of plug-ins that it loads by name."""
    packages: set[str] = field(default_factory=set)
    """Packages of which it imports modules by a name made at run time."""


@functools.cache
def place(module: str) -> Path | None:
    """Return the file of one of our modules (of a package its ``__init__.py``), or ``None``; imports nothing."""
    first, *rest = module.split(".")
    if first not in PACKAGES:
        return None
    base = ROOT.joinpath(first, *rest)
    file = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    return file if file.exists() else None


def shown(module: str) -> str:
    """Return the file of ``module`` as dvc.yaml names it; empty for what is not ours, and for a package's docstring."""
    file = place(module)
    if file is None or (file.name == "__init__.py" and not _does_something(file)):
        return ""
    return file.relative_to(ROOT).as_posix()


def _does_something(file: Path) -> bool:
    return any(not isinstance(node, ast.Expr) for node in ast.parse(file.read_text(encoding="utf-8")).body)


def inside(package: str) -> list[str]:
    """Return the modules of a package, found on disk."""
    file = place(package)
    return [f"{package}.{f.stem}" for f in sorted(file.parent.glob("*.py")) if f != file] if file is not None else []


def code(module: str, plugins: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the modules, itself and plumbing included, that a run of ``module`` may execute.

    ``plugins``: group to the names that may be loaded; a group that is not there may load all its plug-ins.
    """
    todo, seen = [_entry(module)], set[str]()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += _next(name, plugins)
    return seen


def _entry(module: str) -> str:
    main = f"{module}.__main__"
    return main if place(main) is not None else module


def _next(module: str, plugins: Mapping[str, Iterable[str]]) -> Iterator[str]:
    source = read(module)
    if source is None or module in PLUMBING:
        return
    for name in source.bound:
        yield from _reached(source, name)
    for group in sorted(source.groups - {"tasks"}):
        package = registry.GROUPS[group]
        names = plugins.get(group)
        yield from inside(package) if names is None else (f"{package}.{name}" for name in names)
    for package in sorted(source.packages):
        yield from inside(package)
    if module == CONVERTS:
        yield from inside(registry.GROUPS["tasks"])


def _reached(source: Source, name: str) -> Iterator[str]:
    """Yield the modules that ``name`` of a module leads to."""
    module, inner = source.bound[name]
    whole = f"{module}.{inner}" if inner else module
    if place(whole) is None:
        yield from _defines(module, inner)
        return
    attributes = source.used.get(name, set())
    if not attributes:
        yield whole
    for attribute in attributes:
        yield from _defines(whole, attribute)


def _defines(module: str, name: str) -> Iterator[str]:
    """Yield the module where ``name`` of ``module`` comes from."""
    if place(f"{module}.{name}") is not None:
        yield f"{module}.{name}"
        return
    source = read(module)
    if source is None:
        return
    if name in source.bound and place(source.bound[name][0]) is not None and source.bound[name][0] != module:
        yield from _reached(source, name)
    else:
        yield module


@functools.cache
def read(module: str) -> Source | None:
    """Return what the source of one of our modules says; ``None`` for another's."""
    file = place(module)
    if file is None:
        return None
    found = Source()
    whole, owners = set[str](), set[int]()
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in _running(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            level = package.rsplit(".", node.level - 1)[0] if node.level else ""
            start = ".".join(part for part in (level, node.module) if part)
            found.bound |= {alias.asname or alias.name: (start, alias.name) for alias in node.names}
        elif isinstance(node, ast.Import):
            found.bound |= {alias.asname or alias.name.split(".")[0]: (alias.name, "") for alias in node.names}
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.used.setdefault(node.value.id, set()).add(node.attr)
            owners.add(id(node.value))
        elif isinstance(node, ast.Name) and id(node) not in owners:
            whole.add(node.id)
        if isinstance(node, ast.Call):
            _dynamic(node, found)
    found.used = {name: attributes for name, attributes in found.used.items() if name not in whole}
    return found


def _running(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes but those under ``if TYPE_CHECKING``."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            for other in child.orelse:
                yield from _running(other)
        else:
            yield from _running(child)


def _dynamic(call: ast.Call, found: Source) -> None:
    if not call.args:
        return
    called, first = ast.unparse(call.func), call.args[0]
    if called == "registry.load" and isinstance(first, ast.Constant) and first.value in registry.GROUPS:
        found.groups.add(str(first.value))
    elif called.endswith("import_module") and isinstance(first, ast.JoinedStr):
        start = first.values[0]
        if isinstance(start, ast.Constant) and str(start.value).endswith("."):
            found.packages.add(str(start.value).rstrip("."))
