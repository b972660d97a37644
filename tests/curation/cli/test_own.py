"""A file of one's own, curated: the commands that new-task prints work as they stand, on every kind."""

from __future__ import annotations

import importlib.util
import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from curation import cli
from curation.core import files, paths
from curation.core.errors import CairnError

ROOT = Path(__file__).parents[3]
COLOURS = ("red", "green", "blue")
WORDS = (
    "market", "river", "garden", "winter", "station", "letter", "music", "kitchen", "forest", "harbour", "evening",
    "window",
)  # fmt: skip


def sentence(n: int) -> str:
    return f"In the {WORDS[n % 12]} a {COLOURS[n % 3]} thing lay by the {WORDS[(n * 7 + 3) % 12]}, number {n}."


ROWS = {
    "classify": lambda n: {"text": sentence(n), "queue": COLOURS[n % 3], "agent": f"A{n}"},
    "pair": lambda n: {"premise": sentence(n), "hypothesis": f"It is {COLOURS[n % 3]}.", "label": "ny"[n % 2]},
    "choice": lambda n: {"question": sentence(n), "choices": ["one", "two", f"x{n}"], "label": n % 3},
    "span": lambda n: {"question": "What is there?", "context": sentence(n), "answer": COLOURS[n % 3]},
    "tags": lambda n: {"tokens": sentence(n).split(), "tags": ["BO"[(i + n) % 5 > 0] for i in range(12)]},
    "text": lambda n: {"text": sentence(n)},
}


def whole() -> Any:
    spec = importlib.util.spec_from_file_location("cairn_test_whole", ROOT / "tests/test_whole.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project as a clone is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAIRN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("CAIRN_PARAMS", raising=False)
    shutil.copytree(ROOT / "profiles", tmp_path / "profiles")
    shutil.copy(ROOT / "profiles/demo.yaml", tmp_path / "params.yaml")
    shutil.copy(ROOT / "dvc.yaml", tmp_path / "dvc.yaml")
    (tmp_path / "tasks").mkdir()
    return tmp_path


def curation(*args: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli.group, list(args), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    assert (done.return_value or 0) == code, done.output
    return done.output


def repro() -> None:
    """Run what `dvc repro` runs, in this process."""
    module = whole()
    for _, _, command in module.stages(YAML(typ="safe", pure=True).load(Path("params.yaml"))):
        module._run(command)


@pytest.mark.parametrize(
    "kind", ["classify", *(pytest.param(k, marks=pytest.mark.slow) for k in ROWS if k != "classify")]
)
def test_what_new_task_prints_next_works(kind: str, clone: Path) -> None:
    Path("own.jsonl").write_text("".join(json.dumps(ROWS[kind](n)) + "\n" for n in range(60)), encoding="utf-8")
    said = curation("new-task", "own", "--from", "own.jsonl", "--hold-out", "0.1", "--kind", kind)
    printed = next(line.removeprefix("Next: ") for line in said.splitlines() if line.startswith("Next: "))
    assert printed == "curation profile own --task own"
    curation(*shlex.split(printed)[1:])
    assert "note: params.yaml: seeds is empty: curate only." in " ".join(curation("check").split())
    repro()
    quality = files.read_parquet(paths.quality("own"))
    assert quality.num_rows > 40
    report = Path("reports/report.md").read_text(encoding="utf-8")
    assert report.startswith("# own, curated")
    assert "No zero-shot scores" not in report
    assert "<h1>own, curated</h1>" in Path("reports/report.html").read_text(encoding="utf-8")
    kept = files.read_parquet(paths.subset())
    assert kept["kept"].to_pylist().count(True) > 20


def test_own_parameters_are_not_overwritten_unasked(clone: Path) -> None:
    rows = "".join(json.dumps(ROWS["classify"](n)) + "\n" for n in range(60))
    Path("own.jsonl").write_text(rows, encoding="utf-8")
    curation("new-task", "one", "--from", "own.jsonl", "--hold-out", "0.1")
    curation("profile", "own", "--task", "one")
    assert "params.yaml is now" in curation("profile", "demo")  # as it was made, it is nobody's work
    curation("profile", "own", "--task", "one")
    text = Path("params.yaml").read_text(encoding="utf-8").replace("folds: 5", "folds: 3")
    Path("params.yaml").write_text(text, encoding="utf-8")
    said = curation("new-task", "two", "--from", "own.jsonl", "--hold-out", "0.1")
    assert "curation profile own --task two --force" in said
    with pytest.raises(CairnError, match=r"probe.folds: 3 \(profile own: 5\)"):
        curation("profile", "own", "--task", "two")
    for mistake, why in (
        (("demo", "--task", "one"), "go with own"), (("own",), "go with own"),
        (("own", "--task", "mini_bitext"), "intermediate"), (("own", "--task", "x"), "unknown task"),
    ):  # fmt: skip
        with pytest.raises(CairnError, match=why):
            curation("profile", *mistake)


def test_with_a_target_the_whole_protocol(clone: Path) -> None:
    curation("profile", "own", "--task", "mini_topic", "--target", "mini_topic")
    values = YAML(typ="safe", pure=True).load(Path("params.yaml"))
    assert (values["seeds"], values["targets"], values["subset"]["decontaminate"]) == ([1, 2, 3], ["mini_topic"], True)
    assert "contamination" in values["scorers"]
    assert "0 problems" in curation("check")
