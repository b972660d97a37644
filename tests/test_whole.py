"""The flow for real, from fetch to report, on a few rows: every stage of dvc.yaml in its order, nothing faked."""

from __future__ import annotations

import importlib
import itertools
import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from curation import cli as curation_cli
from curation.core import experiment, params, records
from training import cli as training_cli

ROOT = Path(__file__).parents[1]
YAML12 = YAML(typ="safe", pure=True)
TASKS = {
    "pair": ("mini_nli", "mini_xnli"),
    "classify": ("mini_topic",) * 2,
    "choice": ("mini_choice",) * 2,
    "span": ("mini_qa",) * 2,
    "tags": ("mini_pos",) * 2,
}
"""Kind to an intermediate and a target task of it."""


def values(kind: str) -> dict[str, Any]:
    """Return the demo's parameters, cut to some rows and steps."""
    found: dict[str, Any] = YAML12.load(ROOT / "profiles/demo.yaml")
    intermediate, target = TASKS[kind]
    found |= {"seeds": [1], "intermediate": [intermediate], "targets": [target]}
    found["fetch"]["languages"] = ["en", "de"]
    rows = {"intermediate": {"train": 40, "dev": 20}, "target": {"train": 30, "dev": 20, "test": 20}}
    found["fetch"]["rows"] |= {**rows, "retrieval": {"dev": 20, "test": 20}}
    found["miniworld"]["plant"] |= {"leak_from": target, "label_noise": 0.1}
    found["probe"]["folds"] = 3
    found["neighbours"]["k"] = found["score"]["outliers"]["k"] = 5
    found["subset"] |= {"size": None, "stratum": "random"}
    short = {"steps": 4, "epochs": None, "evaluate_every": 2}
    found["train"] = {phase: section | short for phase, section in found["train"].items()}
    found["evaluate"]["bootstrap"] = found["retrieve"]["bootstrap"] = 100
    return found


def stages(chosen: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Yield name, body and command of every run, in an order in which inputs come first."""
    for name, body in YAML12.load(ROOT / "dvc.yaml")["stages"].items():
        axes = {key: _axis(value, chosen) for key, value in (body.get("matrix") or {}).items()}
        for row in itertools.product(*axes.values()):
            item = dict(zip(axes, map(str, row), strict=True))
            yield name, body, shlex.split(re.sub(r"\$\{item\.(\w+)\}", lambda m: item[m[1]], body["cmd"]))  # noqa: B023


def _axis(value: Any, chosen: dict[str, Any]) -> list[Any]:
    if isinstance(value, list):
        return value
    found: Any = chosen
    for part in value[2:-1].split("."):
        found = found[part]
    return list(found)


class Reads:
    """The keys of params.yaml that a stage reads while it runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.keys: set[str] = set()
        check, read, keys = params.check, experiment.read, self.keys

        def checked(cls: Any, value: Any, where: str) -> Any:
            if cls is not params.Experiment and ": " in where:
                keys.add(where.split(": ")[1])
            return check(cls, value, where)

        class Recorded(params.Experiment):
            def __getattribute__(self, name: str) -> Any:
                if name in params.Experiment.model_fields:
                    keys.add(name)
                return super().__getattribute__(name)

        def recorded(file: Path | None = None) -> Any:
            found = read(file)
            return Recorded.model_construct(**{name: getattr(found, name) for name in params.Experiment.model_fields})

        monkeypatch.setattr(params, "check", checked)
        monkeypatch.setattr(experiment, "read", recorded)

    def undeclared(self, declared: list[str]) -> list[str]:
        """Return what was read and is not declared; a declared parent or child counts, as DVC sees both change."""
        filled = {re.sub(r"\$\{item\.\w+\}", "*", key) for key in declared}
        return [key for key in sorted(self.keys - UNDECLARED) if not any(_covers(one, key) for one in filled)]


def _covers(declared: str, key: str) -> bool:
    declared = declared.replace("*", key.rsplit(".", 1)[-1])
    return key == declared or key.startswith(f"{declared}.") or declared.startswith(f"{key}.")


def flow(kind: str, folder: Path) -> list[tuple[str, str]]:
    """Run every stage in ``folder``; return the keys that a stage reads and dvc.yaml does not declare for it."""
    (folder / "tasks").mkdir()
    for name in ("dvc.yaml", "studies"):
        (folder / name).symlink_to(ROOT / name)
    chosen = values(kind)
    undeclared = []
    with pytest.MonkeyPatch.context() as patched:
        inside(folder, patched)
        YAML12.dump(chosen, folder / "params.yaml")
        for name, body, command in stages(chosen):
            with patched.context() as watched:
                reads = Reads(watched)
                _run(command)
                declared = body.get("params", [])
                if {"params.yaml": None} not in declared:  # else the whole file is
                    undeclared += [(name, key) for key in reads.undeclared(declared)]
    return undeclared


def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("CAIRN_CACHE", str(folder / "cache"))
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, str]]]:
    """Return the folder of a finished run on pairs, and what its stages read undeclared."""
    folder = tmp_path_factory.mktemp("pair")
    return folder, flow("pair", folder)


