"""Plug-ins: a file in a folder is a plug-in, and its file name is its name everywhere."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import pkgutil
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from curation.core import names as plain_names
from curation.core import params
from curation.core.errors import CairnError, raised_at, shown, told, unknown
from curation.core.progress import say

GROUPS: Mapping[str, str] = {
    "tasks": "curation.tasks",
    "scorers": "curation.score.scorers",
    "translators": "curation.translate.translators",
    "selectors": "curation.subset.selectors",
    "metrics": "curation.metrics",
    "kinds": "training.kinds",
}
"""Group name to the package whose modules are its plug-ins. Other packages add theirs by the entry point group
``cairn.<group>``, whose entry names are the plug-in names and whose values are modules. Scorers cannot come this way,
because dvc.yaml depends on ``curation/score/scorers/<name>.py``, so that editing one scorer recomputes it alone; nor
can kinds, whose columns and facts stand in :mod:`curation.core.kinds`."""

LATE = 10.0
"""Seconds after which people are told that a file of theirs is still being imported."""

_folders: dict[str, list[Path]] = {}


def add_folder(group: str, folder: Path) -> None:
    """Add a user's own folder of plug-in files to ``group``; that of tasks in params.yaml needs no adding."""
    known = _folders.setdefault(group, [])
    if folder not in known:
        known.append(folder)


def own_files(folder: Path) -> list[Path]:
    """Return the plug-in files of a user's ``folder``, sorted.

    Those are files ``name.py`` whose name does not begin with a dot or an underscore: what editors and file systems
    leave beside a file (Emacs's lock ``.#name.py``, a link to nowhere; macOS's ``._name.py``) is none, and .dvcignore
    keeps it from DVC. A link to nowhere is listed, and cannot be imported: it is told so.
    """
    return [file for file in sorted(folder.glob("[!._]*.py")) if file.is_file() or file.is_symlink()]


def folders(group: str) -> list[Path]:
    """Return the user's own folders of ``group``: those that were added and, of tasks, the one in params.yaml.

    One that was added and is gone is passed over; raises :class:`CairnError` when that of params.yaml is no folder.
    """
    found = [folder for folder in _folders.get(group, ()) if folder.is_dir()]
    named = params.task_folder() if group == "tasks" else None
    if named is not None and not named.is_dir():
        raise CairnError(f"params.yaml: task_folder: {named} is not a folder. Make it; an empty one will do.")
    return list(dict.fromkeys([*found, *([named] if named is not None else [])]))


@cache
def _outside(group: str) -> dict[str, str]:
    from importlib.metadata import entry_points

    if group in ("scorers", "kinds"):
        return {}
    return {entry.name: entry.value for entry in entry_points(group=f"cairn.{group}")}


def _files(group: str) -> dict[str, Path]:
    """Return name to file of the user's own."""
    return {file.stem: file for folder in folders(group) for file in own_files(folder)}


def _inside(group: str) -> list[str]:
    spec = importlib.util.find_spec(GROUPS[group])
    if spec is None:
        return []
    return [m.name for m in pkgutil.iter_modules(spec.submodule_search_locations) if not m.name.startswith("_")]


def names(group: str) -> list[str]:
    """Return the names of all plug-ins of ``group``, sorted; imports none of them."""
    return sorted({*_inside(group), *_files(group), *_outside(group)})


def check(group: str, name: str, where: str) -> str:
    """Return ``name`` if it is plain and ``group`` has it, else raise the error that names the nearest match."""
    own = _files(group).get(name)
    if own is not None and not plain_names.is_plain(name):
        raise CairnError(f"{own}: {name!r} is no plain name. Rename the file; allowed: {plain_names.ALLOWED}.")
    plain_names.plain(name, where)
    if name not in names(group):
        raise unknown(group.rstrip("s"), name, names(group), where)
    if own is not None and name in _inside(group):
        raise CairnError(
            f"{own} has the name of a {group.rstrip('s')} that comes with Cairn, and would never be used. "
            f"Rename it, such as {own.with_name(f'my_{own.name}')}."
        )
    return name


def load(group: str, name: str, where: str = "registry") -> ModuleType:
    """Return the plug-in's module, imported; raises :class:`CairnError` for an unknown name.

    Tasks are loaded by :func:`curation.tasks.load`, which checks what their files define.
    """
    check(group, name, where)
    if name in _inside(group):
        return importlib.import_module(f"{GROUPS[group]}.{name}")
    if name in _files(group):
        return _from_file(f"cairn_user_{group}_{name}", _files(group)[name])
    try:
        return importlib.import_module(_outside(group)[name])
    except Exception as error:
        raise CairnError(
            f"{group.rstrip('s')} {name} comes from the module {_outside(group)[name]}, which cannot be imported: "
            f"{told(error)}."
        ) from error


def complete(module: Any, group: str, name: str, parts: Sequence[str], needs: frozenset[str]) -> Any:
    """Return the plug-in ``module`` of ``group``; raise :class:`CairnError` naming what it lacks or cannot have.

    ``parts``: what it has to define; ``needs``: what its ``NEEDS`` may name.
    """
    what = group.removesuffix("s")
    missing = [part for part in parts if not hasattr(module, part)]
    if missing:
        raise CairnError(
            f"{what} {name!r} ({module.__name__}) defines no {', '.join(missing)}. "
            f"See {GROUPS[group].replace('.', '/')}/__init__.py."
        )
    for need in sorted(module.NEEDS - needs):
        raise CairnError(f"{what} {name!r} needs {need!r}, which nobody makes. Allowed: {', '.join(sorted(needs))}.")
    return module


def _from_file(module: str, file: Path) -> ModuleType:
    """Return a user's file as a module; what it prints goes to standard error, where no output of ours is spoilt."""
    spec = importlib.util.spec_from_file_location(module, file)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    late = threading.Timer(LATE, lambda: say(f"{file} is still being imported, after {LATE:.0f} s"))
    late.daemon = True
    late.start()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            spec.loader.exec_module(loaded)
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:  # SystemExit too, and what a library takes for its own end
        at = raised_at(error, [file])
        what = str(error) if isinstance(error, CairnError) else f"{told(error)}."
        raise CairnError(f"{f'{at},' if at else shown(file)} cannot be imported: {what}") from error
    finally:
        late.cancel()
    return loaded
