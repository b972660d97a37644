"""A second process waits, says so, and goes on when the first has ended, however it ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curation.core.locks import Lock, locked

ROOT = Path(__file__).parents[3]
HOLDS = """
import sys, time
from pathlib import Path
from curation.core.locks import locked
with locked(Path("a.lock"), "does it"):
    print("holds", flush=True)
    if sys.argv[1] == "dies":
        time.sleep(60)
"""


def start(folder: Path, how: str) -> subprocess.Popen[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", HOLDS, how]
    return subprocess.Popen(command, cwd=folder, env=env, text=True, stdout=-1, stderr=-1)  # noqa: S603


def test_a_second_process_waits_and_says_so(tmp_path: Path) -> None:
    with locked(tmp_path / "a.lock", "does it"):
        second = start(tmp_path, "ends")
        assert second.stderr is not None
        assert second.stderr.readline() == "waiting: another process does it (lock a.lock)\n"
        assert second.poll() is None
    assert second.communicate(timeout=30) == ("holds\n", "")
    assert not list(tmp_path.iterdir())


def test_a_killed_process_holds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = start(tmp_path, "dies")
    assert first.stdout is not None
    assert first.stdout.readline() == "holds\n"
    first.kill()
    first.wait()
    began = time.monotonic()
    with locked(tmp_path / "a.lock", "does it"):
        assert time.monotonic() - began < 5
    assert capsys.readouterr().err == ""
    first.communicate()


def test_a_lock_ends_with_its_object(tmp_path: Path) -> None:
    lock: Lock | None = Lock(tmp_path / "a.lock", "does it").acquire()
    assert lock is not None
    del lock
    with locked(tmp_path / "a.lock", "does it"):
        pass
