"""Clones in which DVC runs for real, on little data."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the repository as it is committed, with a cache of its own beside it."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(tmp_path / "clone")], check=True)
    return tmp_path / "clone"


@pytest.fixture
def dvc(clone: Path) -> Run:
    """Run ``dvc`` with some arguments in the clone, with the code of the clone."""
    own = {
        "PYTHONPATH": str(clone),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CAIRN_CACHE": str(clone.parent / "cache"),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        "DVC_NO_ANALYTICS": "1",
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name != "CAIRN_HUB_MIRROR"} | own
        return subprocess.run(
            [sys.executable, "-m", "dvc", *words],
            cwd=clone,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
