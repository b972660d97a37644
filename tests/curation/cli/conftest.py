"""A finished experiment to look at, built once and copied where a test changes it; and an empty project."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from curation import cli, fetch, tasks
from curation.core import paths, records, registry
from curation.core.errors import CairnError
from curation.fetch.__main__ import run as run_fetch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.core.task import Task

ROOT = Path(__file__).parents[3]


class Project:
    """An empty project with the demo's parameters, the working directory of a test, to make tasks in."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def change(self, **changed: Any) -> None:
        """Write params.yaml: those of the demo, with what is ``changed``."""
        yaml = YAML(typ="safe", pure=True)
        values = yaml.load((ROOT / "profiles/demo.yaml").read_text(encoding="utf-8"))
        with (self.root / "params.yaml").open("w", encoding="utf-8") as handle:
            yaml.dump(values | {"task_folder": "tasks", **changed}, handle)

    def run(self, *args: str, code: int = 0) -> str:
        """Run ``curation new-task`` and return what it printed, blanks and line ends as one blank each."""
        return " ".join(self.lines(*args, code=code).split())

    def lines(self, *args: str, code: int = 0) -> str:
        """Run ``curation new-task`` and return what it printed."""
        done = CliRunner().invoke(cli.group, ["new-task", *args], standalone_mode=False)
        if done.exception is not None:
            raise done.exception
        assert done.return_value == code, done.output
        assert "--json" in args or max(map(len, done.output.splitlines()), default=0) <= 80
        return done.output

    def refused(self, *args: str) -> str:
        """Run ``curation new-task`` and return the error that it ends with."""
        with pytest.raises(CairnError) as caught:
            self.run(*args)
        return str(caught.value)

    def task(self, name: str) -> Task:
        """Return the facts of a task that was written."""
        return tasks.load(name)

    def code(self, name: str) -> str:
        """Return the text of a task file that was written."""
        return (self.root / f"tasks/{name}.py").read_text(encoding="utf-8")

    def fetched(self, name: str, role: str = "intermediate") -> dict[str, list[dict[str, Any]]]:
        """Fetch a task as a stage does, and return its records per split in the order of the upstream keys."""
        self.change(**{"intermediate": [name]} if role == "intermediate" else {"targets": [name]})
        run_fetch(role, name)
        folder = paths.fetched(role, name)
        there = [folder / f"{split}.parquet" for split in fetch.SPLITS[role]]
        found = {file.stem: records.read(file).to_pylist() for file in there}
        return {split: sorted(rows, key=lambda r: (len(r["key"]), r["key"])) for split, rows in found.items()}

    def pair(self, n: int) -> dict[str, Any]:
        """Return row ``n`` of kind pair; the labels are no and yes in turn."""
        label = ("no", "yes")[n % 2]
        return {"id": f"p{n}", "premise": f"A dog runs {n}.", "hypothesis": f"It moves, {n}.", "label": label}

    def pairs(self, count: int) -> list[dict[str, Any]]:
        """Return the first rows of kind pair."""
        return [self.pair(n) for n in range(count)]

    def jsonl(self, name: str, rows: Sequence[Any]) -> str:
        """Write rows, and return the name of their file."""
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (self.root / name).write_text(text, encoding="utf-8")
        return name

    def csv(self, name: str, rows: Sequence[dict[str, Any]]) -> str:
        """Write rows, and return the name of their file."""
        with (self.root / name).open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return name

    def tidy(self, *names: str) -> None:
        """Assert that task files are such as ruff would leave as they are, by this repository's rules."""
        config = str(ROOT / "pyproject.toml")
        files = [f"tasks/{name}.py" for name in names]
        for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-m", "ruff", *command, "--config", config, *files],
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stdout + done.stderr + self.code(names[0])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Work inside an empty project, offline."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_folders", {})
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    monkeypatch.delenv("CAIRN_HUB_MIRROR", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "tasks").mkdir()
    made = Project(tmp_path)
    made.change()
    return made
