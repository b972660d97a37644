"""No input, however odd, ends in a traceback: it is read, or refused in a sentence, or its rows are counted."""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from curation import cli
from curation.core import registry
from tests.faults.inputs import data_files

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a fresh clone: params.yaml and an empty task folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_folders", {})
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / ".cairn/cache"))
    monkeypatch.delenv("CAIRN_HUB_MIRROR", raising=False)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "tasks").mkdir()
    return tmp_path


def ended(call: Callable[[], None]) -> tuple[int, str]:
    """Return the exit code of ``call`` and the last line it said; anything but an exit goes through."""
    said = io.StringIO()
    with pytest.raises(SystemExit) as end, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        call()
    return int(end.value.code or 0), " ".join(said.getvalue().split())


def sentence(code: int, said: str) -> None:
    assert code in (0, 1, 2)
    assert code != 2 or "error: " in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", data_files.CASES)
def test_data_files(name: str, clone: Path) -> None:
    file, content = data_files.CASES[name]()
    (clone / file).write_bytes(content)
    code, said = ended(lambda: cli.main(["new-task", "own", "--from", file, "--hold-out", "0.3"]))
    sentence(code, said)
    if code == 2:
        assert list((clone / "tasks").iterdir()) == [], "a refused file leaves nothing behind"
        assert "tasks/own" not in said, "messages name the user's file, not a copy that is gone"
