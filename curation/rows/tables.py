"""Parquet as the hub lays it out: the shards of one split, whole and readable, as plain rows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError

if TYPE_CHECKING:
    import pyarrow as pa

Row = Mapping[str, Any] | None
"""A row of plain values; ``None`` where its text is not valid UTF-8."""
_NUMBERED = re.compile(r"-(\d{5})-of-(\d{5})\.parquet$")


def shards(folder: Path, config: str, split: str) -> list[Path]:
    """Return the parquet files of one split under a repository's ``folder``, in order; empty when there are none.

    Looked for in this order: ``<config>/<split>-00000-of-00001.parquet``, ``<config>/<split>/0000.parquet`` (the
    layout of the hub's conversion branch), and what the ``configs:`` header of the README names.

    Raises :class:`CairnError` when a numbered shard is missing.
    """
    found = sorted((folder / config).glob(f"{split}-*-of-*.parquet"))
    found = found or sorted((folder / config / split).glob("[!.]*.parquet"))
    found = found or sorted(
        {
            file
            for pattern in patterns(folder, config, split)
            for file in _matching(folder, pattern)
            if not file.name.startswith(".")
        }
    )
    numbered = [match for file in found if (match := _NUMBERED.search(file.name))]
    if numbered and len(numbered) != int(numbered[0][2]):
        have = ", ".join(file.name for file in found)
        raise CairnError(f"{folder}: {config}/{split} should have {int(numbered[0][2])} shards, found {have}.")
    return found


def configs(folder: Path) -> dict[str, list[str]]:
    """Return the configs found in a repository's ``folder`` and the splits of each, for error messages."""
    found: dict[str, set[str]] = {}
    for file in sorted(folder.glob("*/[!.]*.parquet")):
        found.setdefault(file.parent.name, set()).add(_NUMBERED.sub("", file.name).removesuffix(".parquet"))
    for file in sorted(folder.glob("*/*/[!.]*.parquet")):
        found.setdefault(file.parent.parent.name, set()).add(file.parent.name)
    return {config: sorted(splits) for config, splits in sorted(found.items())}


def patterns(folder: Path, config: str, split: str) -> list[str]:
    """Return the file patterns that the ``configs:`` header of the README gives for one split; empty without one."""
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
    header = re.match(r"---\n(.*?\n)---\n", text, flags=re.DOTALL)
    if header is None:
        return []
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        facts = YAML(typ="safe", pure=True).load(header[1])
        files = next(c["data_files"] for c in facts["configs"] if c["config_name"] == config)
        paths = next(f["path"] for f in files if f["split"] == split)
        several = [path for path in ([paths] if isinstance(paths, str) else paths) if isinstance(path, str)]
    except (YAMLError, KeyError, TypeError, ValueError, RecursionError, StopIteration):
        return []  # a README that is not as the hub's are names nothing
    return [path for path in several if path.endswith(".parquet") and ".." not in path and not path.startswith("/")]


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except ValueError:
        return []  # a pattern that is none, such as a**b


def read(files: Sequence[Path]) -> list[Row]:
    """Return the rows of ``files``; class numbers become class names, where the file's metadata knows them.

    Dates that Python does not know, beyond the year 9999, come as text. Raises :class:`CairnError` for a file that is
    truncated or not parquet, and for one that calls two columns the same.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[Row] = []
    for file in files:
        try:
            with pq.ParquetFile(file) as opened:
                names = opened.schema_arrow.names
                if twice := [name for name in names if names.count(name) > 1]:
                    raise CairnError(f"{file}: two columns are called {twice[0]!r}. Name each one differently.")
                table = opened.read(use_threads=False)  # as files.read_parquet
        except MemoryError:
            raise
        except (pa.ArrowException, OSError) as error:
            raise CairnError(
                f"{file} cannot be read as parquet ({str(error).splitlines()[0]}): truncated or not parquet. "
                "Delete it and fetch it again from where it came."
            ) from None
        rows += _with_class_names(_decoded(table), _features(table.schema))
    return rows


def classes(files: Sequence[Path]) -> dict[str, list[str]]:
    """Return column to class names, in the order of their numbers, where the metadata of parquet ``files`` knows them.

    Reads no rows; of files that differ the first one counts.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: dict[str, list[str]] = {}
    for file in files:
        try:
            schema = pq.read_schema(file)
        except (pa.ArrowException, OSError):
            continue  # reading the rows says what is wrong with it
        for column, names in _features(schema).items():
            found.setdefault(column, names)
    return found


def _decoded(table: pa.Table) -> list[Row]:
    import pyarrow as pa

    try:
        rows: list[Row] = table.to_pylist()
    except UnicodeDecodeError:
        if table.num_rows == 1:
            return [None]
        half = table.num_rows // 2  # halve until the broken rows stand alone
        return _decoded(table.slice(0, half)) + _decoded(table.slice(half))
    except (OverflowError, ValueError, pa.ArrowException):
        told = _told(table)
        if told.schema == table.schema:
            raise
        return _decoded(told)
    return rows


def _told(table: pa.Table) -> pa.Table:
    """Return ``table`` with its dates and times as text, or as numbers: Python's end in the year 9999."""
    import pyarrow as pa

    for number, field in enumerate(table.schema):
        if not pa.types.is_temporal(field.type):
            continue
        column = table.column(number)
        try:
            column = column.cast(pa.timestamp(field.type.unit) if pa.types.is_timestamp(field.type) else field.type)
            column = column.cast(pa.string())
        except pa.ArrowException:
            column = column.cast(pa.int32() if field.type.bit_width == 32 else pa.int64()).cast(pa.string())
        table = table.set_column(number, field.name, column)
    return table


def _features(schema: pa.Schema) -> dict[str, list[str]]:
    """Return column to class names for ``ClassLabel`` and ``Sequence(ClassLabel)`` columns.

    Metadata that is not as ``datasets`` writes it says nothing: it is no part of the rows.
    """
    try:
        features = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))["info"]["features"].items()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    found = {}
    for name, feature in features:
        inner = feature.get("feature", feature) if isinstance(feature, dict) else {}
        names = inner.get("names") if isinstance(inner, dict) and inner.get("_type") == "ClassLabel" else None
        if isinstance(names, list) and names and all(isinstance(one, str) for one in names):
            found[name] = names
    return found


def _with_class_names(rows: list[Row], names: dict[str, list[str]]) -> list[Row]:
    def named(value: Any, known: list[str]) -> Any:
        if isinstance(value, list):
            return [named(one, known) for one in value]
        return known[value] if isinstance(value, int) and 0 <= value < len(known) else value

    if not names:
        return rows
    return [None if row is None else {**row, **{c: named(row.get(c), names[c]) for c in names}} for row in rows]
