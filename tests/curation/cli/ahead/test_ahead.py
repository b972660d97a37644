"""`curation repro` with runs made ahead: the same bytes, each run made once; kills, failures and edits cost no more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[4]
FLOW = """stages:
  first: {cmd: python -m curation.make --name first, deps: [given], outs: [data/first]}
  start: {matrix: {n: [1, 2, 3]}, cmd: "python -m curation.make --name start-${item.n}", deps: [data/first],
    outs: ["models/start/${item.n}", "reports/start-${item.n}.txt": {cache: false}]}
  next: {matrix: {n: [1, 2, 3]}, cmd: "python -m curation.make --name next-${item.n}", deps: ["models/start/${item.n}"],
    outs: ["data/next/${item.n}"]}
  last: {cmd: python -m curation.make --name last, deps: [data/next], outs: [data/last]}
"""
MAKE = """
import hashlib, os, shutil, signal, sys, time
from pathlib import Path
def main():
    name = sys.argv[2]
    ahead = ".cairn" in str(Path.cwd())
    with open(os.environ["CALLS"], "a") as calls:
        calls.write(f"{name} {'ahead' if ahead else 'dvc'}\\n")
    print("this is", name)
    time.sleep(0.4)
    exec(os.environ.get("THEN", ""), globals() | locals())
    kind, _, n = name.partition("-")
    read = {"first": "given", "start": "data/first", "next": f"models/start/{n}", "last": "data/next"}[kind]
    found = sorted(path for path in ([Path(read)] if Path(read).is_file() else Path(read).rglob("*")) if path.is_file())
    text = name + hashlib.sha256(b"".join(path.read_bytes() for path in found)).hexdigest()
    out = Path({"start": f"models/start/{n}", "next": f"data/next/{n}"}.get(kind, f"data/{name}"))
    if kind in ("start", "next"):
        out.mkdir(parents=True)
        (out / "text").write_text(text)
    else:
        out.parent.mkdir(exist_ok=True)
        out.write_text(text)
    if kind == "start":
        Path("reports").mkdir(exist_ok=True)
        Path(f"reports/{name}.txt").write_text(text)
if __name__ == "__main__":
    main()
"""


REPRO = [sys.executable, "-c", "from curation.cli import main; main(['repro'])"]


class Project:
    """A flow of DVC whose stages are one module, found beside Cairn's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        package = folder / "curation"
        (package / "make").mkdir(parents=True)
        (package / "__init__.py").write_text(f"__path__.append({str(ROOT / 'curation')!r})", encoding="utf-8")
        (package / "make/__init__.py").write_text("", encoding="utf-8")
        (package / "make/__main__.py").write_text(MAKE, encoding="utf-8")
        (folder / "dvc.yaml").write_text(FLOW, encoding="utf-8")
        (folder / "given").write_text("x", encoding="utf-8")
        (folder / "params.yaml").write_text("budget: {memory_gb: 0.01, disk_gb: 1}\n", encoding="utf-8")
        self.dvc("init", "--no-scm", "--quiet")
        self.dvc("config", "cache.type", "hardlink,copy")

    def dvc(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=self.folder, check=True)  # noqa: S603

    def repro(self, at_once: int, then: str = "") -> subprocess.CompletedProcess[str]:
        """Run ``curation repro``; ``then`` is executed in every stage."""
        return subprocess.run(  # noqa: S603 - ours
            REPRO, cwd=self.folder, env=self.environment(at_once, then), capture_output=True, encoding="utf-8",
            check=False,
        )  # fmt: skip

    def environment(self, at_once: int, then: str = "") -> dict[str, str]:
        added = {"CAIRN_AHEAD": str(at_once), "CALLS": str(self.folder / "calls"), "THEN": then}
        return {**os.environ, **added, "PYTHONPATH": str(ROOT)}

    def calls(self) -> list[str]:
        """Return who has made what since the last call."""
        file = self.folder / "calls"
        found = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return found

    def made(self) -> dict[str, bytes]:
        """Return all outputs, and dvc.lock."""
        files = [path for top in ("data", "models", "reports") for path in (self.folder / top).rglob("*")]
        found = [path for path in files if path.is_file()] + [self.folder / "dvc.lock"]
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}


