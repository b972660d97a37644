"""``python -m curation.cli.ahead SESSION``: see the docstring of the package. Input: ``run NAME`` or ``same NAME``."""

from __future__ import annotations

import ctypes
import os
import select
import shlex
import signal
import sys
import time
from pathlib import Path
from typing import Any

from curation.check import flow
from curation.cli.ahead import room
from curation.cli.ahead.plan import Course
from curation.core import ahead, params, warm
from curation.core.ahead import Place
from curation.core.errors import CairnError

LOOK = 0.2
"""Seconds between two looks at what has ended."""
PATIENCE = 3.0
"""Seconds that a run which is no longer wanted has to end."""
_DIES_WITH_PARENT = 1


class Worker:
    """The runs that are at work, each a fork of this process."""

    def __init__(self, session: Path):
        self.session, self.here = session, Path.cwd()
        self.values: dict[str, Any] = params.load()
        runs = flow.runs(self.values, [])
        self.course = Course(
            {name: run for name, run in runs.items() if run.command.startswith("python -m ")}, _locked()
        )
        self.made = sorted({Path(out).parts[0] for run in self.course.runs.values() for out in run.outs})
        self.most = room.most(self.values)
        self.running: dict[int, str] = {}
        self.learnt: dict[str, list[str]] = {}
        """Module to what its last run imported on its way."""

    def arguments(self, name: str) -> list[str]:
        """Return what follows ``python`` in the command of a run: ``-m module --option value``."""
        return shlex.split(self.course.runs[name].command)[1:]

    def module(self, name: str) -> str:
        """Return the module that a run calls."""
        return self.arguments(name)[1]

    def place(self, name: str) -> Place:
        """Return where a run is made ahead."""
        return Place(self.session, self.arguments(name))

    def heard(self, line: str) -> None:
        """Take in a line of DVC's; a run that DVC will not make is ended."""
        how, _, name = line.partition(" ")
        if name not in self.course.runs:
            return
        self.course.heard(name, how == "run")
        for process, run in self.running.items():
            if run == name and how != "run":
                os.kill(process, signal.SIGTERM)

    def look(self) -> None:
        """Note what has ended, and begin what there is room for."""
        for process in list(self.running):
            done, status = os.waitpid(process, os.WNOHANG)
            if done:
                name = self.running.pop(process)
                if status == 0:
                    self.course.made.add(name)
                    self.learnt[self.module(name)] = self.place(name).names.read_text(encoding="utf-8").split()
        while len(self.running) < self.most:
            found = (one for one in self.course.ready() if self.fits(one))
            wanted = next(found, None)
            if wanted is None or not self.begin(wanted):
                return

    def fits(self, name: str) -> bool:
        """Tell whether the machine has room for the run."""
        return room.fits(self.course.runs[name], self.values, len(self.running))

    def begin(self, name: str) -> bool:
        """Run ``name`` in a fork; return whether this process is still of use: its code is what lies there."""
        self.course.begun.add(name)
        module = self.module(name)
        warm.learn([f"{module}.__main__", *self.learnt.get(module, ())])
        if warm.edited():
            self.most = 0
            return False
        parent, process = os.getpid(), os.fork()
        if process == 0:
            ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            warm.end(self.run(name) if os.getppid() == parent else 1)
        self.running[process] = name
        return True

    def run(self, name: str) -> int:
        """Make the run in its place, in the process that is there for it alone; return its exit code."""
        run, place, known = self.course.runs[name], self.place(name), set(sys.modules)
        if place.begin() is None:
            return 1
        above = {dep: self.place(one) for dep, one in self.course.above(name).items()}
        reads = {*run.reads, str(params.path()), str(self.values.get("task_folder") or flow.FILE)}
        deps = {dep: above[dep].root / dep if dep in above else self.here / dep for dep in reads}
        read = ahead.facts(dep for dep in reads if dep not in above)
        try:
            ahead.look_through(place.root, self.here, deps, run.outs, self.made)
        except OSError:
            return 1
        _apart(place)
        code = warm.called(self.module(name), self.arguments(name)[2:])
        os.chdir(self.here)
        if code == 0:
            place.names.write_text("\n".join(set(sys.modules) - known - {"__mp_main__"}), encoding="utf-8")
            place.finish(run.outs, read, above.values())
        return code

    def stop(self) -> None:
        """End what is at work, and wait for it."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self.running:
                os.kill(process, number)
            until = time.monotonic() + PATIENCE
            while self.running and time.monotonic() < until:
                self.running = {one: name for one, name in self.running.items() if not os.waitpid(one, os.WNOHANG)[0]}
                time.sleep(0.02)


def _apart(place: Place) -> None:
    """Stand in the place of the run, and say to its log."""
    for name in ("CAIRN_CACHE", "CAIRN_HUB_MIRROR", "CAIRN_PARAMS"):
        if os.environ.get(name):
            os.environ[name] = str(Path(os.environ[name]).absolute())
    os.environ.pop(ahead.NAME, None)
    os.chdir(place.root)
    with place.log.open("wb") as log, Path(os.devnull).open("rb") as nothing:
        for number, file in ((0, nothing), (1, log), (2, log)):
            os.dup2(file.fileno(), number)


def _locked() -> frozenset[str]:
    """Return the runs that dvc.lock knows."""
    try:
        return frozenset(params.load(Path("dvc.lock")).get("stages") or ())
    except (CairnError, AttributeError):
        return frozenset()


def main(session: Path) -> None:
    """Work ahead until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # `repro` ends the input when it has had enough
    worker, text, ended = Worker(session), b"", False
    while not ended and worker.most:
        if select.select([0], [], [], LOOK)[0]:
            got = os.read(0, 1 << 16)
            ended, text = not got, text + got
            *lines, text = text.split(b"\n")
            for line in lines:
                worker.heard(line.decode())
        if not ended:
            worker.look()
    while not ended:  # nothing can be done, and whoever tells us should not be told that nobody listens
        ended = not os.read(0, 1 << 16)
    worker.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
