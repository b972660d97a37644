import os
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core import files
from curation.core.errors import CairnError
from curation.embed import cache as caching
from curation.embed.cache import Ragged, VectorCache, keys, new_array

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))


def vectors(n: int, first: float = 0.0) -> np.ndarray:
    return (first + np.arange(n * 3).reshape(n, 3)).astype(np.float16)


def test_what_was_added_is_found_in_any_order() -> None:
    names = keys([("a",), ("b",), ("c",), ("d",)])
    VectorCache("e").add(names[:2], vectors(2))
    VectorCache("e").add(names[2:3], vectors(1, 100))
    cache = VectorCache("e")
    asked = names[[2, 3, 0, 1, 0]]
    found = cache.find(asked)
    assert (found >= 0).tolist() == [True, False, True, True, True]
    out = np.zeros((4, 3), np.float16)
    cache.gather(found[[0, 2, 3, 4]], out)
    assert out[:, 0].tolist() == [100, 0, 3, 0]
    assert cache.width(found[0]) == 3
    assert VectorCache("other").find(asked).tolist() == [-1] * 5


def test_several_vectors_per_content() -> None:
    names = keys([("a", "b"), (), ("c",)])
    VectorCache("w").add(names, vectors(3), np.array([0, 2, 2, 3]))
    cache = VectorCache("w")
    found = dict(cache.entries(cache.find(names[[2, 1, 0]])))
    assert [found[row][:, 0].tolist() for row in range(3)] == [[6], [], [0, 3]]


def test_large_additions_are_cut_into_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching, "BLOCK_BYTES", 4 * 3 * 2)
    names = keys([(str(i),) for i in range(6)])
    lengths = np.array([3, 1, 9, 0, 2, 2])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    VectorCache("w").add(names, vectors(17), offsets)
    VectorCache("f").add(names, vectors(6))
    cache = VectorCache("w")
    with sqlite3.connect(cache.path) as database:
        assert database.execute("select count(*) from blocks").fetchone() == (3,)
    database.close()
    found = dict(cache.entries(cache.find(names)))
    assert (np.concatenate([found[row] for row in range(6)]) == vectors(17)).all()
    out = np.zeros((6, 3), np.float16)
    fixed = VectorCache("f")
    fixed.gather(fixed.find(names), out)
    assert (out == vectors(6)).all()


MANY = """
import resource
from pathlib import Path
import numpy as np
from curation.embed.cache import VectorCache, keys
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
for shard in range(300):
    VectorCache("many").add(keys([(str(shard), str(i)) for i in range(4)]), np.full((4, 8), shard, np.float16))
cache = VectorCache("many")
found = cache.find(keys([(str(shard), "3") for shard in range(300)]))
out = np.zeros((300, 8), np.float16)
cache.gather(found, out)
assert (out == np.arange(300)[:, None]).all()
print(len(list(Path("/proc/self/fd").iterdir())), len(list(cache.path.parent.iterdir())))
"""


def test_three_hundred_shards_with_few_descriptors(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", MANY]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    descriptors, in_folder = map(int, done.stdout.split())
    assert descriptors < 20
    assert in_folder == 1


def damaged(how: random.Random, content: bytes) -> bytes:
    """Return ``content`` with a flipped bit, a hole of zeros, or its end cut off."""
    at = how.randrange(len(content))
    kind = how.choice(["flip", "flip", "flip", "zeros", "cut"])
    if kind == "flip":
        return content[:at] + bytes([content[at] ^ 1 << how.randrange(8)]) + content[at + 1 :]
    if kind == "zeros":
        return content[:at] + b"\0" * len(content[at : at + 5000]) + content[at + 5000 :]
    return content[:at]


def test_no_damage_is_used_and_none_is_fatal(capsys: pytest.CaptureFixture[str]) -> None:
    """200 damages of the file: what is found is what was written, the rest can be added again."""
    names = keys([(str(i),) for i in range(240)])
    values = np.random.default_rng(0).normal(size=(240, 40)).astype(np.float16)
    cache = VectorCache("e")
    for start in range(0, 240, 40):
        cache.add(names[start : start + 40], values[start : start + 40])
    whole, how, lost = cache.path.read_bytes(), random.Random(3), 0
    for _ in range(200):
        cache.path.write_bytes(damaged(how, whole))
        cache = VectorCache("e")
        lost += bool((cache.find(names) < 0).any())
        found = cache.complete(names, lambda missing, cache=cache: cache.add(names[missing], values[missing]))
        out = np.zeros_like(values)
        cache.gather(found, out)
        assert out.tobytes() == values.tobytes()
    said = capsys.readouterr().err.splitlines()
    assert lost > 50
    assert all("is damaged" in line for line in said)
    assert len(said) >= lost * 0.9  # flips of an index entry lose a key in silence: its text is encoded again


def test_vectors_of_an_older_cairn_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    folder = VectorCache("e").path.parent / "old-text"
    folder.mkdir()
    (folder / "x.keys.npy").write_bytes(b"?")
    assert VectorCache("old-text").find(keys([("a",)])).tolist() == [-1]
    assert "old-text holds vectors of an older Cairn" in capsys.readouterr().err
    assert (folder / "x.keys.npy").exists()


@given(st.lists(st.lists(st.text(max_size=3), max_size=3).map(tuple), max_size=20))
def test_keys_are_equal_only_for_equal_contents(contents: list[tuple[str, ...]]) -> None:
    assert len(np.unique(keys(contents))) == len(set(contents))


def test_ragged_rows_share_entries(tmp_path: Path) -> None:
    values = new_array(tmp_path / "values.npy", 3, 3)
    values[:] = vectors(3)
    Ragged(values, np.array([0, 2, 3]), np.array([1, 0, 1])).save(tmp_path)
    ragged = Ragged.load(tmp_path)
    assert [len(ragged[i]) for i in range(3)] == [1, 2, 1]
    assert ragged[0].tolist() == ragged[2].tolist() == [[6, 7, 8]]


def test_broken_array_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.npy").write_bytes(b"\x93NUMPY")
    for name in ("x.npy", "missing.npy"):
        with pytest.raises(CairnError, match="dvc repro"):
            files.open_array(tmp_path / name)


def test_array_of_nothing(tmp_path: Path) -> None:
    assert new_array(tmp_path / "none.npy", 0, 4).shape == files.open_array(tmp_path / "none.npy").shape == (0, 4)


def test_an_array_too_large_for_the_disk_is_an_error_and_no_bus_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"No space.*x\.npy"):
        new_array(tmp_path / "x.npy", 1 << 40, 4)
    assert not list(tmp_path.iterdir())
