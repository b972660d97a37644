"""The whole flow on little data, in a folder of its own: every stage as DVC would run it, and the bytes it writes.

Stages run in a forked child of this process, which has the libraries loaded already: a second each, so that hundreds
of runs can be killed. The child is a process like any other, with locks and open files of its own, and dies of SIGKILL.
"""

from __future__ import annotations

import hashlib
import importlib
import itertools
import os
import re
import runpy
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from curation.core.edge import say_when_stopped

ROOT = Path(__file__).parents[2]
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "cleanlab",
    "cleanlab.rank",
    "faiss",
    "sklearn",
    "accelerate",
)
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "os.truncate", "os.link")
"""Events of Python's audit that change what lies in a folder: the points at which a swap of folders can be cut."""


@dataclass(frozen=True)
class Stage:
    """One run of a stage of dvc.yaml."""

    name: str
    module: str
    words: tuple[str, ...]
    outs: tuple[str, ...]
    deps: tuple[str, ...]
    """What other stages made for it."""


def small(folder: Path) -> None:
    """Write params.yaml of a flow of seconds into ``folder``, an empty task folder, and dvc.yaml."""
    yaml = YAML()
    values = yaml.load(ROOT / "profiles/demo.yaml")
    values["seeds"] = [1]
    values["embed"]["model"] = (
        "bundled:micro"  # another than the one under evaluation; a sentence encoder costs seconds
    )
    values["fetch"]["languages"] = ["en", "de"]
    values["fetch"]["rows"] = {
        "intermediate": {"train": 120, "dev": 40},
        "target": {"train": 60, "dev": 40, "test": 40},
        "retrieval": {"dev": 30, "test": 40},
    }
    values["probe"].update(folds=3, hidden=8)
    values["subset"]["size"] = 40
    for phase in ("intermediate", "target"):
        values["train"][phase].update(steps=8, epochs=None, evaluate_every=2, max_length=48)
    values["evaluate"].update(max_length=48, bootstrap=100)
    values["retrieve"].update(max_length=48, bootstrap=100)
    yaml.dump(values, folder / "params.yaml")
    shutil.copy(ROOT / "dvc.yaml", folder)
    (folder / "tasks").mkdir()


def stages(folder: Path) -> list[Stage]:
    """Return every run of every stage, in the order of dvc.yaml (which is one of the dependencies)."""
    values = YAML(typ="safe").load(folder / "params.yaml")
    found = []
    for name, body in YAML(typ="safe").load(folder / "dvc.yaml")["stages"].items():
        matrix = {key: _axis(axis, values) for key, axis in (body.get("matrix") or {}).items()}
        for row in itertools.product(*matrix.values()):
            item = dict(zip(matrix, row, strict=True))
            words = shlex.split(_filled(body["cmd"], item))
            outs = [
                one if isinstance(one, str) else next(iter(one))
                for key in ("outs", "plots", "metrics")
                for one in body.get(key) or ()
            ]
            label = "@".join([name, "-".join(map(str, item.values()))]) if item else name
            deps = [
                _filled(dep, item) for dep in body.get("deps") or () if dep.startswith(("data/", "models/", "reports/"))
            ]
            found.append(
                Stage(label, words[2], tuple(words[3:]), tuple(_filled(out, item) for out in outs), tuple(deps))
            )
    return found


def _axis(axis: Any, values: dict[str, Any]) -> list[Any]:
    if isinstance(axis, list):
        return axis
    for key in axis.removeprefix("${").removesuffix("}").split("."):
        values = values[key]
    return list(values)


def _filled(text: str, item: dict[str, Any]) -> str:
    return re.sub(r"\$\{item\.(\w+)\}", lambda found: str(item[found[1]]), text)


def preload(runs: list[Stage]) -> None:
    """Import once, here, what the children would import each time."""
    for name in HEAVY:
        importlib.import_module(name)
    for module in {run.module for run in runs}:
        importlib.import_module(module)
        for file in (ROOT / module.replace(".", "/")).glob("[!_]*.py"):
            importlib.import_module(f"{module}.{file.stem}")
    for package in ("curation.score.scorers", "training.kinds", "curation.metrics"):
        for file in (ROOT / package.replace(".", "/")).glob("[!_]*.py"):
            importlib.import_module(f"{package}.{file.stem}")
    import torch

    torch.set_num_threads(1)


