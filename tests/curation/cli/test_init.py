"""``curation init``: a project for Cairn as pip installs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from curation import cli
from curation.check import checks
from curation.cli import init
from curation.core.errors import CairnError


def run(*args: str) -> str:
    done = CliRunner().invoke(cli.group, list(args), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.output


def test_a_project_is_whole_and_depends_on_the_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    assert f"dvc config cache.type {init.CACHE}" in run("init", "mine")
    assert f'type = "{init.CACHE}"' in (Path(__file__).parents[3] / ".dvc/config").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path / "mine")
    assert checks.check(Path("params.yaml")).problems == []
    for name, stage in YAML(typ="safe", pure=True).load(Path("dvc.yaml"))["stages"].items():
        assert len(set(stage["deps"])) == len(stage["deps"]), name
        assert not [dep for dep in stage["deps"] if dep.split("/")[0] in ("curation", "training")], name
    lines = (Path(__file__).parents[3] / ".dvcignore").read_text(encoding="utf-8").splitlines()
    assert Path(".dvcignore").read_text(encoding="utf-8").split() == [one for one in lines if one[:1] not in ("", "#")]
    assert Path("requirements.txt").read_text(encoding="utf-8").startswith("cairn==")
    run("profile", "own", "--task", "mini_topic")
    assert "intermediate: [mini_topic]" in Path("params.yaml").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CairnError, match="mine is not empty"):
        run("init", "mine")