def test_the_whole_flow_runs(pair: tuple[Path, list[tuple[str, str]]]) -> None:
    folder, undeclared = pair
    assert undeclared == []
    holds(folder, "pair")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["classify", "choice", "span", "tags"])
def test_the_whole_flow_runs_on_every_kind(kind: str, tmp_path: Path) -> None:
    assert flow(kind, tmp_path) == []
    holds(tmp_path, kind)


def holds(folder: Path, kind: str) -> None:
    """The outputs are there, and of these rows."""
    intermediate, target = TASKS[kind]
    assert records.read(folder / f"data/intermediate/{intermediate}/train.parquet").num_rows == 40
    assert json.loads((folder / "reports/metrics.json").read_text(encoding="utf-8"))
    report = folder / f"reports/evaluate/intermediate/{target}/seed-1.json"
    assert set(json.loads(report.read_text(encoding="utf-8"))["languages"]) == {"en", "de"}
    assert "<html" in (folder / "reports/report.html").read_text(encoding="utf-8")


def examples() -> list[str]:
    """Return the command lines in every ``--help`` of both commands."""
    found: list[str] = []

    def walk(command: click.Command) -> None:
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                walk(inner)
        for line in (command.help or "").replace("\\\n", " ").splitlines():
            words = line.split()
            group = {"curation": curation_cli.group, "training": training_cli.main}.get(words[0]) if words else None
            known = group is not None and words[1:] and words[1] in group.list_commands(click.Context(group))
            if known and not line.rstrip().endswith((".", ",")):
                found.append(line.strip())

    walk(curation_cli.group)
    walk(training_cli.main)
    return sorted(set(found))


ELSEWHERE_RUN = ("training study ", "training compare --table xtreme", "curation browse", "curation repro")
"""Examples that want a git repository of an experiment, scores on a published task, a terminal, or DVC:
tests/training/study, tests/training/comparison and tests/curation/cli run these commands."""
UNDECLARED = {"budget", "engine"}
"""What stages read and DVC need not see: no result hangs on it, and older files lack it."""
ELSEWHERE = {
    "main": "pretrained",
    "my-experiment": "intermediate",
    "old/manifest.parquet": "data/subset",
    "xnli": "mini_xnli",
    "tickets": "mini_nli",
    "HEAD:pretrained": "pretrained",
    "n500": "intermediate",
    "n1000": "pretrained",
}
"""Names in the examples that belong to somebody's repository, and what stands for them here."""


@pytest.mark.parametrize("line", [line for line in examples() if not line.startswith(ELSEWHERE_RUN)])
def test_every_example_of_every_help_runs(
    line: str, pair: tuple[Path, list[tuple[str, str]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(pair[0], tmp_path / "own")
    inside(tmp_path / "own", monkeypatch)
    if "sheet.csv" in line and line.startswith("curation import"):
        with pytest.raises(SystemExit):
            curation_cli.main(["export", "mini_nli", "--review", "--to", "sheet.csv"])
    name, *words = [ELSEWHERE.get(word, word) for word in itertools.takewhile(">".__ne__, shlex.split(line))]
    monkeypatch.setattr(sys, "argv", [name, *words])
    with pytest.raises(SystemExit) as stopped:
        curation_cli.main(words) if name == "curation" else training_cli.main(words, prog_name=name)
    assert stopped.value.code in (None, 0, 1)


def _run(command: list[str]) -> None:
    """Call ``run`` of ``python -m MODULE --name value ...`` in this process."""
    module = importlib.import_module(f"{command[command.index('-m') + 1]}.__main__")
    words = command[command.index("-m") + 2 :]
    named = {key[2:].replace("-", "_"): value for key, value in zip(words[::2], words[1::2], strict=True)}
    types = {
        name: p.annotation for name, p in __import__("inspect").signature(module.run, eval_str=True).parameters.items()
    }
    module.run(**{name: types[name](value) for name, value in named.items()})
