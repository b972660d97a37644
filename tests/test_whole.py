"""The flow for real, from fetch to report, on a few rows: every stage of dvc.yaml in its order, nothing faked."""

from __future__ import annotations

import importlib
import itertools
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from curation.core import experiment, params, records

ROOT = Path(__file__).parents[1]
YAML12 = YAML(typ="safe", pure=True)
TASKS = {
    "pair": ("mini_nli", "mini_xnli"),
    "choice": ("mini_choice",) * 2,
    "span": ("mini_qa",) * 2,
    "tags": ("mini_pos",) * 2,
    "classify": ("mini_topic",) * 2,
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
        return [key for key in sorted(self.keys) if not any(_covers(one, key) for one in filled)]


def _covers(declared: str, key: str) -> bool:
    declared = declared.replace("*", key.rsplit(".", 1)[-1])
    return key == declared or key.startswith(f"{declared}.") or declared.startswith(f"{key}.")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    (tmp_path / "tasks").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    "kind", ["pair", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("classify", "choice", "span", "tags"))]
)
def test_the_whole_flow_runs(kind: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = values(kind)
    if kind == "tags":
        chosen["scorers"] = [name for name in chosen["scorers"] if name != "conflicts"]
    YAML12.dump(chosen, project / "params.yaml")
    undeclared = []
    for name, body, command in stages(chosen):
        with monkeypatch.context() as patched:
            reads = Reads(patched)
            _run(command)
            undeclared += [(name, key) for key in reads.undeclared(body.get("params", []))]
    assert undeclared == []

    intermediate, target = TASKS[kind]
    train = records.read(project / f"data/intermediate/{intermediate}/train.parquet")
    assert train.num_rows == 40
    metrics = json.loads((project / "reports/metrics.json").read_text(encoding="utf-8"))
    assert metrics
    evaluated = json.loads(
        (project / f"reports/evaluate/intermediate/{target}/seed-1.json").read_text(encoding="utf-8")
    )
    assert set(evaluated["languages"]) == {"en", "de"}
    assert "<html" in (project / "reports/report.html").read_text(encoding="utf-8")


def _run(command: list[str]) -> None:
    """Call ``run`` of ``python -m MODULE --name value ...`` in this process."""
    module = importlib.import_module(f"{command[command.index('-m') + 1]}.__main__")
    words = command[command.index("-m") + 2 :]
    named = {key[2:].replace("-", "_"): value for key, value in zip(words[::2], words[1::2], strict=True)}
    types = {
        name: p.annotation for name, p in __import__("inspect").signature(module.run, eval_str=True).parameters.items()
    }
    module.run(**{name: types[name](value) for name, value in named.items()})