EVERY = ["first", "start-1", "start-2", "start-3", "next-1", "next-2", "next-3", "last"]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return what DVC alone makes."""
    project = Project(tmp_path_factory.mktemp("alone"))
    done = project.repro(0)
    assert done.returncode == 0, done.stderr
    assert project.calls() == [f"{name} dvc" for name in EVERY]
    return project.made()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def names(calls: list[str], who: str) -> list[str]:
    return sorted(name for name, made_by in map(str.split, calls) if made_by == who)


def test_the_same_bytes_and_no_run_twice(project: Project, alone: dict[str, bytes]) -> None:
    done = project.repro(1)
    assert done.returncode == 0, done.stderr
    calls = project.calls()
    assert sorted(call.split()[0] for call in calls) == sorted(EVERY)
    assert "start-3" in names(calls, "ahead")
    assert "start-1" in names(calls, "dvc")
    assert project.made() == alone
    assert "ran ahead" in done.stderr + done.stdout
    assert list((project.folder / ".cairn/ahead").iterdir()) == []
    again = project.repro(1)
    assert again.returncode == 0
    assert project.calls() == []
    assert project.made() == alone


def test_a_run_ahead_that_is_killed_is_made_by_its_stage(project: Project, alone: dict[str, bytes]) -> None:
    done = project.repro(1, "if ahead and name[:5] == 'start': os.kill(os.getpid(), signal.SIGKILL)")
    assert done.returncode == 0, done.stderr
    assert names(project.calls(), "dvc")[-3:] == ["start-1", "start-2", "start-3"]
    assert project.made() == alone


def test_a_killed_process_leaves_dvc_as_it_would_be_alone(project: Project, alone: dict[str, bytes]) -> None:
    done = project.repro(1, "if ahead: os.kill(os.getppid(), signal.SIGKILL); time.sleep(5)")
    assert done.returncode == 0, done.stderr
    assert names(project.calls(), "dvc") == sorted(EVERY)
    assert project.made() == alone
    assert list((project.folder / ".cairn/ahead").iterdir()) == []


def test_what_fails_ahead_fails_in_its_stage_with_its_message(project: Project) -> None:
    done = project.repro(1, "if name == 'start-3': sys.exit('no good rows in start-3')")
    assert done.returncode != 0
    assert "no good rows in start-3" in done.stderr
    assert "failed to reproduce 'start@3'" in done.stderr
    assert names(project.calls(), "dvc")[-1] == "start-3"
    assert not (project.folder / "models/start/3").exists()
    assert list((project.folder / ".cairn/ahead").iterdir()) == []


def test_the_run_that_dvc_comes_to_meanwhile_is_waited_for(project: Project, alone: dict[str, bytes]) -> None:
    done = project.repro(1, "if ahead: time.sleep(3)")
    assert done.returncode == 0, done.stderr
    calls = project.calls()
    assert len(calls) == len(EVERY)
    assert "begun ahead" in done.stderr
    assert project.made() == alone


def test_ctrl_c_ends_what_runs_ahead_too(project: Project, alone: dict[str, bytes]) -> None:
    with subprocess.Popen(  # noqa: S603 - ours
        REPRO, cwd=project.folder, env=project.environment(1, "if name in ('start-1', 'start-3'): time.sleep(60)"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    ) as running:  # fmt: skip
        calls = project.folder / "calls"
        while not (calls.exists() and {"start-3 ahead", "start-1 dvc"} <= set(calls.read_text().splitlines())):
            assert running.poll() is None
            time.sleep(0.1)
        os.killpg(running.pid, signal.SIGINT)
        running.communicate(timeout=60)
        with pytest.raises(ProcessLookupError):
            os.killpg(running.pid, 0)  # nobody of the group is left
    assert running.returncode != 0
    assert list((project.folder / ".cairn/ahead").iterdir()) == []
    assert project.repro(1).returncode == 0
    assert project.made() == alone


def test_code_that_is_edited_meanwhile_makes_the_stage_run_again(project: Project) -> None:
    """The run ahead is of the old code: what it made is not taken."""
    edit = "p = Path(os.environ['CALLS']).with_name('curation') / 'make/__main__.py'\n"
    edit += "if name == 'start-1': time.sleep(2); p.write_text(p.read_text().replace('text = name', 'text = 2 * name'))"
    flow = project.folder / "dvc.yaml"
    flow.write_text(flow.read_text().replace("deps: [data/first]", "deps: [data/first, curation/make]"))
    done = project.repro(1, edit)
    assert done.returncode == 0, done.stderr
    assert "start-3 ahead" in (calls := project.calls())
    assert "start-3 dvc" in calls
    assert (project.folder / "models/start/3/text").read_text().startswith("start-3start-3")


def test_asked_for_one_stage_nothing_is_made_ahead(project: Project) -> None:
    code = "from curation.cli import main; main(['repro', 'next@3'])"
    added = {"CAIRN_AHEAD": "1", "CALLS": str(project.folder / "calls"), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=project.folder, env={**os.environ, **added}, check=True)  # noqa: S603
    assert project.calls() == ["first dvc", "start-3 dvc", "next-3 dvc"]


@pytest.mark.slow
def test_the_real_flow_has_the_same_bytes(tmp_path: Path) -> None:
    """The demo on a few rows, two seeds: a training's seconds and memory differ, and nothing else."""
    made = []
    for at_once in ("0", "1"):
        folder = tmp_path / at_once
        run = [sys.executable, "-c", "import sys; from curation.cli import main; main(sys.argv[1:])"]
        subprocess.run([*run, "init", str(folder)], check=True, cwd=ROOT)  # noqa: S603
        subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "--quiet"], cwd=folder, check=True)
        cut(folder / "params.yaml")
        environment = {**os.environ, "CAIRN_AHEAD": at_once, "PYTHONPATH": str(ROOT), "CAIRN_CACHE": str(folder / "c")}
        done = subprocess.run(  # noqa: S603
            [*run, "repro"], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        assert ("ran ahead" in done.stderr) == (at_once == "1")
        files = [path for top in ("data", "models", "reports") for path in (folder / top).rglob("*") if path.is_file()]
        made.append({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})
    assert set(made[0]) == set(made[1])
    differ = {name for name, content in made[0].items() if content != made[1][name]}
    assert {name for name in differ if not name.startswith("reports/")} == set()
    for name in differ:
        if name.endswith(".json"):
            one, other = (json.loads(files[name]) for files in made)
            assert {key for key in one if one[key] != other[key]} <= {"seconds", "rows_per_second", "peak_memory_mb"}
        else:
            assert name.startswith(("reports/report.", "reports/intermediate/", "reports/target/"))


def cut(file: Path) -> None:
    """Leave some rows and steps of the demo's parameters."""
    yaml = YAML(typ="safe", pure=True)
    found = yaml.load(file)
    found["seeds"] = [1, 2]
    rows = {"intermediate": {"train": 40, "dev": 20}, "target": {"train": 30, "dev": 20, "test": 20}}
    found["fetch"] |= {"languages": ["en", "de"], "rows": {**rows, "retrieval": {"dev": 20, "test": 20}}}
    found["neighbours"]["k"] = found["score"]["outliers"]["k"] = 5
    found["subset"] |= {"size": None, "stratum": "random"}
    short = {"steps": 4, "epochs": None, "evaluate_every": 2}
    found["train"] = {phase: section | short for phase, section in found["train"].items()}
    yaml.dump(found, file)
