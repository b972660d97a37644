"""Both engines give the same; Ray on a cluster of two workers, in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from curation.core import engine
from curation.core.errors import CairnError
from tests.clusters import TWO_WORKERS

ROOT = Path(__file__).parents[3]
needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed: pip install ray")


def test_without_params_shards_are_computed_here_one_after_another(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = engine.each(str.upper, iter(["a", "b"]))
    assert next(found) == "A"
    assert list(found) == ["B"]


def test_an_unknown_engine_is_named(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("engine: rey\n", encoding="utf-8")
    with pytest.raises(CairnError, match=r"params\.yaml: engine.*Did you mean 'ray'\?"):
        list(engine.each(str.upper, ["a"]))


def test_without_ray_it_says_what_to_install(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "ray", None)
    engine.cluster.cache_clear()
    Path("params.yaml").write_text("engine: ray\n", encoding="utf-8")
    with pytest.raises(CairnError, match=r"pip install ray"):
        list(engine.each(str.upper, ["a"]))


CLUSTER = f"""{TWO_WORKERS}
import sys
from pathlib import Path
sys.path.insert(0, str(Path.cwd()))
from tests.curation.core import on_two_workers
on_two_workers.main(Path(sys.argv[1]))
ray.shutdown()
"""


@needs_ray
@pytest.mark.slow
def test_two_workers_give_the_bytes_of_one_process(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    env |= {"RAY_USAGE_STATS_ENABLED": "0"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", CLUSTER, str(tmp_path)], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == ["order", "errors", "embed", "probe", "surface", "translate"]
