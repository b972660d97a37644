from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from curation import embed, neighbours
from curation.core import files, paths
from curation.core.errors import CairnError
from curation.embed import Vectors
from curation.neighbours.__main__ import run as run_neighbours

PROFILE = (Path(__file__).parents[3] / "profiles" / "demo.yaml").read_text(encoding="utf-8")


@pytest.fixture
def rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """A project folder with the vectors of 300 rows; returns them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PROFILE)
    vectors = np.random.default_rng(1).normal(size=(300, 16)).astype(np.float16)
    monkeypatch.setattr(embed, "load", lambda task: Vectors([f"{task}-{i}" for i in range(len(vectors))], vectors, {}))
    return vectors


def set_params(old: str, new: str) -> None:
    text = Path("params.yaml").read_text()
    assert old in text
    Path("params.yaml").write_text(text.replace(old, new))


def test_the_stage_writes_a_graph_that_loads(rows: np.ndarray) -> None:
    run_neighbours("t")
    graph = neighbours.load("t")
    assert (graph.indices.dtype, graph.similarity.dtype) == (np.int32, np.float32)
    assert graph.indices.shape == graph.similarity.shape == (300, 40)
    unit = rows.astype(np.float32) / np.linalg.norm(rows.astype(np.float32), axis=1, keepdims=True)
    assert graph.similarity[7, 0] == pytest.approx(np.delete(unit @ unit[7], 7).max(), abs=1e-5)
    manifest = files.read_json(paths.neighbours("t") / "manifest.json")
    assert manifest == {"rows": 300, "dimensions": 16, "k": 40, "index": "flat", "recall": 1.0}
    first = [file.read_bytes() for file in sorted(paths.neighbours("t").iterdir())]
    run_neighbours("t")
    assert [file.read_bytes() for file in sorted(paths.neighbours("t").iterdir())] == first


def test_above_the_limit_the_index_is_approximate_and_its_recall_recorded(rows: np.ndarray) -> None:
    set_params("flat_limit: 50000", "flat_limit: 200")
    run_neighbours("t")
    manifest = files.read_json(paths.neighbours("t") / "manifest.json")
    assert manifest["index"] == "ivf"
    assert manifest["recall"] >= 0.95
    assert manifest["effort"] >= 1


def test_an_index_that_falls_short_says_so(rows: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    set_params("recall: 0.95", "recall: 1.0")
    set_params("  index: auto", "  index: ivf")
    run_neighbours("t")
    assert "greatest effort" not in capsys.readouterr().err
    set_params("  index: ivf ", "  index: ivf8 ")  # its vectors are rounded
    run_neighbours("t")
    assert files.read_json(paths.neighbours("t") / "manifest.json")["recall"] < 1
    said = capsys.readouterr().err
    assert "neighbours: index ivf8 finds" in said
    assert "Take neighbours.index: flat" in said


def test_mistakes_name_what_to_type(rows: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CairnError, match=r"data/neighbours/t/indices.npy cannot be read.*dvc repro"):
        neighbours.load("t")
    monkeypatch.setattr(embed, "load", lambda task: Vectors(["t-0"], rows[:1], {}))
    with pytest.raises(CairnError, match=r"holds 1 rows; neighbours need 2\. Raise fetch\.rows\.intermediate\.train"):
        run_neighbours("t")
    set_params("memory_mb: null", "memory_mb: 1")
    with pytest.raises(CairnError, match=r"neighbours\.memory_mb is 1"):
        run_neighbours("t")


@pytest.mark.parametrize("name", ["indices.npy", "similarity.npy", "manifest.json"])
def test_a_flipped_byte_is_a_sentence(rows: np.ndarray, name: str) -> None:
    run_neighbours("t")
    file = paths.neighbours("t") / name
    content = bytearray(file.read_bytes())
    content[-5] ^= 1
    file.write_bytes(content)
    with pytest.raises(CairnError, match=rf"{name} is damaged"):
        files.read_json(file) if name.endswith("json") else neighbours.load("t")
