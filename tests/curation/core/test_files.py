"""Whole files or none, and nothing left behind by a process that was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from curation.core import files

ROOT = Path(__file__).parents[3]
KILLED = """
import os, signal, sys
from pathlib import Path
from curation.core import files
with getattr(files, sys.argv[1])(Path("out")) as aside:
    (aside / "half" if aside.is_dir() else aside).write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("how", ["replacing", "replacing_folder"])
def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path, how: str) -> None:
    killed = subprocess.run(  # noqa: S603
        [sys.executable, "-c", KILLED, how], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert left.match(".*.part")  # so that .dvcignore hides it
    (tmp_path / ".out.x.part").touch()
    (tmp_path / ".other.out.999999999.part").touch()
    (tmp_path / f".out.{os.getppid()}.part").touch()  # of a process that runs
    with getattr(files, how)(tmp_path / "out") as aside:
        (aside / "x" if aside.is_dir() else aside).write_text("whole")
    kept = {"out", ".out.x.part", ".other.out.999999999.part", f".out.{os.getppid()}.part"}
    assert {path.name for path in tmp_path.iterdir()} == kept


def test_dvc_ignores_unfinished_files() -> None:
    assert ".*.part" in (ROOT / ".dvcignore").read_text(encoding="utf-8").splitlines()


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    def failing() -> None:
        with files.replacing(tmp_path / "out") as aside:
            aside.write_text("new")
            raise ZeroDivisionError

    (tmp_path / "out").write_text("old")
    with pytest.raises(ZeroDivisionError):
        failing()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out", "old")]
