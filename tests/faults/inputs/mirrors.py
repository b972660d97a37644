"""Mirrors of the hub as people have them: name to what is done to the folder of the data set ``org/data``.

Whole, it has ``default/train-00000-of-00001.parquet`` and ``default/validation-00000-of-00001.parquet``.
"""

from __future__ import annotations

import gzip
import io
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq

TRAIN, DEV = "default/train-00000-of-00001.parquet", "default/validation-00000-of-00001.parquet"
ROWS = [
    {"premise": f"Dog number {n} runs.", "hypothesis": f"Animal {n} moves.", "label": ("no", "yes")[n % 2]}
    for n in range(40)
]
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1\nsize 12345\n"
Change = Callable[[Path], Any]


def whole(folder: Path) -> None:
    """Make the data set as it should be."""
    for name in (TRAIN, DEV):
        _table(folder / name, pa.Table.from_pylist(ROWS))


def _table(file: Path, table: pa.Table, **options: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file, **options)


def _parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def _bytes(change: Callable[[bytes], bytes]) -> Change:
    return lambda folder: (folder / TRAIN).write_bytes(change((folder / TRAIN).read_bytes()))


def _columns(change: Callable[[pa.Table], pa.Table]) -> Change:
    return lambda folder: _table(folder / TRAIN, change(pa.Table.from_pylist(ROWS)))


def _set(name: str, values: list[Any], kind: pa.DataType | None = None) -> Change:
    def change(table: pa.Table) -> pa.Table:
        return table.set_column(table.schema.names.index(name), name, pa.array(values, kind))

    return _columns(change)


def _instead(name: str, content: bytes) -> Change:
    """Put another file in the place of the train split."""

    def change(folder: Path) -> None:
        (folder / TRAIN).unlink()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)

    return change


def _readme(text: bytes, name: str = "data/train.parquet") -> Change:
    def change(folder: Path) -> None:
        _instead(name, _parquet(pa.Table.from_pylist(ROWS)))(folder)
        (folder / "README.md").write_bytes(text)

    return change


def _link(name: str, to: str) -> Change:
    def change(folder: Path) -> None:
        place = folder / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()
        place.symlink_to(to)

    return change


def _metadata(value: bytes) -> Change:
    return _columns(lambda table: table.replace_schema_metadata({b"huggingface": value}))


def _header(path: str) -> bytes:
    return (
        f"---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: {path}\n"
        f"  - split: validation\n    path: {DEV}\n---\n"
    ).encode()


def _feather(folder: Path) -> None:
    (folder / TRAIN).unlink()
    feather.write_feather(pa.Table.from_pylist(ROWS), folder / TRAIN)


