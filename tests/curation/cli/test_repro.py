"""`curation repro` says how far `dvc repro` is, and ends as it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from curation import cli

FLOW = """stages:
  first:
    foreach: [x, y]
    do:
      cmd: python -c "open('${item}', 'w').write('1')"
      outs: ["${item}"]
  second:
    cmd: python -c "print('here'); open('z', 'w')%s"
    deps: [x, y]
    outs: [z]
"""


def run(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(["repro", *args])
    return int(stop.value.code or 0), capfd.readouterr().out


def test_which_stage_of_how_many_and_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from dvc.repo import Repo

    monkeypatch.chdir(tmp_path)
    Repo.init(no_scm=True).close()
    Path("dvc.yaml").write_text(FLOW % "", encoding="utf-8")
    code, out = run(capfd)
    assert code == 0
    assert "stage 1 of 3: first@x; then first, second" in out
    assert "stage 3 of 3: second; the last" in out
    assert out.index("stage 3 of 3") < out.index("here")
    Path("dvc.yaml").write_text(FLOW % "; 1/0", encoding="utf-8")
    code, out = run(capfd, "second")
    assert code != 0
    assert "stage 3 of 3: second; the last" in out


def test_a_link_to_nowhere_in_the_task_folder_is_named_before_dvc_stops_at_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """But not one that DVC ignores: an editor leaves such a link while a file is open."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    subprocess.run([sys.executable, "-m", "dvc", "init", "--quiet", "--no-scm"], check=True)
    Path(".dvcignore").write_text(".*\n", encoding="utf-8")
    Path("dvc.yaml").write_text(FLOW.replace("deps: [x, y]", "deps: [x, y, tasks]") % "", encoding="utf-8")
    Path("params.yaml").write_text("task_folder: tasks\n", encoding="utf-8")
    Path("tasks/rows").mkdir(parents=True)
    Path("tasks/.#own.py").symlink_to("ann@desk.4711")
    Path("tasks/rows/a b.jsonl").symlink_to("../gone.jsonl")
    with pytest.raises(SystemExit) as stop:
        cli.main(["repro"])
    assert stop.value.code == 2
    said = capfd.readouterr()
    assert (
        "params.yaml: task_folder: a link that leads nowhere: tasks/rows/a b.jsonl to ../gone.jsonl. DVC reads all of "
        "tasks, and stops there. Bring back what it leads to, or take it out: rm 'tasks/rows/a b.jsonl'"
    ) in " ".join(said.err.split())
    assert "stage" not in said.out
    Path("tasks/rows/a b.jsonl").unlink()
    assert run(capfd)[0] == 0  # DVC itself has nothing against the other link


def test_outside_a_project_dvc_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        cli.main(["repro"])
    assert stop.value.code == 2
    said = " ".join(capfd.readouterr().err.split())
    assert "error: dvc: " in said
    assert "Type it where dvc.yaml lies; `curation init FOLDER` makes a folder with one." in said


def test_a_project_without_dvc_and_one_that_it_cannot_read_are_told_from_a_place_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dvc.yaml").write_text("stages: [\n", encoding="utf-8")
    first = "Type `git init && dvc init` here first"
    for todo in (first, "Type `dvc stage list` for all that DVC says of it"):
        with pytest.raises(SystemExit) as stop:
            cli.main(["repro"])
        assert stop.value.code == 2
        said = " ".join(capfd.readouterr().err.split())
        assert todo in said
        assert ".." not in said
        assert "Type it where" not in said
        if todo is first:
            subprocess.run([sys.executable, "-m", "dvc", "init", "--quiet", "--no-scm"], check=True)
