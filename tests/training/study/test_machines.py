"""Machines without a common disk: what is sent to them and what comes back; a study by Ray gives the tables of one."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from curation.core.errors import CairnError
from tests.clusters import TWO_WORKERS
from training.study import machines, remote
from training.study.remote import Remote


def git(folder, *arguments):
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True, encoding="utf-8").stdout  # noqa: S603, S607


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with DVC, one file that was edited since the commit, and a study that git does not know."""
    folder = tmp_path / "here"
    (folder / "studies").mkdir(parents=True)
    (folder / ".dvc").mkdir()
    (folder / ".dvc/config").write_text("[core]\n    remote = store\n['remote \"store\"']\n    url = ../../store\n")
    (folder / ".dvc/.gitignore").write_text("/config.local\n/tmp\n/cache\n")
    (folder / "code.py").write_text("x = 1\n")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=A", "-c", "user.email=a@b.invalid", "commit", "--quiet", "-m", "one")
    (folder / "code.py").write_text("x = 2\n")
    (folder / "studies/own.yaml").write_text("question: ?\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    return folder


def test_the_default_remote_by_its_whole_path_with_what_config_local_says(repository):
    (repository / ".dvc/config.local").write_text("['remote \"store\"']\n    jobs = 3\n", encoding="utf-8")
    found = remote.default()
    assert found.name == "store"
    assert Path(found.settings["url"]) == repository.parent / "store"
    assert found.settings["jobs"] == 3
    assert "[core]\n    remote = store\n['remote \"store\"']\n" in found.config()


def test_without_a_remote_it_says_what_to_type(repository):
    (repository / ".dvc/config").write_text("", encoding="utf-8")
    with pytest.raises(CairnError, match="dvc remote add --default NAME URL"):
        remote.default()


def test_a_machine_has_the_repository_as_it_is_here(repository):
    parcel = machines.pack(Remote("store", {"url": "/store"}))
    there = machines.unpack(parcel)
    assert machines.unpack(parcel) == there  # once
    assert git(there, "rev-parse", "HEAD") == git(repository, "rev-parse", "HEAD")
    assert (there / "code.py").read_text() == "x = 2\n"
    assert (there / "studies/own.yaml").read_text() == "question: ?\n"
    assert "url = /store" in (there / ".dvc/config.local").read_text()
    assert there.stat().st_mode & 0o077 == 0  # with the remote's secrets
    (repository / "code.py").write_text("x = 3\n")
    assert machines.unpack(machines.pack(parcel.remote)) != there


def test_an_arm_comes_back_as_its_experiment_and_replaces_older_ones(repository):
    parcel = machines.pack(Remote("store", {"url": "/store"}))
    there = machines.unpack(parcel)
    head = git(there, "rev-parse", "HEAD").strip()
    git(there, "update-ref", f"refs/exps/{head[:2]}/{head[2:]}/arm", head)
    old = "refs/exps/00/11/arm"
    git(repository, "update-ref", old, head)
    machines._fetch(machines._bundle(there, "arm"), "arm")
    assert git(repository, "for-each-ref", "--format=%(refname)", "refs/exps").split() == [
        f"refs/exps/{head[:2]}/{head[2:]}/arm"
    ]


RUN = f"""{TWO_WORKERS}
from training.cli import main
main(["study", "run", "tiny", "--engine", "ray"])
"""


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed: pip install ray")
def test_a_study_by_ray_gives_the_tables_of_one_machine_and_the_remote_has_it_all(clone, tmp_path):
    whole, by_ray, later = clone("whole"), clone("ray"), clone("later")
    assert whole.start().wait() == 0
    for one in (by_ray, later):
        subprocess.run(  # noqa: S603 - dvc is dvc
            [sys.executable, "-m", "dvc", "remote", "add", "--quiet", "--default", "store", str(tmp_path / "store")],
            cwd=one.folder, check=True,
        )  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}
    environment |= {"PYTHONPATH": str(by_ray.folder), "RAY_USAGE_STATS_ENABLED": "0"}
    environment["XDG_CACHE_HOME"] = str(tmp_path / "home")
    with tempfile.TemporaryDirectory() as short:  # Ray's sockets lie there, and their paths may not be long
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", RUN], cwd=by_ray.folder, env=environment | {"TMPDIR": short}, check=False
        )
    assert done.returncode == 0
    assert by_ray.tables() == whole.tables()
    assert sorted(by_ray.ran()) == sorted(whole.ran())
    assert later.start("run", "tiny", "--remote").wait() == 0
    assert later.tables() == whole.tables()
    assert set(later.ran()) == {"check"}  # all else came from the remote; every job checks its own parameters
