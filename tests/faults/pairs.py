"""Two at once: two clones on one cache, two runs in one clone, two ``dvc repro`` in one clone, and one killed."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.faults import flow
from tests.faults.bench import Bench

ROOT = Path(__file__).parents[2]


def two(bench: Bench) -> dict[str, object]:
    """Run every stage twice at once, in two clones on one cache, and twice at once in one clone."""
    found = {}
    other = bench.base / "other"
    for kind in ("two clones, one cache", "one clone"):
        fine = 0
        for stage in bench.stages:
            shutil.rmtree(bench.cache, ignore_errors=True)
            shutil.rmtree(other, ignore_errors=True)
            if kind != "one clone":
                shutil.copytree(bench.folder, other, symlinks=True)
            second = bench.folder if kind == "one clone" else other
            logs = [bench.base / "log1", bench.base / "log2"]
            children = [flow.start(stage, place, log) for place, log in zip((bench.folder, second), logs, strict=True)]
            ended = [flow.wait(child, log) for child, log in zip(children, logs, strict=True)]
            if any(one.code for one in ended):
                bench.wrong(
                    f"{stage.name}, {kind}: ends with {[one.code for one in ended]}", "".join(e.said for e in ended)
                )
            fine += bench.compare(stage, kind) and bench.compare(stage, kind, second)
        found[kind] = {"stages": len(bench.stages), "both as an unbroken run": fine}
        print(kind, found[kind], flush=True)
    return found


def dvc(bench: Bench, count: int, draw: random.Random) -> dict[str, object]:
    """Kill ``dvc repro`` with all its children at random moments, then let it end; at last two at once."""
    clone = bench.base / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    shutil.copy(bench.folder / "params.yaml", clone)
    environment = os.environ | {"PYTHONPATH": str(clone), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    targets = ["fetch-target", "translate", "pretrained"]

    def begin(*flags: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "dvc", "repro", *flags, *targets], cwd=clone, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    began = time.monotonic()
    said, _ = (process := begin()).communicate()
    whole = time.monotonic() - began
    if process.returncode:
        bench.wrong("dvc repro fails unbroken", said)
    wanted = [s for s in flow.stages(clone) if s.name.split("@")[0] in ("fetch-intermediate", *targets)]
    fine = 0
    for number in range(count):
        shutil.rmtree(bench.cache, ignore_errors=True)
        process = begin("--force")
        try:
            said, _ = process.communicate(timeout=draw.uniform(1, whole))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        said, _ = (process := begin()).communicate()
        if process.returncode:
            bench.wrong(f"dvc repro after kill {number}", said)
        fine += all([bench.compare(stage, f"dvc repro, kill {number}", clone) for stage in wanted])
        print(f"dvc repro: {number + 1} kills, {fine} as unbroken", flush=True)
    pair = [begin("--force"), begin("--force")]
    ended = [process.communicate()[0] for process in pair]
    codes = [process.returncode for process in pair]
    both = all([bench.compare(stage, "two dvc repro", clone) for stage in wanted])
    if not any(code == 0 for code in codes):
        bench.wrong(f"two dvc repro in one clone: {codes}", "".join(ended))
    return {"kills of dvc repro": count, "as an unbroken run": fine, "two at once": {"codes": codes, "bytes": both}}
