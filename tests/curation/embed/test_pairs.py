"""The file of pair features: resumed after a kill, taken over when rows change, linked, and never used damaged."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from curation.core import files
from curation.embed import pairs
from curation.embed.cache import Indices, keys
from curation.embed.pairs import Work, link, make, share


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))


class Pairs:
    """Pairs whose features are their number; counts what is computed, and can die."""

    def __init__(self, *numbers: int, dies_at: int | None = None):
        self.numbers, self.dies_at = numbers, dies_at
        self.computed: list[int] = []
        self.told = 0

    def compute(self, shards: Iterable[Indices]) -> Iterator[np.ndarray]:
        for rows in shards:
            if len(self.computed) == self.dies_at:
                raise KeyboardInterrupt
            self.computed += [self.numbers[row] for row in rows]
            yield np.array([[self.numbers[row]] * 8 for row in rows], np.float32)

    def advance(self, rows: int) -> None:
        self.told += rows

    def make(self) -> np.ndarray:
        wanted = keys([(str(number),) for number in self.numbers])
        _, first = np.unique(wanted, return_index=True)
        shards = [np.array(sorted(first))[at : at + 3] for at in range(0, len(first), 3)]
        return np.load(make("e-pairs", Work(wanted, shards, self.compute, self.advance)))


def values(*numbers: int) -> list[list[float]]:
    return [[float(number)] * 8 for number in numbers]


def test_equal_pairs_are_computed_once_and_a_finished_file_not_again() -> None:
    first, second = Pairs(5, 3, 5, 4, 3), Pairs(5, 3, 5, 4, 3)
    assert first.make().tolist() == values(5, 3, 5, 4, 3)
    assert sorted(first.computed) == [3, 4, 5]
    assert second.make().tolist() == values(5, 3, 5, 4, 3)
    assert not second.computed


def test_a_killed_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "SECONDS", 0.0)
    killed, again = Pairs(*range(12), dies_at=9), Pairs(*range(12))
    with pytest.raises(KeyboardInterrupt):
        killed.make()
    assert again.make().tolist() == values(*range(12))
    assert again.computed == [9, 10, 11]
    assert again.told == 12


def test_changed_rows_are_computed_and_the_others_taken_over() -> None:
    Pairs(*range(10)).make()
    changed = Pairs(7, 99, 7, *range(2, 6), 98)
    assert changed.make().tolist() == values(7, 99, 7, *range(2, 6), 98)
    assert sorted(changed.computed) == [98, 99]
    folder = files.cache_folder("vectors") / "e-pairs"
    assert len(list(folder.glob("*.npy"))) == 2  # the older file gave less than half of its rows: another arm's
    Pairs(*range(9)).make()
    assert len(list(folder.glob("*.npy"))) == 2


def test_damage_is_named_and_made_again(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = range(40)
    Pairs(*numbers).make()
    (file,) = (files.cache_folder("vectors") / "e-pairs").glob("*.npy")
    how = random.Random(3)
    for number in range(40):
        victim = how.choice([file, file, file.with_suffix(".keys"), file.with_suffix(".json")])
        content = bytearray(victim.read_bytes())
        at = how.randrange(len(content))
        victim.write_bytes(content[:at] if number % 4 == 0 else content[:at] + b"\xa5\x5a" + content[at + 2 :])
        assert Pairs(*numbers).make().tolist() == values(*numbers)
    for victim in (file, file.with_suffix(".keys"), file.with_suffix(".json"), file.with_suffix(".lock")):
        victim.unlink(missing_ok=True)
        victim.mkdir()
        assert Pairs(*numbers).make().tolist() == values(*numbers)
    assert "is damaged. It was removed, and is made again." in capsys.readouterr().err


def test_a_damaged_unfinished_file_is_made_again_from_the_damage_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pairs, "SECONDS", 0.0)
    with pytest.raises(KeyboardInterrupt):
        Pairs(*range(12), dies_at=9).make()
    (file,) = (files.cache_folder("vectors") / "e-pairs").glob("*.npy")
    content = bytearray(file.read_bytes())
    content[-12 * 16 + 4 * 16] ^= 1  # a value of row 4, in the second shard
    file.write_bytes(content)
    again = Pairs(*range(12))
    assert again.make().tolist() == values(*range(12))
    assert again.computed == [*range(3, 12)]
    assert "made again from the damage on" in capsys.readouterr().err


def test_a_file_with_a_second_name_is_never_written_over(tmp_path: Path) -> None:
    """Its list of checksums is lost, so it is made again: under its first name only."""
    Pairs(1, 2).make()
    (file,) = (files.cache_folder("vectors") / "e-pairs").glob("*.npy")
    link(file, tmp_path / "match.npy")
    before = (tmp_path / "match.npy").stat()
    file.with_suffix(".json").write_text("{")
    assert Pairs(1, 2).make().tolist() == values(1, 2)
    after = (tmp_path / "match.npy").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not file.samefile(tmp_path / "match.npy")


def test_a_link_is_no_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Pairs(1, 2).make()
    (file,) = (files.cache_folder("vectors") / "e-pairs").glob("*.npy")
    link(file, tmp_path / "match.npy")
    assert file.samefile(tmp_path / "match.npy")

    def refuse(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(pairs.os, "link", refuse)  # as on another disk
    link(file, tmp_path / "copy.npy")
    assert (tmp_path / "copy.npy").read_bytes() == file.read_bytes()


def test_the_cache_shares_what_dvc_copied(tmp_path: Path) -> None:
    """As DVC does: it copies, and gives its copy the name in ``data/``."""
    Pairs(1, 2).make()
    Pairs(3, 4).make()
    (file,) = (one for one in (files.cache_folder("vectors") / "e-pairs").glob("*.npy") if np.load(one)[0, 0] == 1)
    with files.replacing_folder(tmp_path / "data") as aside:
        shutil.copy(file, aside / "match.npy")
    (tmp_path / "data" / "match.npy").chmod(0o444)
    share(tmp_path / "data" / "match.npy")
    assert file.samefile(tmp_path / "data" / "match.npy")
    assert len(list(file.parent.glob("*.npy"))) == 2
    again = Pairs(1, 2)
    assert again.make().tolist() == values(1, 2)
    assert again.computed == []
    assert not list(file.parent.glob(".*.part"))
    assert Pairs(1, 2, 5).make().tolist() == values(1, 2, 5)  # rows taken over, from a file that may not be written
    share(tmp_path / "data" / "match.npy")  # nothing of it is kept any more
    assert (tmp_path / "data" / "match.npy").exists()
