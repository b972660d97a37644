"""The stage killed at random moments, with apertium for real: it ends with the same bytes, and asks nothing twice."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from curation.core import files
from curation.translate.sentences import Cache
from curation.translate.translators import apertium

ROOT = Path(__file__).parents[3]
KILLS = 10
TASK = "mini_nli"
SHIM = """#!/bin/sh
[ "$1" = -l ] && exec {real} "$@"
asked=$(mktemp {log}/XXXXXX)
cat > "$asked"
exec {real} "$@" < "$asked"
"""
CODE = """
import runpy, sys
from curation.translate.translators import apertium
apertium.CHUNK = 256
sys.argv = ["translate", "--task", "mini_nli", "--lang", "es"]
runpy.run_module("curation.translate", run_name="__main__", alter_sys=True)
"""


def project(folder, fetched=None):
    """A folder with params.yaml and fetched rows, a cache of its own, and an apertium that notes what it is asked."""
    (folder / "tasks").mkdir(parents=True)
    (folder / "log").mkdir()
    (folder / "bin").mkdir()
    shim = folder / "bin" / "apertium"
    shim.write_text(SHIM.format(real=shutil.which("apertium"), log=folder / "log"))
    shim.chmod(0o755)
    yaml = YAML()
    values = yaml.load(ROOT / "profiles/demo.yaml")
    values["fetch"]["rows"]["intermediate"] = {"train": 1500, "dev": 20}
    values["translate"].update(languages=["es"], backend="apertium")
    yaml.dump(values, folder / "params.yaml")
    if fetched is None:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "curation.fetch", "--role", "intermediate", "--task", TASK],
            cwd=folder, env=environment(folder), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    else:
        shutil.copytree(fetched / "data", folder / "data")
    return folder


def environment(folder):
    return {
        **os.environ, "PYTHONPATH": str(ROOT), "CAIRN_CACHE": str(folder / "cache"), "OMP_NUM_THREADS": "1",
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
    }  # fmt: skip


def start(folder):
    """Start the stage as a leader of a process group, so that a kill takes apertium's processes along."""
    with (folder / "said.txt").open("w") as said:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", CODE], cwd=folder, env=environment(folder), stdout=said, stderr=said,
            start_new_session=True,
        )  # fmt: skip


def outputs(folder):
    out = folder / "data" / "translated" / TASK / "es"
    return {file.name: file.read_bytes() for file in sorted(out.iterdir())}


def asked(folder):
    """What apertium was asked since the last look."""
    found = []
    for file in sorted((folder / "log").iterdir()):
        found += file.read_text().split("\n\n")[:-1]
        file.unlink()
    return found


def cached(folder, sentences, monkeypatch):
    monkeypatch.setenv("CAIRN_CACHE", str(folder / "cache"))
    cache = Cache(
        files.cache_folder("translations") / "apertium.sqlite", apertium.describe("en", "es", None), "en", "es"
    )
    return set(cache.get(sentences))


@pytest.mark.slow
@pytest.mark.apertium
def test_killed_at_random_moments_it_ends_the_same_and_translates_nothing_twice(tmp_path, monkeypatch):
    whole = project(tmp_path / "whole")
    began = time.monotonic()
    assert start(whole).wait() == 0, (whole / "said.txt").read_text()
    seconds = time.monotonic() - began
    every = asked(whole)
    assert len(every) == len(set(every)), "a sentence was asked for twice in one run"

    broken = project(tmp_path / "broken", fetched=whole)
    shutil.rmtree(broken / "data" / "translated")
    draw = random.Random(11)
    kept: set[str] = set()
    killed, longest = 0, 0.5 + seconds / 2
    for _ in range(3 * KILLS):
        if killed == KILLS:
            break
        run = start(broken)
        time.sleep(draw.uniform(0.3, longest))
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGKILL)
            killed += 1
        else:  # over before: the unbroken run was slowed down by other work
            longest = max(0.4, 0.7 * longest)
        run.wait()
        assert not kept & set(asked(broken)), "a sentence that was in the cache was translated again"
        kept = cached(broken, every, monkeypatch)
        if killed < KILLS and (broken / "data" / "translated" / TASK / "es").exists():
            shutil.rmtree(broken / "data" / "translated" / TASK / "es")
    assert killed >= KILLS // 2
    last = start(broken)
    assert last.wait() == 0, (broken / "said.txt").read_text()
    assert not kept & set(asked(broken))
    assert outputs(broken) == outputs(whole)
