"""What the shell offers for arguments; where there is no project, or a broken one, nothing, and no message."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

Complete = Callable[["click.Context", "click.Parameter", str], list[str]]


def _offered(names: Callable[[], Iterable[str]]) -> Complete:
    @functools.wraps(names)
    def complete(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
        try:
            return sorted({name for name in names() if name.startswith(begun)})
        except Exception:  # a traceback in the middle of somebody's command line helps nobody
            return []

    return complete


@_offered
def every_task() -> Iterable[str]:
    """All tasks there are."""
    from curation.cli import _tables
    from curation.core import registry

    _tables.experiment()
    return registry.names("tasks")


@_offered
def tasks() -> Iterable[str]:
    """Those of params.yaml."""
    from curation.cli import _tables

    found = _tables.experiment()
    return (*found.intermediate, *found.targets, *found.retrieval)


@_offered
def curated() -> Iterable[str]:
    """The intermediate tasks of params.yaml."""
    from curation.cli import _tables

    return _tables.experiment().intermediate


@_offered
def profiles() -> Iterable[str]:
    """Those of ``profiles/``, and ``own``."""
    from pathlib import Path

    from curation.cli import _own

    found = [file.stem for file in Path("profiles").glob("[!.]*.yaml")]
    return (*found, _own.PROFILE) if found else ()


@_offered
def tables() -> Iterable[str]:
    """Tables of a task, with the names of scorers and languages."""
    from curation.cli import _tables
    from curation.core import params

    languages = (params.load().get("translate") or {}).get("languages") or []
    parts = {"SCORER": _tables.experiment().judges, "LANG": tuple(map(str, languages))}
    for table in _tables.TABLES:
        name, _, part = table.partition("/")
        yield from (f"{name}/{one}" for one in parts[part]) if part else (name,)


@_offered
def columns() -> Iterable[str]:
    """Columns of the quality tables of params.yaml, scorers first among them."""
    import pyarrow.parquet as pq

    from curation.cli import _tables
    from curation.core import paths

    found = _tables.experiment()
    for name in found.intermediate:
        if paths.quality(name).exists():
            yield from pq.read_schema(paths.quality(name)).names
    yield from (*found.judges, "label", "text")