JSONL = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
BIG = [{**row, "label": 2**62} for row in ROWS]
NAMES = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["no", "yes"]}}}}
CASES: Mapping[str, Change] = {
    "whole": lambda folder: None,
    # bytes
    "cut short": _bytes(lambda content: content[: len(content) // 2]),
    "without its last byte": _bytes(lambda content: content[:-1]),
    "empty file": _bytes(lambda content: b""),
    "zeros": _bytes(lambda content: bytes(len(content))),
    "zeros at the end": _bytes(lambda content: content[:-300] + bytes(300)),
    "a flipped page": _bytes(lambda content: content[:40] + bytes([content[40] ^ 255] * 40) + content[80:]),
    "a flipped footer": _bytes(lambda content: content[:-60] + bytes([content[-60] ^ 255]) + content[-59:]),
    "grown": _bytes(lambda content: content + b"more"),
    "twice": _bytes(lambda content: content * 2),
    "pointer of git lfs": _bytes(lambda content: LFS),
    "pointer of git annex": _bytes(lambda content: b"/annex/objects/SHA256E-s123--abc.parquet\n"),
    "a page of html": _bytes(lambda content: b"<!DOCTYPE html><title>404</title>"),
    "json lines called parquet": _bytes(lambda content: JSONL),
    "gzip called parquet": _bytes(gzip.compress),
    "feather called parquet": _feather,
    "only the magic": _bytes(lambda content: b"PAR1PAR1"),
    "encrypted": _bytes(lambda content: b"PARE" + content[4:-4] + b"PARE"),
    # files
    "nothing": shutil.rmtree,
    "no train": lambda folder: (folder / TRAIN).unlink(),
    "no validation": lambda folder: (folder / DEV).unlink(),
    "empty folder": lambda folder: shutil.rmtree(folder / "default"),
    "a file instead of the config": lambda folder: (shutil.rmtree(folder / "default"), (folder / "default").touch()),
    "a file instead of the data set": lambda folder: (shutil.rmtree(folder), folder.touch()),
    "a folder instead of the file": lambda folder: ((folder / TRAIN).unlink(), (folder / TRAIN).mkdir()),
    "another config": lambda folder: (folder / "default").rename(folder / "Default "),
    "another split": lambda folder: (folder / TRAIN).rename(folder / "default/training-00000-of-00001.parquet"),
    "a shard missing": lambda folder: (folder / TRAIN).rename(folder / "default/train-00000-of-00002.parquet"),
    "the first shard missing": lambda folder: (folder / TRAIN).rename(folder / "default/train-00001-of-00002.parquet"),
    "shards of two counts": lambda folder: shutil.copy(folder / TRAIN, folder / "default/train-00000-of-00002.parquet"),
    "a number too many": lambda folder: shutil.copy(folder / TRAIN, folder / "default/train-00007-of-00001.parquet"),
    "a hidden file beside": lambda folder: (folder / "default/._train-00000-of-00001.parquet").write_bytes(b"\x00\x05"),
    "json lines": _instead("default/train.jsonl", JSONL),
    "packed json lines": _instead("default/train.jsonl.gz", gzip.compress(JSONL)),
    "csv": _instead("default/train.csv", b"premise,hypothesis,label\n"),
    "arrow": _instead("default/data-00000-of-00001.arrow", b"ARROW1"),
    "a script": _instead("data.py", b"import datasets\n"),
    "conversion branch": _instead("default/train/0000.parquet", _parquet(pa.Table.from_pylist(ROWS))),
    "broken conversion branch": _instead("default/train/0000.parquet", b"PAR1"),
    "a link to itself": _link(TRAIN, "train-00000-of-00001.parquet"),
    "a link to nowhere": _link(TRAIN, "../../blobs/gone"),
    "a link to the folder": _link(TRAIN, "."),
    "a config that is a link to itself": _link("default", "default"),
    # README
    "readme names the file": _readme(_header("data/train.parquet")),
    "readme names many": _readme(_header("data/*.parquet")),
    "readme names nothing": _readme(_header("other/*.parquet")),
    "readme names json": _readme(_header("data/train.jsonl")),
    "readme leads out": _readme(_header("../../x/*.parquet")),
    "readme names an absolute path": _readme(_header("/etc/*.parquet")),
    "readme names a broken pattern": _readme(_header("'data/[.parquet'")),
    "readme names two stars within": _readme(_header("'data/a**b.parquet'")),
    "readme names an empty path": _readme(_header("''")),
    "readme names a number": _readme(_header("3")),
    "readme names a list of numbers": _readme(_header("[3, null]")),
    "readme is no yaml": _readme(b"---\nconfigs: [\n---\n"),
    "readme is a list": _readme(b"---\n- a\n---\n"),
    "readme in latin-1": _readme("---\nname: café\n---\n".encode("latin-1")),
    "readme with a bad date": _readme(b"---\nday: 2020-13-45\n---\n"),
    "readme nested deep": _readme(b"---\nx: " + b"[" * 3000 + b"\n---\n"),
    "readme is a folder": lambda folder: ((folder / TRAIN).unlink(), (folder / "README.md").mkdir()),
    # columns
    "no rows": _columns(lambda table: table.slice(0, 0)),
    "no columns": _columns(lambda table: table.select([])),
    "another name": _columns(lambda table: table.rename_columns(["sentence1", "hypothesis", "label"])),
    "a name twice": _columns(lambda table: table.rename_columns(["premise", "premise", "label"])),
    "an empty name": _columns(lambda table: table.rename_columns(["", "hypothesis", "label"])),
    "columns of bytes": _set("premise", [b"caf\xe9"] * 40, pa.binary()),
    "all null": _set("premise", [None] * 40, pa.null()),
    "half null": _set("premise", [None, "x"] * 20),
    "numbers for texts": _set("premise", list(range(40))),
    "lists for texts": _set("premise", [["a", "b"]] * 40),
    "structs for texts": _set("premise", [{"en": "a"}] * 40),
    "maps for texts": _set("premise", [[("en", "a")]] * 40, pa.map_(pa.string(), pa.string())),
    "large texts": _set("premise", [row["premise"] for row in ROWS], pa.large_string()),
    "a dictionary of texts": _columns(
        lambda table: table.set_column(0, "premise", table.column(0).combine_chunks().dictionary_encode())
    ),
    "labels as numbers": _set("label", [0, 1] * 20),
    "labels as floats": _set("label", [0.0, float("nan")] * 20),
    "labels out of range": _set("label", [7] * 40),
    "labels as booleans": _set("label", [True, False] * 20),
    "labels beyond 64 bits": _set("label", [2**62] * 40),
    "labels as dates": _set("label", [10**9] * 40, pa.date32()),
    "times beyond 9999": _set("label", [10**15] * 40, pa.timestamp("ms")),
    "one class only": _set("label", ["no"] * 40),
    "row groups of one": lambda folder: _table(folder / TRAIN, pa.Table.from_pylist(ROWS), row_group_size=1),
    "shards that differ": lambda folder: (
        (folder / TRAIN).rename(folder / "default/train-00000-of-00002.parquet"),
        _table(folder / "default/train-00001-of-00002.parquet", pa.table({"other": [1, 2]})),
    ),
    # metadata
    "classes by name": _metadata(json.dumps(NAMES).encode()),
    "metadata is no json": _metadata(b"{"),
    "metadata is a list": _metadata(b"[]"),
    "metadata is null": _metadata(b"null"),
    "metadata in latin-1": _metadata(b'{"info": {"features": {"caf\xe9": {}}}}'),
    "metadata nested deep": _metadata(b"[" * 100_000),
    "features are a list": _metadata(b'{"info": {"features": []}}'),
    "class names are numbers": _metadata(
        b'{"info": {"features": {"label": {"_type": "ClassLabel", "names": [0, 1]}}}}'
    ),
    "class names are a text": _metadata(b'{"info": {"features": {"label": {"_type": "ClassLabel", "names": "no"}}}}'),
}
"""Name to what is changed in the folder ``org/data`` of a mirror."""
PLACES: Mapping[str, Change] = {
    "is not there": lambda mirror: shutil.rmtree(mirror),
    "is a file": lambda mirror: (shutil.rmtree(mirror), mirror.touch()),
    "is empty": lambda mirror: (shutil.rmtree(mirror), mirror.mkdir()),
    "is a link to itself": lambda mirror: (shutil.rmtree(mirror), mirror.symlink_to(mirror)),
    "holds another data set": lambda mirror: (mirror / "org").rename(mirror / "others"),
}
"""Name to what is changed in the mirror itself."""
