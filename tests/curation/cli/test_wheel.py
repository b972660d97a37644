"""Cairn as pip installs it, without its repository: a project of one's own, from a file to a clean one."""

from __future__ import annotations

import csv
import os
import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WORDS = ("parcel", "invoice", "password", "refund", "courier", "account", "card", "letter", "receipt", "login")
QUEUES = ("delivery", "billing", "account")


@pytest.mark.slow
def test_the_wheel_alone_makes_a_project_that_runs(tmp_path: Path) -> None:
    source, home = tmp_path / "source", tmp_path / "home"
    source.mkdir()
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S607
    for name in filter(None, files.decode().split("\0")):
        if name.startswith(("curation/", "training/", "profiles/")) or "/" not in name:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CAIRN", "PYTHON", "DVC"))}

    def run(*words: str | Path, cwd: Path = tmp_path) -> str:
        done = subprocess.run(
            list(map(str, words)), cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check")
    run(sys.executable, *pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "wheels", source)
    venv.create(home, with_pip=False, symlinks=True)
    own = next((home / "lib").glob("python3*/site-packages"))
    # What Cairn needs is taken from here, not installed again; editable installs of here do not come along.
    (own / "shared.pth").write_text("\n".join(site.getsitepackages()) + "\n", encoding="utf-8")
    python = home / "bin/python"
    wheel = next((tmp_path / "wheels").glob("cairn-*.whl"))
    run(python, *pip, "install", "--no-deps", "--no-index", "--ignore-installed", wheel)
    place = run(python, "-c", "import curation; print(curation.__file__)").strip()
    assert Path(place).is_relative_to(own)
    environment["PATH"] = f"{home / 'bin'}:{Path(sys.executable).parent}:{environment['PATH']}"
    run("curation", "init", "mine")
    mine = tmp_path / "mine"
    run("git", "init", "--quiet", cwd=mine)
    run(python, "-m", "dvc", "init", "--quiet", cwd=mine)
    with (mine / "tickets.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["text", "queue", "agent"])
        for n in range(60):
            writer.writerow([f"My {WORDS[n % 10]} number {n} is a matter of {QUEUES[n % 3]}.", QUEUES[n % 3], f"A{n}"])
    run("curation", "new-task", "tickets", "--from", "tickets.csv", "--hold-out", "0", cwd=mine)
    run("curation", "profile", "own", "--task", "tickets", cwd=mine)
    said = run("curation", "repro", cwd=mine)
    assert ": report; the last" in said
    run("curation", "export", "tickets", "--to", "clean", cwd=mine)
    assert (mine / "clean/README.md").exists()
    assert "tickets, curated" in (mine / "reports/report.md").read_text(encoding="utf-8")
