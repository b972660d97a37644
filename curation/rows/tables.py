"""Parquet as the hub lays it out: the shards of one split, whole and readable, as plain rows."""

from __future__ import annotations

import json
import re
import unicodedata
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


def named(given: Sequence[str], file: Path) -> list[str]:
    """Return the names of columns, those without one called after their place; raise :class:`CairnError` for a double.

    Two spellings of one name, composed and decomposed (Unicode NFC and NFD), are the same name.

    >>> named(["", "text", " ", "column_3"], Path("a.csv"))
    ['column_1', 'text', 'column_3_', 'column_3']
    """
    plain = [unicodedata.normalize("NFC", name) for name in given if name.strip()]
    if len(set(plain)) < len(plain):
        twice = next(name for name in plain if plain.count(name) > 1)
        raise CairnError(f"{file}: two columns are called {twice!r}. Name each one differently.")
    names = []
    for number, name in enumerate(given, start=1):
        if not name.strip():
            name = f"column_{number}"
            while name in plain:
                name += "_"
        names.append(name)
    return names


def read(files: Sequence[Path]) -> list[Row]:
    """Return the rows of ``files``; class numbers become class names, where the file's metadata knows them.

    Dates that Python does not know, beyond the year 9999, come as text. Raises :class:`CairnError` for a file that is
    truncated or not parquet, and for one that calls two columns, or two parts of a column, the same.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[Row] = []
    for file in files:
        try:
            with pq.ParquetFile(file) as opened:
                names = named(opened.schema_arrow.names, file)
                for field in opened.schema_arrow:
                    _check_parts(field.type, field.name, file)
                table = opened.read(use_threads=False)  # as files.read_parquet
        except MemoryError:
            raise
        except (pa.ArrowException, OSError) as error:
            raise CairnError(
                f"{file} cannot be read as parquet ({str(error).split(chr(10))[0]}): truncated or not parquet. "
                "Delete it and fetch it again from where it came."
            ) from None
        rows += _with_class_names(_decoded(table.rename_columns(names)), _features(table.schema))
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
    try:
        return _plain(table)
    except UnicodeDecodeError:
        if table.num_rows == 1:
            return [None]
        half = table.num_rows // 2  # halve until the broken rows stand alone
        return _decoded(table.slice(0, half)) + _decoded(table.slice(half))


def _plain(table: pa.Table) -> list[Row]:
    import pyarrow as pa

    def values(column: pa.ChunkedArray) -> list[Any]:
        try:
            found: list[Any] = column.to_pylist()
        except UnicodeDecodeError:
            raise
        except (OverflowError, ValueError, pa.ArrowException):
            return [_told(value) for value in column]
        return found

    columns = [values(column) for column in table.columns]
    return [dict(zip(table.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def _told(value: pa.Scalar) -> Any:
    """Return a value with its dates and times as text, or as numbers where they have none: Python's end in 9999."""
    import pyarrow as pa

    kind = value.type
    if not value.is_valid:
        return None
    if pa.types.is_dictionary(kind):
        return _told(value.value)
    if pa.types.is_struct(kind):
        return {name: _told(part) for name, part in value.items()}
    if pa.types.is_map(kind):
        return [(_told(pair["key"]), _told(pair["value"])) for pair in value.values]
    if pa.types.is_nested(kind):
        return [_told(part) for part in value.values]
    if not pa.types.is_temporal(kind):
        return value.as_py()
    try:
        return str(value.cast(pa.timestamp(kind.unit) if pa.types.is_timestamp(kind) else kind).cast(pa.string()))
    except pa.ArrowException:
        return str(value.cast(pa.int32() if kind.bit_width == 32 else pa.int64()))


def _check_parts(kind: pa.DataType, name: str, file: Path) -> None:
    """Raise :class:`CairnError` for a struct that calls two of its parts the same."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        named([kind.field(at).name or "-" for at in range(kind.num_fields)], Path(f"{file}: column {name!r}"))
    for at in range(kind.num_fields if pa.types.is_nested(kind) else 0):
        _check_parts(kind.field(at).type, f"{name}.{kind.field(at).name}", file)


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
