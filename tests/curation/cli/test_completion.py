"""What the shells complete, and the scripts that make them ask."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from curation import cli
from curation.cli.completion import VARIABLE
from curation.core import registry

ROOT = Path(__file__).parents[3]


def offered(*words: str) -> list[str]:
    *args, begun = words
    return [
        item.value for item in ShellComplete(cli.group, {}, "curation", VARIABLE).get_completions(list(args), begun)
    ]


def test_names_of_this_project_are_completed(inside: Path) -> None:
    assert offered("sh") == ["show"]
    assert offered("show", "") == ["toy_bitext", "toy_nli", "toy_para"]
    assert offered("show", "toy_nli", "--table", "scores/o") == ["scores/outliers"]
    assert offered("show", "--table", "translated/") == ["translated/de"]
    assert {"label_quality", "label"} <= set(offered("hist", "--column", "l"))
    assert offered("export", "toy") == ["toy_nli"]
    assert {"--jsonl", "--json"} <= set(offered("show", "--js"))
    assert "mini_nli" in offered("profile", "own", "--task", "mini_n")


def test_profiles_are_completed_where_there_are_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert {"demo", "own", "mirror"} <= set(offered("profile", ""))


def test_without_a_project_nothing_is_offered_and_nothing_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_folders", {})
    assert offered("show", "") == []
    assert offered("profile", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_script(shell: str) -> None:
    done = CliRunner().invoke(cli.group, ["completion", shell], standalone_mode=False)
    assert VARIABLE in done.output
    assert f"{shell}_complete" in done.output


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes(inside: Path, tmp_path: Path) -> None:
    program = tmp_path / "curation"
    program.write_text(f"#!{sys.executable}\nfrom curation.cli import main\nmain()\n", encoding="utf-8")
    program.chmod(0o755)
    line = 'eval "$(curation completion bash)"; COMP_WORDS=(curation show toy_n) COMP_CWORD=2; '
    line += '_curation_completion curation; echo "${COMPREPLY[@]}"'
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    bash = str(shutil.which("bash"))
    done = subprocess.run([bash, "-c", line], env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr) == (["toy_nli"], "")
