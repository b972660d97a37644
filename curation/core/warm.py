"""``python warm.py COMMAND...``: run a command whose ``python -m ...`` are forks of this process, and so start at once.

DVC starts a process per run of a stage, and where a small encoder trains for seconds, starting Python and importing
PyTorch takes as long. So DVC finds, first on its PATH, a ``python`` that asks this process for a fork. What a module
needs is imported here before its first run, and what that run imported on its way before its second; once a file of
these has been edited, runs start as usual. Each run has its own memory, arguments, environment and folder, as any
process has. One run at a time, which is how DVC works.

Ctrl-C in a terminal reaches every process of the command. This one and the waiting ``python`` leave the answer to the
run, which ends as it would alone; one that comes while this process imports ends the run before it begins.

This file imports nothing of Cairn but in a fork: the code that runs is that of the folder it is started in.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any, NoReturn

_ADDRESS = "CAIRN_WARM"
_OURS = ("curation", "training")
_LEARNT: dict[str, list[str]] = {}
"""Module to what its last run imported beyond what this process has."""
_SEEN: dict[str, tuple[int, int]] = {}
"""Source file under this folder to its time and size when it was imported."""
_STOPPED: list[bool] = []
"""Not empty: Ctrl-C came while this process was at work for a run that had not begun."""
_CLIENT = """#!{python} -IS
import os, signal, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    try:
        asked.connect(os.environ["{address}"])
    except (KeyError, OSError):
        os.execv("{python}", ["{python}", *sys.argv[1:]])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import json
    text = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(asked, [len(text).to_bytes(8, "big")], [0, 1, 2])
    asked.sendall(text)
    answer = asked.recv(1)
sys.exit(answer[0] if answer else 1)
"""


def able() -> bool:
    """Tell whether this system can fork such a process; elsewhere a command runs as it is."""
    return sys.platform == "linux"


def serve(command: list[str]) -> int:
    """Run ``command``, be its ``python`` until it ends, and return its exit code."""
    signal.signal(signal.SIGINT, _interrupted)
    folder = Path(tempfile.mkdtemp(prefix="cairn-warm."))  # a context's end would come in every fork, too
    try:
        os.environ[_ADDRESS] = str(folder / "door")  # short: an address has a hundred characters at most
        client = folder / "python"
        client.write_text(_CLIENT.format(python=sys.executable, address=_ADDRESS), encoding="utf-8")
        client.chmod(0o755)
        os.environ["PATH"] = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(os.environ[_ADDRESS])
            door.listen()
            door.settimeout(0.1)
            # What this process inherited, the lock of a job, the command inherits too.
            with subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False) as process:  # noqa: S603
                while process.poll() is None:
                    with contextlib.suppress(TimeoutError):
                        asked, _ = door.accept()
                        with asked:
                            _answer(asked)
                return process.returncode
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _interrupted(*_: object) -> None:
    _STOPPED.append(True)


def _answer(asked: socket.socket) -> None:
    """Read one call, run it in a fork, and send its exit code."""
    asked.settimeout(None)
    _STOPPED.clear()
    head, places, _, _ = socket.recv_fds(asked, 8, 3)
    size, text = int.from_bytes(head, "big"), b""
    while len(text) < size:
        text += asked.recv(size - len(text))
    arguments, folder, environment = json.loads(text)
    module = arguments[1] if arguments[:1] == ["-m"] and len(arguments) > 1 else ""
    ours = module.split(".")[0] in _OURS
    if ours:
        learn([f"{module}.__main__", *_LEARNT.pop(module, ())])
        ours = not edited()
    known = set(sys.modules)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number, place in enumerate(places):
            os.dup2(place, number)
        for place in (*places, read, asked.fileno()):
            os.close(place)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        if not ours:
            os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606
        _run(module, arguments[2:], known, write)
    os.close(write)
    for place in places:
        os.close(place)
    with os.fdopen(read, encoding="utf-8") as names:
        learnt = names.read().split()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    with contextlib.suppress(OSError):  # whoever asked is gone
        asked.sendall(bytes([code if code >= 0 else 128 - code]))
    _LEARNT[module] = learnt


def _run(module: str, arguments: list[str], known: set[str], write: int) -> None:
    """Run ``python -m module arguments`` in this process, tell what it imported, and end."""
    code = called(module, arguments)
    with contextlib.suppress(OSError), os.fdopen(write, "w", encoding="utf-8") as names:
        names.write("\n".join(name for name in set(sys.modules) - known if not name.startswith("__")))
    end(code)


def called(module: str, arguments: list[str]) -> int:
    """Do what ``python -m module arguments`` does, or take over what was made ahead; return the exit code."""
    sys.argv = ["-m", *arguments]
    code: Any = 0
    try:
        if _STOPPED:
            raise KeyboardInterrupt
        if not _claimed(["-m", module, *arguments]):
            runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as stop:
        code = stop.code
    except KeyboardInterrupt:  # while it was imported: later on the edge of the stage answers
        sys.stderr.write("\nstopped. The same command goes on from there.\n")
        code = 130
    except BaseException:  # as Python itself does at the edge of a program
        sys.excepthook(*sys.exc_info())
        code = 1
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
        code = 1
    return code or 0


def end(code: int) -> NoReturn:
    """End a fork here, and not where the process that it comes from would."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _claimed(arguments: list[str]) -> bool:
    if "CAIRN_AHEAD_FOLDER" not in os.environ:
        return False
    from curation.core import ahead

    return ahead.claim(arguments)


def learn(names: list[str]) -> None:
    """Import modules here, so that forks have them; what cannot be imported, the fork will say."""
    for name in sorted(names):
        with contextlib.suppress(Exception), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            importlib.import_module(name)
        if name.endswith(".__main__"):
            sys.modules.pop(name, None)  # it is to run, each time


def edited() -> bool:
    """Tell whether a file imported here has changed since: then its stage starts as a process of its own.

    DVC would record the stage as run by the code that lies there now.
    """
    here = str(Path.cwd()) + os.sep
    for one in list(sys.modules.values()):
        file = getattr(one, "__file__", None)
        if file and file.startswith(here) and file not in _SEEN:
            _SEEN[file] = _facts(file)
    return any(_facts(file) != facts for file, facts in _SEEN.items())


def _facts(file: str) -> tuple[int, int]:
    try:
        found = os.stat(file)  # noqa: PTH116 - some hundred of them before each run
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


if __name__ == "__main__":
    sys.path[0] = str(Path.cwd())  # as `python -m` has it
    sys.exit(serve(sys.argv[1:]))
