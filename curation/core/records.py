"""Records: Arrow tables with one schema per kind, keyed by ``(id, lang)``, sorted by it.

``id`` is the task name and a short hash of the content *without its label*, so that it stays the same after
subsetting, shuffling, translation and label correction. Exact duplicates keep separate ids (``~2``, ``~3``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc

from curation.core import files
from curation.core.errors import CairnError
from curation.core.kinds import KINDS
from curation.core.task import Example, Kind

SCHEMA_VERSION = "1"

_string, _int = pa.string(), pa.int32()
_TYPES = {
    "string": _string,
    "strings": pa.list_(_string),
    "int": _int,
    "ints": pa.list_(_int),
    "answers": pa.list_(pa.struct([("text", _string), ("start", _int)])),
}
_common = [("id", _string), ("lang", _string), ("key", _string), ("group", _string)]
LABEL_FIELD: Mapping[Kind, str] = {kind: facts.label for kind, facts in KINDS.items() if facts.label}
"""Kind to the column that holds the gold label; the other fields of the kind are its content."""


def schema(kind: Kind) -> pa.Schema:
    """Return the Arrow schema of ``kind``, with the schema version in its metadata."""
    fields = [(name, _TYPES[type_]) for name, type_ in KINDS[kind].fields]
    return pa.schema(_common + fields, metadata={"cairn.kind": kind, "cairn.schema": SCHEMA_VERSION})


def content_fields(kind: Kind) -> list[str]:
    """Return the content columns of ``kind``: what a model reads, without the label.

    >>> content_fields("pair")
    ['text_a', 'text_b']
    """
    return list(KINDS[kind].content)


def content_hash(kind: Kind, example: Mapping[str, Any]) -> str:
    """Return 12 hex digits that name the content of a row, label excluded."""
    values = [example[name] for name in content_fields(kind)]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def make_ids(task: str, hashes: Iterable[str]) -> list[str]:
    """Return ``task-hash`` per row; the second row of one hash gets ``~2``, the third ``~3``.

    >>> make_ids("t", ["aa", "bb", "aa"])
    ['t-aa', 't-bb', 't-aa~2']
    """
    seen: dict[str, int] = {}
    ids = []
    for value in hashes:
        seen[value] = seen.get(value, 0) + 1
        ids.append(f"{task}-{value}" + (f"~{seen[value]}" if seen[value] > 1 else ""))
    return ids


def table(kind: Kind, ids: Sequence[str], langs: Sequence[str], examples: Sequence[Example]) -> pa.Table:
    """Return the record table of ``examples`` in canonical order (by ``id``, then ``lang``).

    Raises :class:`CairnError` when a key ``(id, lang)`` occurs twice.
    """
    shape = schema(kind)
    common = {
        "id": ids,
        "lang": langs,
        "key": [example.key for example in examples],
        "group": [example.group or id_ for id_, example in zip(ids, examples, strict=True)],
    }
    columns = {name: common[name] if name in common else _column(name, examples) for name in shape.names}
    return canonical(pa.table([pa.array(columns[f.name], f.type) for f in shape], schema=shape))


def _column(name: str, examples: Sequence[Example]) -> list[Any]:
    """Return one field of all examples; a mapping per row would take several times the memory."""
    values = [getattr(example, name) for example in examples]
    if name == "answers":
        return [None if answers is None else [asdict(answer) for answer in answers] for answers in values]
    return values


def canonical(records: pa.Table) -> pa.Table:
    """Return ``records`` sorted by ``(id, lang)``; raise :class:`CairnError` when such a key occurs twice."""
    ordered = records.sort_by([("id", "ascending"), ("lang", "ascending")])
    keys = pc.binary_join_element_wise(ordered["id"], ordered["lang"], "\x1f")
    if len(keys) != pc.count_distinct(keys).as_py():
        counts = pc.value_counts(keys)
        twice = [str(c["values"]).replace("\x1f", " in ") for c in counts.to_pylist() if c["counts"] > 1]
        raise CairnError(
            f"{len(twice)} record keys occur more than once, first: {twice[0]}. Keys (id, lang) must be unique."
        )
    return ordered


def kind_of(records: pa.Table) -> Kind:
    """Return the kind written in the table's metadata; raise :class:`CairnError` for a table that is not records."""
    metadata = records.schema.metadata or {}
    if metadata.get(b"cairn.schema", b"").decode() != SCHEMA_VERSION or b"cairn.kind" not in metadata:
        raise CairnError(
            f"not a Cairn record table of schema version {SCHEMA_VERSION}; run `dvc repro` to make it again."
        )
    kind: Kind = metadata[b"cairn.kind"].decode()
    return kind


def write(path: Path, records: pa.Table) -> None:
    """Write ``records`` in canonical order, atomically, same bytes for the same rows."""
    kind = kind_of(records)
    files.write_parquet(path, canonical(records.select(schema(kind).names).cast(schema(kind))))


def read(path: Path) -> pa.Table:
    """Read records; raise :class:`CairnError` for a missing, truncated or foreign file."""
    records = files.read_parquet(path)
    try:
        kind_of(records)
    except CairnError as error:
        raise CairnError(f"{path}: {error}") from None
    return records


class Rows(Sequence[dict[str, Any]]):
    """The rows of a table as mappings, of which a block is made at a time: all at once take a kilobyte each.

    >>> [row["a"] for row in Rows(pa.table({"a": [1, 2, 3]}))]
    [1, 2, 3]
    """

    def __init__(self, table: pa.Table, block: int = 4096):
        self._table, self._block = table, block

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield every row in order."""
        for batch in self._table.to_batches(max_chunksize=self._block):
            yield from batch.to_pylist()

    @overload
    def __getitem__(self, at: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, at: slice) -> Rows: ...

    def __getitem__(self, at: int | slice) -> dict[str, Any] | Rows:
        """Return one row, or some as :class:`Rows`."""
        if isinstance(at, slice):
            start, stop, step = at.indices(len(self))
            if step != 1:
                raise ValueError("rows are read in steps of one")
            return Rows(self._table.slice(start, max(0, stop - start)), self._block)
        place = range(len(self))[at]
        found: dict[str, Any] = self._table.slice(place, 1).to_pylist()[0]
        return found


def text_of(kind: Kind, record: Mapping[str, Any]) -> str:
    """Return a row's content as one string, fields joined by ``" | "``: for display, rules and whole-row vectors.

    >>> text_of("pair", {"text_a": "A dog runs.", "text_b": "It moves."})
    'A dog runs. | It moves.'
    """
    parts: list[str] = []
    for name in content_fields(kind):
        value = record[name]
        if name in ("pool", "side"):
            continue
        parts.append(value if isinstance(value, str) else (" " if name == "tokens" else " / ").join(value or ()))
    return " | ".join(parts)
