"""`curation repro` says how far `dvc repro` is, and ends as it ends."""

from __future__ import annotations

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


def test_outside_a_project_dvc_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        cli.main(["repro"])
    assert stop.value.code == 2
    assert "error: dvc: " in capfd.readouterr().err
