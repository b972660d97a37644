"""Clones of this repository, in which studies are run by the real pipeline."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TINY = Path(__file__).with_name("tiny.yaml")


def git(folder, *arguments, given=None):
    done = subprocess.run(["git", *arguments], cwd=folder, input=given, capture_output=True, check=True)  # noqa: S603, S607
    return done.stdout


@dataclass
class Clone:
    """A clone with the study ``tiny`` in it."""

    folder: Path

    def start(self, command="run", study="tiny", *options):
        """Begin ``training study COMMAND STUDY``."""
        line = [str(Path(sys.executable).with_name("training")), "study", command, study, *options]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}
        environment |= {"PYTHONPATH": str(self.folder)}
        return subprocess.Popen(line, cwd=self.folder, env=environment, start_new_session=True)  # noqa: S603

    def tables(self):
        """Every arm's scores, from the experiments."""
        found = {}
        for ref in git(self.folder, "for-each-ref", "--format=%(refname)", "refs/exps").decode().split():
            listed = git(self.folder, "ls-tree", "-r", "--name-only", ref, "reports/evaluate").decode().split()
            found |= {
                (ref.rpartition("/")[2], path): json.loads(git(self.folder, "show", f"{ref}:{path}"))
                for path in listed
                if path.endswith(".json")
            }
        return found

    def ran(self, study="tiny"):
        """The names of all runs of stages that were made, over all jobs."""
        jobs = (self.folder / ".cairn/studies" / study / "demo/jobs").glob("*.json")
        records = [json.loads(file.read_text()) for file in jobs]
        assert all(record["state"] == "done" for record in records)
        return [stage["name"] for record in records for stage in record["stages"]]


@pytest.fixture
def clone(tmp_path):
    """A function that makes a clone of this repository with the tiny study in it, edits that git knows included."""

    def make(name):
        folder = tmp_path / name
        git(tmp_path, "clone", "-q", "--shared", str(ROOT), str(folder))
        changes = git(ROOT, "diff", "--binary", "HEAD")
        if changes:
            git(folder, "apply", "--index", given=changes)
        (folder / "studies/tiny.yaml").write_text(TINY.read_text(encoding="utf-8"), encoding="utf-8")
        return Clone(folder)

    return make
