from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.core.errors import CairnError
from curation.embed.cache import Ragged, VectorCache, keys, new_array, open_array


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
    assert VectorCache("other").find(asked).tolist() == [-1] * 5


def test_shard_without_keys_does_not_count() -> None:
    """A run killed between the two files leaves vectors that nobody may take for whole."""
    names = keys([("a",), ("b",)])
    cache = VectorCache("e")
    cache.add(names, vectors(2))
    next(cache.folder.glob("*.keys.npy")).unlink()
    assert VectorCache("e").find(names).tolist() == [-1, -1]


def test_several_vectors_per_content() -> None:
    names = keys([("a", "b"), (), ("c",)])
    VectorCache("w").add(names, vectors(3), np.array([0, 2, 2, 3]))
    cache = VectorCache("w")
    found = cache.find(names)
    assert [cache.get(int(at))[:, 0].tolist() for at in found] == [[0, 3], [], [6]]


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
            open_array(tmp_path / name)


def test_array_of_nothing(tmp_path: Path) -> None:
    assert new_array(tmp_path / "none.npy", 0, 4).shape == open_array(tmp_path / "none.npy").shape == (0, 4)
