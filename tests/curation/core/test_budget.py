"""One budget for memory and one for disk: older files without it, what stages make of it, refusal at the limit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from curation import neighbours, probe
from curation.check.checks import check
from curation.core import budget, params
from curation.core.errors import CairnError
from curation.core.task import Source
from curation.fetch import sources

ROOT = Path(__file__).parents[3]
PROFILE = (ROOT / "profiles" / "demo.yaml").read_text(encoding="utf-8")
SECTION = PROFILE[PROFILE.index("budget:") : PROFILE.index("fetch:")]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dvc.yaml").write_text((ROOT / "dvc.yaml").read_text(encoding="utf-8"))
    (tmp_path / "tasks").mkdir()
    (tmp_path / "params.yaml").write_text(PROFILE)
    return tmp_path


def older(home: Path) -> None:
    """Make params.yaml one of before there was a budget, with a number per section."""
    text = PROFILE.replace(SECTION, "").replace("word_gigabytes: null", "word_gigabytes: 8.0")
    text = text.replace("  gigabytes: null", "  gigabytes: 2.0").replace("memory_mb: null", "memory_mb: 4000")
    (home / "params.yaml").write_text(text)


def test_a_params_file_from_before_the_budget_is_valid(home: Path) -> None:
    older(home)
    assert budget.read() == budget.OLDER
    assert not check(home / "params.yaml").problems
    assert params.read(probe.Params, "probe").kept == 2.0
    assert params.read(neighbours.Params, "neighbours").megabytes == 4000


def test_sections_share_the_budget(home: Path) -> None:
    (home / "params.yaml").write_text(PROFILE.replace("memory_gb: 8.0", "memory_gb: 2.0"))
    assert params.read(probe.Params, "probe").kept == 1.0
    assert params.read(neighbours.Params, "neighbours").megabytes == 1500


def test_a_wrong_budget_is_a_problem(home: Path) -> None:
    (home / "params.yaml").write_text(PROFILE.replace("memory_gb: 8.0", "memory_gb: 0"))
    assert any("budget.memory_gb is 0" in problem for problem in check(home / "params.yaml").problems)


def test_too_much_for_the_disk_is_refused() -> None:
    budget.check_disk(49.9, "the vectors of 5 texts")
    with pytest.raises(CairnError, match=r"budget\.disk_gb is 50, but the vectors of 5 texts take 50\.1 GB"):
        budget.check_disk(50.1, "the vectors of 5 texts")


STAGE = """
import numpy as np
from curation.core.stage import main
def run() -> None:
    print(len(np.ones(200_000_000)))
main(run)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit")
@pytest.mark.parametrize(("gigabytes", "code"), [(1.0, 2), (4.0, 0)])
def test_a_stage_that_takes_more_memory_is_refused_it(home: Path, gigabytes: float, code: int) -> None:
    (home / "params.yaml").write_text(PROFILE.replace("memory_gb: 8.0", f"memory_gb: {gigabytes}"))
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", STAGE], env=env, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == code, done.stderr
    assert ("error: out of memory" in done.stderr) == ("budget.memory_gb" in done.stderr) == bool(code)


def test_without_a_budget_nothing_is_limited(home: Path) -> None:
    import resource

    older(home)
    before = resource.getrlimit(resource.RLIMIT_DATA)
    budget.limit_memory()
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_too_much_for_memory_is_refused_before_it_begins(home: Path) -> None:
    budget.check_memory(7e6, "a subset of 5 rows", "lower fetch.rows")
    with pytest.raises(CairnError, match=r"memory_gb is 8, but a subset of 5 rows takes about 8\.3 GB.*or lower fetch"):
        budget.check_memory(8e6, "a subset of 5 rows", "lower fetch.rows")


def test_a_file_too_large_to_be_read_is_refused_unread(home: Path) -> None:
    (home / "params.yaml").write_text(PROFILE.replace("memory_gb: 8.0", "memory_gb: 0.31"))
    file = home / "tasks" / "rows.jsonl"
    file.write_text('{"a": 1}\n' * 400_000)
    with pytest.raises(CairnError, match=r"memory_gb is 0\.31, but fetching .*rows\.jsonl takes about 0\.3 GB"):
        sources.rows(Source("file:rows.jsonl"), "en", {}, sources.Bundled(None, 0))
