"""Whole files or none, whenever a process dies, whoever else is writing, and bytes that are those that were written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from curation.core import checksums, files, locks, parts
from curation.core.database import Database
from curation.core.errors import CairnError

ROOT = Path(__file__).parents[3]
KILLED = """
import os, signal, sys
from pathlib import Path
from curation.core import files, parts

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

how, when = sys.argv[1:]
if when != "half":  # at the n-th call of what changes names
    left, rename, replace = int(when), Path.rename, Path.replace
    def counted(original):
        def call(self, to):
            global left
            left -= 1
            die() if left < 0 else None
            return original(self, to)
        return call
    Path.rename, Path.replace = counted(rename), counted(replace)
with getattr(files, how)(Path("out")) as aside:
    (aside / "x" if aside.is_dir() else aside).write_text("new")
    die() if when == "half" else None
die()
"""


def killed(folder: Path, how: str, when: str) -> None:
    command = [sys.executable, "-c", KILLED, how, when]
    done = subprocess.run(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)  # noqa: S603
    assert done.returncode == -signal.SIGKILL


def write(path: Path, how: str, text: str) -> None:
    with getattr(files, how)(path) as aside:
        (aside / "x" if aside.is_dir() else aside).write_text(text)


def read(path: Path) -> str:
    return (path / "x" if path.is_dir() else path).read_text()


HOW = pytest.mark.parametrize("how", ["replacing", "replacing_folder"])


@HOW
def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path, how: str) -> None:
    killed(tmp_path, how, "half")
    (left,) = tmp_path.iterdir()
    assert left.match(".*.part")  # so that .dvcignore hides it
    (tmp_path / ".out.x.part").mkdir()
    (tmp_path / ".other.out.host-0-1-00000000.part").mkdir()
    with parts.part(tmp_path / "out") as lives:
        write(tmp_path / "out", how, "whole")
        kept = {"out", ".out.x.part", ".other.out.host-0-1-00000000.part", lives.name}
        assert {path.name for path in tmp_path.iterdir()} == kept


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_a_folder_is_whole_wherever_the_exchange_is_cut(tmp_path: Path, renames: int) -> None:
    """Killed before, between and after the two renames: the next writer finds the old folder or the new one."""
    write(tmp_path / "out", "replacing_folder", "old")
    killed(tmp_path, "replacing_folder", str(renames))
    with files.replacing_folder(tmp_path / "out") as aside:
        assert read(tmp_path / "out") == ("old" if renames == 0 else "new")
        (aside / "x").write_text("third")
    assert read(tmp_path / "out") == "third"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_dvc_ignores_unfinished_files() -> None:
    assert ".*" in (ROOT / ".dvcignore").read_text(encoding="utf-8").splitlines()


@HOW
def test_a_failed_write_leaves_what_was_there(tmp_path: Path, how: str) -> None:
    write(tmp_path / "out", how, "old")

    def failing() -> None:
        with getattr(files, how)(tmp_path / "out") as aside:
            (aside / "x" if aside.is_dir() else aside).write_text("new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert [(path.name, read(path)) for path in tmp_path.iterdir()] == [("out", "old")]


def test_a_failed_rename_puts_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "out", "replacing_folder", "old")
    rename = Path.rename
    monkeypatch.setattr(Path, "rename", lambda self, to: 1 / 0 if self.parent != tmp_path and to.name == "out" and
                        (self / "x").read_text() == "new" else rename(self, to))  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        write(tmp_path / "out", "replacing_folder", "new")
    assert [(path.name, read(path)) for path in tmp_path.iterdir()] == [("out", "old")]


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        (lambda host, boot: f"{host}-{boot}-{os.getppid()}", False),  # runs
        (lambda host, boot: f"{host}-{boot}-999999999", True),
        (lambda host, boot: f"{host}-0-{os.getppid()}", True),  # before the machine was started again
        (lambda _, boot: f"another-{boot}-999999999", False),  # its processes cannot be seen from here
    ],
)
def test_without_locks_host_boot_and_process_decide(tmp_path: Path, monkeypatch, name, gone: bool) -> None:
    monkeypatch.setattr(parts.locks, "take", lambda handle: None)
    left = tmp_path / f".out.{name(*parts._place())}-0123abcd.part"
    left.mkdir()
    write(tmp_path / "out", "replacing", "x")
    assert left.exists() is not gone


def test_a_flipped_byte_is_found_when_read(tmp_path: Path) -> None:
    with files.replacing_folder(tmp_path / "out") as aside:
        (aside / "deep").mkdir()
        (aside / "deep" / "a").write_bytes(b"\0" * 5000)
        (aside / "b").write_bytes(b"b")
    for name in ("deep/a", "b"):
        file = tmp_path / "out" / name
        assert checksums.checked(file) == file
        content = bytearray(file.read_bytes())
        content[-1] ^= 4
        file.write_bytes(content)
        with pytest.raises(CairnError, match=rf"{name} is damaged.*dvc repro"):
            checksums.checked(file)
    (tmp_path / "out" / checksums.NAME).write_text("{")
    with pytest.raises(CairnError, match="no checksum of b"):
        checksums.checked(tmp_path / "out" / "b")


def test_a_folder_of_another_maker_is_not_checked(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    assert checksums.checked(tmp_path / "a") == tmp_path / "a"
    assert checksums.checked(tmp_path / "missing") == tmp_path / "missing"


def test_a_flipped_byte_of_a_parquet_page_is_found(tmp_path: Path) -> None:
    file, numbers = tmp_path / "t.parquet", pa.table({"n": [float(i * i % 7919) for i in range(2000)]})
    files.write_parquet(file, numbers)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(CairnError, match="cannot be read as parquet"):
        files.read_parquet(file)


def test_a_folder_where_a_file_belongs_is_refused_when_read_and_set_aside_when_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    readers = {"a.parquet": files.read_parquet, "a.npy": files.open_array, "a.json": files.read_json}
    for name, read in readers.items():
        file = tmp_path / name
        file.mkdir()
        (file / "mine").write_text("mine")
        with pytest.raises(CairnError, match=f"{name} is a folder and should be a file.*dvc repro"):
            read(file)
        write(file, "replacing", "x")
        assert file.read_text() == "x"
        assert (tmp_path / f"{name}.damaged" / "mine").read_text() == "mine"
        assert f"set aside as {name}.damaged" in capsys.readouterr().err
    for kept in (".lock", ".sqlite"):
        (tmp_path / kept).mkdir()
    with locks.locked(tmp_path / ".lock", "works"):
        assert (tmp_path / ".lock").is_file()
    work = Database(tmp_path / ".sqlite", "create table if not exists a (b)")
    assert work.do(lambda database: database.execute("select * from a").fetchall()) == []
    assert (tmp_path / ".sqlite.damaged").is_dir()


STARVED = """
import resource
from pathlib import Path
import pyarrow.parquet
from curation.core import files
held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_DATA, (held + (12 << 20),) * 2)
print(files.read_parquet(Path("t.parquet")).num_rows)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is Linux's")
def test_where_there_is_no_memory_for_a_thread_reading_does_not_wait_for_one(tmp_path: Path) -> None:
    files.write_parquet(tmp_path / "t.parquet", pa.table({"n": range(100), "t": ["text"] * 100}))
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", STARVED], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
        timeout=120, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout == "100\n", done.stderr
