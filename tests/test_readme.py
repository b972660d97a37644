"""What the documents tell people to type works: `curation` lines run, lines of other programs pass their own parser."""

from __future__ import annotations

import importlib.util
import itertools
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from curation import cli
from curation.core import paths, records, registry

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "docs/results.md")
PROGRAMS = ("make", "dvc", "curation", "training", "python", "pytest")


def commands(text: str) -> list[list[str]]:
    """Return the words of each command in fenced blocks, output and comments left out."""
    found = []
    for block in re.findall(r"^```(?:sh|console)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            line = re.sub(r"^\$ ", "", line)
            line = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line)
            if line.split(" ")[0] in PROGRAMS:
                found.append(shlex.split(line, comments=True))
    return found


def parse_options(line: list[str]) -> dict[str, str]:
    """Return the parameters that ``-S`` and ``--set-param`` set."""
    return dict(word.split("=", 1) for flag, word in itertools.pairwise(line) if flag in ("-S", "--set-param"))


LINES = [(name, line) for name in DOCUMENTS for line in commands((ROOT / name).read_text(encoding="utf-8"))]


def of(*programs: str) -> Any:
    chosen = [(name, line) for name, line in LINES if line[0] in programs]
    return pytest.mark.parametrize("line", [line for _, line in chosen], ids=[" ".join(line) for _, line in chosen])


def test_the_documents_show_commands() -> None:
    assert {line[0] for _, line in LINES} >= {"make", "dvc", "curation"}


@of("make")
def test_make_has_the_target(line: list[str]) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(line[1:]) <= set(targets)


@of("dvc")
def test_dvc_understands(line: list[str]) -> None:
    from dvc.cli.parser import get_main_parser

    get_main_parser().parse_args(line[1:])
    values = YAML(typ="safe").load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    for key in parse_options(line):
        section: Any = values
        for part in key.split("."):
            assert part in section, f"params.yaml has no {key}"
            section = section[part]


@of("training")
def test_training_understands(line: list[str]) -> None:
    from training.cli import main

    name, command, rest = main.resolve_command(
        main.make_context("training", ["--help"], resilient_parsing=True), line[1:]
    )
    assert command is not None
    command.make_context(name, rest)


@of("python")
def test_python_runs_something_that_exists(line: list[str]) -> None:
    if line[1] == "-m":
        assert importlib.util.find_spec(line[2]) is not None
    else:
        assert (ROOT / line[1]).exists()


@pytest.fixture
def finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A finished experiment in the working directory; its task goes by another name than the documents' one."""
    spec = importlib.util.spec_from_file_location("cairn_readme_workspace", ROOT / "tests/curation/workspace.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    module.build(tmp_path)
    for name in ("dvc.yaml", "profiles"):
        (tmp_path / name).symlink_to(ROOT / name)
    yield tmp_path
    registry._folders.clear()


@of("curation")
def test_curation_runs(line: list[str], finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = records.read(paths.fetched("intermediate", "toy_nli") / "train.parquet")["id"][0].as_py()
    words = [row if re.fullmatch(r"mini_nli-\S+", word) else word.replace("mini_nli", "toy_nli") for word in line[1:]]
    if words[0] == "compare":  # two experiments of DVC: here the two starts of one
        words[1:3] = ["pretrained", "intermediate"]
    if words[0] == "profile":  # refuses to overwrite what is no profile's
        shutil.copy(ROOT / "profiles/demo.yaml", finished / "params.yaml")
    if words[0] == "check":  # wants the whole repository around it
        monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["curation", *words])
    with pytest.raises(SystemExit) as stopped:
        cli.main(words)
    assert stopped.value.code in (0, 1)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_is_left_to_fill_in(name: str) -> None:
    assert not re.findall(r"@@|TODO|XXX", (ROOT / name).read_text(encoding="utf-8"))
