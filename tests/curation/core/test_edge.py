"""What ends a run from outside is a sentence and an exit code, and our own mistakes stay tracebacks."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import safetensors
import torch

from curation.core import stage
from curation.core.edge import edge, explained
from curation.core.errors import CairnError

ROOT = Path(__file__).parents[3]


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number), "data/x")


@pytest.mark.parametrize(
    ("error", "says", "code"),
    [
        (CairnError("this"), "error: this\n", 2),
        (system(errno.ENOSPC), "error: data/x: the disk is full. Free some", 2),
        (system(errno.EROFS), "error: data/x: the file system is read-only.", 2),
        (system(errno.EACCES), "error: data/x: permission denied.", 2),
        (system(errno.EMFILE), "error: data/x: too many open files. Raise the limit", 2),
        (system(errno.EIO), "error: data/x: input/output error.", 2),
        (pa.ArrowMemoryError("malloc of size 9 failed"), "error: out of memory (malloc of size 9", 2),
        (torch.OutOfMemoryError("CUDA out of memory"), "error: out of memory (CUDA", 2),
        (RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling"), "error: out of memory (CUBLAS", 2),
        (safetensors.SafetensorError("I/O error: No space (os error 28)"), "error: the disk is full.", 2),
        (sqlite3.OperationalError("database or disk is full"), "error: a cache cannot be used: database or", 2),
        (KeyboardInterrupt(), "\nstopped. What was finished is kept", 130),
    ],
)
def test_a_sentence_and_an_exit_code(
    error: BaseException, says: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, edge():
        raise error
    assert ended.value.code == code
    assert capsys.readouterr().err.startswith(says)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("learning_rate: 3.0e-4", "learning_rate: 0", "train.target.learning_rate is 0"),
        ("precision: auto, ", "precision: fp8, ", "train.intermediate.precision is 'fp8'"),
        ("  folds: 5", "  fold: 5", "probe: unknown key 'fold'"),
        ("retrieval: [mini_bitext]", "retrieval: [mini_bitexts]", "unknown task 'mini_bitexts'"),
        ("seeds: [1, 2, 3]", 'seeds: ["1; touch X"]', "seeds.0 is '1; touch X'"),
    ],
)
def test_a_stage_refuses_a_params_file_that_nobody_checked(
    old: str, new: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As under ``dvc repro --single-item``, which skips the stage ``check``: whatever section the stage reads."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tasks").mkdir()
    text = (ROOT / "profiles/demo.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "params.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["stage"])
    with pytest.raises(SystemExit) as ended:
        stage.main(lambda: pytest.fail("it ran"))
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_real_errors_of_too_little_memory() -> None:
    with pytest.raises(MemoryError) as numpys:
        np.empty(1 << 62, np.int8)
    with pytest.raises(RuntimeError) as torchs:
        torch.empty(1 << 50)
    assert all("budget.memory_gb" in str(explained(error.value)) for error in (numpys, torchs))


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), RuntimeError("x"), BrokenPipeError()])
def test_our_mistakes_keep_their_traceback(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(type(error)), edge():
        raise error
    monkeypatch.setenv("CAIRN_TRACEBACK", "1")
    with pytest.raises(OSError, match="Permission"), edge():
        raise system(errno.EACCES)


def run(command: list[str], folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command that Ctrl-C can stop, though whoever started the tests in the background may have it ignored."""
    return subprocess.run(  # noqa: S603
        command, cwd=folder, env=env, capture_output=True, text=True, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


STAGE = """
import os, sys
from curation.core.stage import main
def run(what: str) -> None:
    if what == "stop":
        os.kill(os.getpid(), 2)
    open("/dev/full", "w").write("x" * 10_000_000)
main(run)
"""


@pytest.mark.parametrize(("what", "code", "says"), [("stop", 130, "stopped"), ("write", 2, "the disk is full")])
def test_a_stage_ends_without_traceback(tmp_path: Path, what: str, code: int, says: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", STAGE, "--what", what]
    done = run(command, tmp_path, env)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("stage", ["curation.report", "training.target"])
def test_a_stage_that_is_stopped_while_it_imports(tmp_path: Path, stage: str) -> None:
    for name in ("numpy", "pydantic"):
        (tmp_path / f"{name}.py").write_text("import os; os.kill(os.getpid(), 2)")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    command = [sys.executable, "-m", stage]
    done = run(command, tmp_path, env)
    assert done.returncode == -2  # by the signal, which a shell shows as 130
    assert "stopped." in done.stderr
    assert "Traceback" not in done.stderr
