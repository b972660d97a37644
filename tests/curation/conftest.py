from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
import zlib
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation.core import records, registry
from curation.core.task import Answer, Example, Task
from curation.embed import Vectors
from curation.embed.store import row_texts
from curation.language import words
from curation.probe import Probe
from curation.score import scorers
from curation.search import exact, knn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt

DIMENSIONS = 256


def encode(texts: Sequence[str]) -> npt.NDArray[np.float16]:
    """A small honest text encoder: hashed character trigrams and words, L2-normalised."""
    out = np.zeros((len(texts), DIMENSIONS), np.float32)
    for i, text in enumerate(texts):
        padded = f"  {text.casefold()}  "
        for part in [padded[j : j + 3] for j in range(len(padded) - 2)] + text.casefold().split():
            out[i, zlib.crc32(part.encode()) % DIMENSIONS] += 1
    return exact.unit(out).astype(np.float16)


def table(kind: str, examples: Sequence[Example], task: str = "t", langs: Sequence[str] | None = None) -> pa.Table:
    plain = [replace(example, key=example.key or str(i)) for i, example in enumerate(examples)]
    bare = [{name: getattr(example, name) for name in records.content_fields(kind)} for example in plain]  # type: ignore[arg-type]
    ids = records.make_ids(task, [records.content_hash(kind, values) for values in bare])  # type: ignore[arg-type]
    return records.table(kind, ids, langs or ["en"] * len(plain), plain)  # type: ignore[arg-type]


@pytest.fixture
def make_table() -> Callable[..., pa.Table]:
    return table


def guessed(rows: pa.Table, labels: int) -> Probe:
    """Probabilities of the right shape, drawn anew for every id: what a probe gives, without its knowledge."""
    kind, found = records.kind_of(rows), []
    for row in rows.to_pylist():
        rng = np.random.default_rng(zlib.crc32(row["id"].encode()))
        shape = {
            "classify": lambda row: labels,
            "pair": lambda row: labels,
            "choice": lambda row: len(row["choices"]),
            "tags": lambda row: (len(row["tokens"]), labels),
            "span": lambda row: (2, 1 + len(words.places(row["context"]))),
        }[kind](row)
        lines, of = (None, shape) if isinstance(shape, int) else shape
        values = rng.dirichlet(np.ones(of), lines)
        found.append((values.T if kind == "span" else values).astype(np.float32))
    fold = np.array([zlib.crc32(row.encode()) % 5 for row in rows["group"].to_pylist()], np.int8)
    return Probe(rows["id"].to_pylist(), fold, found, {"untrained": {}})


def inputs_of(
    rows: pa.Table,
    labels: Sequence[str] = ("yes", "no"),
    targets: Mapping[str, Mapping[str, pa.Table]] | None = None,
    k: int = 5,
) -> scorers.Inputs:
    kind = records.kind_of(rows)
    cache: dict[str, Any] = {}

    def vectors() -> Vectors:
        if "vectors" not in cache:
            texts = {"pair": ("text_a", "text_b"), "span": ("question", "context"), "choice": ("prompt",)}.get(kind, ())
            parts = {name: encode(rows[name].to_pylist()) for name in texts}
            cache["vectors"] = Vectors(rows["id"].to_pylist(), encode(row_texts(kind, rows.to_pylist())), parts)
        found: Vectors = cache["vectors"]
        return found

    loaders = {
        "probe": lambda: guessed(rows, len(labels)),
        "vectors": vectors,
        "encode": encode,
        "neighbours": lambda: knn.graph(vectors().row, k, "flat", 1.0)[0],
        "targets": lambda: targets or {},
    }
    return scorers.Inputs("t", Task(kind=kind, metric="accuracy", labels=tuple(labels)), rows, 17, loaders)


@pytest.fixture
def make_inputs() -> Callable[..., scorers.Inputs]:
    return inputs_of


WHO = ("man", "woman", "child", "farmer", "doctor", "singer", "teacher", "driver")
WHAT = ("reads a long letter", "paints the old fence", "buys fresh bread", "repairs a bicycle", "waits for the train")
WHERE = ("in the garden", "near the harbour", "behind the school", "at the market", "by the river")


def sentences() -> list[str]:
    return [f"The {who} {what} {where}." for who in WHO for what in WHAT for where in WHERE]


@pytest.fixture
def plain_sentences() -> list[str]:
    return sentences()


def examples(kind: str, n: int) -> list[Example]:
    """n labelled rows of a kind with no defect."""
    said = sentences()
    made: list[Example] = []
    for i in range(n):
        text, other = said[i % len(said)], said[(7 * i + 3) % len(said)]
        made.append(
            {
                "classify": Example(text=text, label=i % 2),
                "pair": Example(text_a=text, text_b=other, label=i % 2),
                "choice": Example(prompt=text, choices=(other, WHERE[i % 5], WHAT[i % 5]), label=i % 3),
                "span": Example(question=f"{other[:-1]}?", context=text, answers=(Answer(text[4:7], 4),)),
                "tags": Example(tokens=tuple(text.split()), tags=tuple(j % 2 for j, _ in enumerate(text.split()))),
                "text": Example(text=text),
            }[kind]
        )
    return made


@pytest.fixture
def make_examples() -> Callable[[str, int], list[Example]]:
    return examples


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "hub"
    folder.mkdir()
    monkeypatch.setenv("CAIRN_HUB_MIRROR", str(folder))
    return folder


@pytest.fixture
def put(mirror: Path) -> Callable[..., None]:
    """Write one split as ``<repo>/<config>/<split>-00000-of-0000N.parquet``; ``names`` makes a column a ClassLabel."""

    def write(
        repo: str,
        config: str,
        split: str,
        rows: Sequence[dict[str, Any]],
        names: dict[str, list[str]] | None = None,
        n: int = 1,
    ):
        folder = mirror / repo / config
        folder.mkdir(parents=True, exist_ok=True)
        features = {
            column: {"names": values, "_type": "ClassLabel"}
            if not isinstance(rows[0][column], list)
            else {"feature": {"names": values, "_type": "ClassLabel"}, "_type": "Sequence"}
            for column, values in (names or {}).items()
        }
        table = pa.Table.from_pylist(list(rows))
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
        size = -(-table.num_rows // n)
        for i in range(n):
            pq.write_table(table.slice(i * size, size), folder / f"{split}-{i:05}-of-{n:05}.parquet")

    return write


def _load() -> ModuleType:
    name = "cairn_test_workspace"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("workspace.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def workspace() -> ModuleType:
    """Return the module that builds experiments."""
    return _load()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, workspace: ModuleType) -> Path:
    """Return the folder of a finished experiment; do not change it."""
    root = tmp_path_factory.mktemp("finished")
    before = Path.cwd()
    os.chdir(root)
    try:
        workspace.build(root)
    finally:
        os.chdir(before)
        registry._folders.clear()
    return root


@pytest.fixture
def inside(finished: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work inside the finished experiment; do not change it."""
    monkeypatch.chdir(finished)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    yield finished
    registry._folders.clear()


@pytest.fixture
def own(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work inside a copy of the finished experiment."""
    root = tmp_path / "own"
    shutil.copytree(finished, root)
    monkeypatch.chdir(root)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    yield root
    registry._folders.clear()
