"""A finished experiment to look at, built once and copied where a test changes it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from curation.core import registry

if TYPE_CHECKING:
    from collections.abc import Iterator


def _load() -> ModuleType:
    name = "cairn_test_workspace"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "workspace.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(scope="session")
def workspace() -> ModuleType:
    """Return the module that builds experiments."""
    return _load()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, workspace: ModuleType) -> Path:
    """Return the folder of a finished experiment; do not change it."""
    root = tmp_path_factory.mktemp("finished")
    before = Path.cwd()
    os.chdir(root)
    try:
        workspace.build(root)
    finally:
        os.chdir(before)
        registry._folders.clear()
    return root


@pytest.fixture
def inside(finished: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work inside the finished experiment; do not change it."""
    monkeypatch.chdir(finished)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    yield finished
    registry._folders.clear()


@pytest.fixture
def own(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work inside a copy of the finished experiment."""
    root = tmp_path / "own"
    shutil.copytree(finished, root)
    monkeypatch.chdir(root)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    yield root
    registry._folders.clear()
