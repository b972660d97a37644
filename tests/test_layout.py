"""The house stands: a folder per stage, arrows that only go down, and in dvc.yaml the code that each stage runs."""

from __future__ import annotations

import ast
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import grimp
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
ORDER = (
    "curation.core", "curation.language", "curation.rows", "curation.metrics", "curation.search", "curation.tasks",
    "curation.miniworld", "curation.results",
    "curation.fetch", "curation.embed", "curation.probe", "curation.neighbours", "curation.score", "curation.review",
    "curation.quality", "curation.translate", "curation.subset", "curation.report", "curation.selftest",
    "curation.api",
    "curation.check", "curation.cli",
    "training.model", "training.kinds", "training.pretrained", "training.evaluate", "training.finetune",
    "training.crossfit",
    "training.intermediate", "training.target", "training.retrieve", "training.trial",
    "training.published", "training.comparison",
    "training.pretrain", "training.study", "training.cli",
)  # fmt: skip
"""Every folder imports only from those before it."""
PLUMBING = {"curation.core", "curation.tasks", "curation", "training"}
"""Carry values and change none, but for :data:`CARRIES`; task files are dependencies where rows are converted."""
CARRIES = {"curation.core.records"}
PLUG_INS = {"curation.metrics": "curation/metrics", "training.model.kind": "training/kinds"}
"""Modules that load plug-ins by name, and the folder that these lie in."""


@cache
def graph(type_checking: bool = True) -> grimp.ImportGraph:
    return grimp.build_graph("curation", "training", exclude_type_checking_imports=not type_checking, cache_dir=None)


def room(module: str) -> str:
    return ".".join(module.split(".")[:2])


def arrows() -> set[tuple[str, str]]:
    found = graph()
    return {
        (room(a), room(b))
        for a in found.modules
        for b in found.find_modules_directly_imported_by(a)
        if room(a) != room(b)
    }


def test_every_folder_has_its_place_in_the_order() -> None:
    rooms = {room(module) for module in graph().modules} - {"curation", "training"}
    assert rooms == set(ORDER)


def test_arrows_only_go_down() -> None:
    """So there is no circle either, and curation never imports training."""
    up = [(a, b) for a, b in arrows() if a in ORDER and b in ORDER and ORDER.index(b) > ORDER.index(a)]
    assert up == []


def test_no_module_waits_for_itself() -> None:
    import graphlib

    found = graph(type_checking=False)
    list(
        graphlib.TopologicalSorter(
            {m: found.find_modules_directly_imported_by(m) for m in found.modules}
        ).static_order()
    )


def test_the_roots_are_short() -> None:
    for package, most in (("curation", 23), ("training", 17)):
        names = [path.name for path in (ROOT / package).iterdir() if path.name != "__pycache__"]
        assert len(names) <= most, sorted(names)


def sources() -> list[Path]:
    return [file for package in ("curation", "training") for file in sorted((ROOT / package).rglob("*.py"))]


def test_no_private_name_is_imported_from_another_folder() -> None:
    found = []
    for file in sources():
        here = file.relative_to(ROOT).parts
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.ImportFrom)
                and node.module
                and node.module.split(".")[0] in ("curation", "training")
            ):
                there = tuple(node.module.split("."))
                private = [
                    alias.name for alias in node.names if alias.name.startswith("_") and alias.name != "__main__"
                ]
                if private and here[: min(len(there), 2)] != there[:2]:
                    found.append(f"{file.relative_to(ROOT)}: {node.module}: {private}")
    assert found == []


def stages() -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(ROOT / "dvc.yaml")["stages"]  # type: ignore[no-any-return]


def module_of(stage: dict[str, Any]) -> str:
    words = shlex.split(stage["cmd"])
    return words[words.index("-m") + 1]


def needed(module: str) -> set[str]:
    """Return the files and folders of code that a run of ``module`` may execute, plumbing left out."""
    found = graph(type_checking=False)
    entry = f"{module}.__main__"
    reached = {entry, *found.find_upstream_modules(entry)}
    if (ROOT / module.replace(".", "/") / "__init__.py").exists():
        reached |= {module, *found.find_upstream_modules(module)}
    plug_ins = {folder for loader, folder in PLUG_INS.items() if loader in reached}
    carried = {m for m in reached if m in CARRIES or not ({m, room(m)} & PLUMBING)}
    return {file(m) for m in carried} | plug_ins


def file(module: str) -> str:
    base = ROOT.joinpath(*module.split("."))
    path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("name", stages())
def test_dvc_yaml_lists_the_code_that_a_stage_runs(name: str) -> None:
    """A folder stands for all in it; a package's docstring alone changes nothing."""
    stage = stages()[name]
    deps = [dep for dep in stage["deps"] if isinstance(dep, str)]
    for dep in deps:
        if dep.split("/")[0] in ("curation", "training") and "${" not in dep:
            assert (ROOT / dep).exists(), dep
    lacking = [
        path
        for path in sorted(needed(module_of(stage)))
        if not any(path == dep or path.startswith(f"{dep}/") for dep in deps) and does_something(path)
    ]
    assert lacking == []


def does_something(path: str) -> bool:
    place = ROOT / path
    if place.is_dir():
        return True
    return any(not isinstance(node, ast.Expr) for node in ast.parse(place.read_text(encoding="utf-8")).body)


@pytest.mark.parametrize("name", stages())
def test_a_stage_is_a_folder_and_its_options_are_those_of_its_run(name: str) -> None:
    stage = stages()[name]
    main = ROOT / module_of(stage).replace(".", "/") / "__main__.py"
    tree = ast.parse(main.read_text(encoding="utf-8"))
    run = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "run")
    options = [word[2:].replace("-", "_") for word in shlex.split(stage["cmd"]) if word.startswith("--")]
    assert sorted(options) == sorted(argument.arg for argument in run.args.args)


def test_training_waits_for_no_code_that_cannot_change_it() -> None:
    """A new selector, task, or way to fetch must not train anything again, nor another wording of the proof."""
    for name in ("intermediate", "target"):
        deps = stages()[name]["deps"]
        assert not [
            dep for dep in deps if dep in ("curation/subset", "curation/tasks", "curation/fetch", "curation/results")
        ]


LIGHT = (
    "curation.cli", "curation.tasks", "curation.core.records", "curation.metrics", "curation.core.params",
    "curation.fetch", "curation.embed", "curation.probe", "curation.neighbours", "curation.score", "curation.review",
    "curation.quality", "curation.translate", "curation.subset", "curation.check", "curation.api",
    "training.pretrained", "training.finetune", "training.evaluate", "training.retrieve",
)  # fmt: skip
HEAVY = ("torch", "transformers", "cleanlab", "faiss", "sentence_transformers", "sklearn")


@pytest.mark.parametrize("module", LIGHT)
def test_what_others_load_is_light(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    assert done.stdout.strip() == "[]"