@dataclass(frozen=True)
class Ended:
    """How a child ended."""

    code: int
    """Exit code; below 0: the signal that killed it."""
    seconds: float
    said: str
    changes: int
    """Changes in folders that it made."""


def start(
    stage: Stage, folder: Path, log: Path, *, kill_at: int = 0, sign: int = signal.SIGKILL,
    before: Callable[[], None] | None = None,
) -> int:  # fmt: skip
    """Fork a child that runs ``stage`` in ``folder``; it sends itself ``sign`` at change ``kill_at`` (0 = never)."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.chdir(folder)
        handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        say_when_stopped()
        if before is not None:
            before()
        _count(log.with_suffix(".changes"), kill_at, sign)
        sys.argv = [stage.module, *stage.words]
        runpy.run_module(stage.module, run_name="__main__", alter_sys=True)
        code = 0
    except KeyboardInterrupt:  # before the stage's edge, or after it: as Python ends
        sys.excepthook(*sys.exc_info())
        code = 130
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 70
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def _count(file: Path, kill_at: int, sign: int) -> None:
    made = 0
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)

    def heard(event: str, _: Any) -> None:
        nonlocal made
        if event in CHANGES:
            made += 1
            os.pwrite(handle, str(made).encode(), 0)
            if made == kill_at:
                os.kill(os.getpid(), sign)

    sys.addaudithook(heard)


def wait(child: int, log: Path, *, kill_after: float | None = None, sign: int = signal.SIGKILL) -> Ended:
    """Wait for a child, sending it ``sign`` after ``kill_after`` seconds, and return how it ended."""
    began = time.monotonic()
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        if kill_after is not None and time.monotonic() - began >= kill_after:
            os.kill(child, sign)
            kill_after = None
        time.sleep(0.002)
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    counted = log.with_suffix(".changes")
    changes = int(counted.read_text() or 0) if counted.exists() else 0
    return Ended(os.waitstatus_to_exitcode(status), time.monotonic() - began, said, changes)


def run(stage: Stage, folder: Path, log: Path, **how: Any) -> Ended:
    """Run ``stage`` to its end, or to its death."""
    kill_after, sign = how.pop("kill_after", None), how.get("sign", signal.SIGKILL)
    return wait(start(stage, folder, log, **how), log, kill_after=kill_after, sign=sign)


def hashes(folder: Path, outs: tuple[str, ...]) -> dict[str, str]:
    """Return the hash of every file under ``outs``; of reports, without the times that they measured."""
    found = {}
    for out in outs:
        place = folder / out
        for file in sorted(place.rglob("*")) if place.is_dir() else [place] if place.exists() else []:
            if file.is_file():
                name = file.relative_to(folder).as_posix()
                found[name] = hashlib.sha256(_timeless(name, file.read_bytes())).hexdigest()
    return found


def _timeless(name: str, content: bytes) -> bytes:
    """Return the content of a report of a training without what a clock said, and how much memory the process had."""
    if not re.match(r"reports/(intermediate|target)/", name):
        return content
    if name.endswith(".json"):
        return re.sub(rb'"(\w*seconds|rows_per_second|peak_memory_mb)": [-+.\de]+', rb'"\1": 0', content)
    head, *rows = content.decode().splitlines()
    timed = head.split(",").index("seconds")
    return "\n".join(
        ",".join(cell for n, cell in enumerate(row.split(",")) if n != timed) for row in [head, *rows]
    ).encode()


def remove(folder: Path, outs: tuple[str, ...]) -> None:
    """Remove outputs, as DVC does before it runs a stage."""
    for out in outs:
        place = folder / out
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)


def copy(kept: Path, folder: Path, outs: tuple[str, ...]) -> None:
    """Put outputs as they lie in ``kept`` in the place of those in ``folder``, where both can be written."""
    remove(folder, outs)
    for out in outs:
        (folder / out).parent.mkdir(parents=True, exist_ok=True)
        if (kept / out).is_dir():
            shutil.copytree(kept / out, folder / out, symlinks=True)
        else:
            shutil.copy2(kept / out, folder / out)
