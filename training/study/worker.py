"""One job in a clone of its own: DVC makes what is missing, and an arm is saved as an experiment.

The clone shares git's objects and DVC's cache, run cache included, with the repository, so that a run that any worker
has finished is restored and not made again. A fresh clone per job has no leftovers of another arm in its folders.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import threads, warm
from curation.core.errors import CairnError
from curation.results.places import cache
from training.study import arms, gpus, rates, state

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from training.study.flow import Job
    from training.study.remote import Remote
    from training.study.state import Place

_OURS = ("reports", "dvc.lock", "params.yaml")
_RUNNING = re.compile(r"Running stage '([^']+)'")
_CODE = ("curation", "training", "dvc.yaml", "tasks", "profiles")


class Failed(Exception):
    """A job did not come to its end; the message is for people."""


def check_known(task_folders: Collection[str] = ()) -> None:
    """Raise :class:`CairnError` when git does not know files that a clone would then lack.

    ``task_folders``: those that the arms name; one outside the repository is no matter of git.
    """
    inside = [folder for folder in task_folders if not Path(folder).is_absolute() and ".." not in Path(folder).parts]
    folders = list(dict.fromkeys([*_CODE, *(Path(folder).as_posix() for folder in inside)]))
    listed = git(Path(), "ls-files", "--others", "--exclude-standard", "-z", "--", *folders)
    missed = [path for path in listed.split("\0") if path]
    if missed:
        named = [top for top in folders if any(path == top or path.startswith(f"{top}/") for path in missed)]
        raise CairnError(
            f"git does not know {', '.join(missed[:5])}{' and more' if len(missed) > 5 else ''}, so the clones in "
            f"which the arms run would miss them. Type: git add {' '.join(named)}"
        )


def experiment(place: Place, arm: str) -> str:
    """Return the name of the experiment that an arm is saved as."""
    return f"{place.study}-{place.size}-{arm}"


def work(
    job: Job,
    key: str,
    place: Place,
    lock: int,
    stopping: Callable[[], bool],
    remote: Remote | None = None,
    device: str | None = None,
) -> None:
    """Do ``job`` and write its record; raise :class:`Failed` when it cannot be done.

    ``lock``: descriptor of the job's lock. ``stopping`` tells whether DVC was ended on purpose: then
    :class:`KeyboardInterrupt` is raised, and the record says "running", which nobody does: stopped. ``remote``: what
    other machines have made is pulled from there, and what is made here is pushed. ``device``: see :func:`environment`.
    """
    token = uuid.uuid4().hex
    before = place.read(job.name)
    if before.get("state") == "running" and before.get("token") and not state.alive(int(before["runner"])):
        state.end(before["token"])
        shutil.rmtree(before.get("clone", ""), ignore_errors=True)
    clone = Path(tempfile.mkdtemp(prefix=f"{job.name}.", dir=_workers(place)))
    record: dict[str, Any] = {
        "state": "running", "key": key, "token": token, "runner": os.getpid(), "started": state.now(), "stages": [],
        "clone": str(clone), **({"device": device} if device is not None else {}),
    }  # fmt: skip
    place.write(job.name, record)
    try:
        commit = _in_clone(job, place, lock, clone, record, stopping, remote)
        record |= {"state": "done", "finished": state.now(), **({"commit": commit} if commit else {})}
    except (Failed, OSError, subprocess.SubprocessError) as error:
        record |= {"state": "failed", "finished": state.now(), "error": str(error)}
        raise Failed(str(error)) from error
    finally:
        shutil.rmtree(clone, ignore_errors=True)
        if record["state"] != "running":  # else it was stopped, and the record says so
            place.write(job.name, record)


def _workers(place: Place) -> Path:
    folder = (place.folder / "workers").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _in_clone(
    job: Job,
    place: Place,
    lock: int,
    clone: Path,
    record: dict[str, Any],
    stopping: Callable[[], bool],
    remote: Remote | None,
) -> str | None:
    root = Path().resolve()
    changes = subprocess.run(
        ["git", "diff", "--binary", "HEAD", "--", ".", *(f":!{name}" for name in _OURS)],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    git(root, "clone", "--quiet", "--shared", str(root), str(clone))
    if changes:
        subprocess.run(["git", "apply", "--index", "--whitespace=nowarn"], input=changes, cwd=clone, check=True)
    git(clone, "rm", "-r", "--quiet", "--ignore-unmatch", "--", "reports", "dvc.lock", ":!*.gitkeep")
    _write_config(clone, remote)
    _cache_all(clone / "dvc.yaml")
    arms.write(job.arm, clone / "params.yaml")
    code = _reproduce(job, place, lock, clone, record, stopping, remote)
    if code:
        raise Failed(last_words(place.log(job.name), code))
    if remote is not None:
        _push(clone, remote)
    return None if job.shared else _save(clone, place, job)


def _write_config(clone: Path, remote: Remote | None) -> None:
    text = f'[cache]\n    dir = {cache().resolve()}\n    type = "reflink,hardlink,symlink,copy"\n'
    if remote is not None:
        text += remote.config()
    (clone / ".dvc/config.local").write_text(text, encoding="utf-8")


def _push(clone: Path, remote: Remote) -> None:
    """Push what the job made, with the run cache by which other machines find it."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "push", "--quiet", "--run-cache", "--remote", remote.name],
        cwd=clone, capture_output=True, encoding="utf-8", errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        raise Failed(f"dvc push --remote {remote.name}: {(done.stderr or done.stdout).strip()}")


def _cache_all(flow: Path) -> None:
    """Let DVC keep every output of the clone's stages: it restores no run of a stage that has one it does not keep.

    Reports are small files for git in dvc.yaml, and stay that in the experiment. ``check`` is left to run for every
    arm: it depends on the whole of params.yaml, where DVC overlooks keys called ``size``.
    """
    lines = flow.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line if "reports/check.json" in line else line.replace("cache: false", "cache: true") for line in lines]
    flow.write_text("".join(kept), encoding="utf-8")


def _as_files(folder: Path) -> None:
    """Turn what DVC linked to its cache into files of their own, which git is not to ignore."""
    for path in list(folder.rglob("*")):
        if path.name == ".gitignore":
            path.unlink()
        elif path.is_symlink():
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content)


def environment(token: str, device: str | None = None) -> dict[str, str]:
    """Return the environment of a job: one thread or ``CAIRN_THREADS``, this Python first, folders by whole paths.

    ``device``: the one CUDA device that it may see; ``None`` = those that this process may.
    """
    found = {name: value for name, value in os.environ.items() if name not in ("CAIRN_PARAMS", "PYTHONPATH")}
    for name in ("CAIRN_CACHE", "CAIRN_HUB_MIRROR"):
        folder = os.environ.get(name) or (".cairn/cache" if name == "CAIRN_CACHE" else "")
        if folder:
            found[name] = str(Path(folder).resolve())
    found["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return found | {
        threads.NAME: os.environ.get(threads.NAME, "1"),
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONUNBUFFERED": "1",
        state.TOKEN: token,
        **({gpus.NAME: device} if device is not None else {}),
    }


def _reproduce(
    job: Job,
    place: Place,
    lock: int,
    clone: Path,
    record: dict[str, Any],
    stopping: Callable[[], bool],
    remote: Remote | None,
) -> int:
    """Let DVC make the job's targets, note how long each stage took, and return its exit code."""
    log = place.log(job.name)
    log.parent.mkdir(parents=True, exist_ok=True)
    going = ["--keep-going"] if job.shared else []
    going += ["--pull"] if remote is not None else []
    if stopping():  # asked while the clone was made, when there was nothing to end
        raise KeyboardInterrupt
    with log.open("w", encoding="utf-8") as handle:
        process = subprocess.Popen(
            [sys.executable, warm.__file__, sys.executable, "-m", "dvc", "repro", *going, *job.targets],
            cwd=clone, env=environment(record["token"], record.get("device")), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
            start_new_session=True, pass_fds=(lock,),
        )  # fmt: skip
        assert process.stdout is not None
        for line in process.stdout:  # a progress bar's carriage returns are line ends here
            handle.write(line)
            handle.flush()
            stage = _RUNNING.search(line)
            if stage:
                _close_stage(record)
                record["stages"].append(
                    {"name": stage[1], "began": state.now(), **rates.work(stage[1], job.arm.values)}
                )
                place.write(job.name, record)
        code, seconds = ended(process, stopping)
    record["cpu_seconds"] = round(seconds, 1)
    _close_stage(record)
    if stopping():
        raise KeyboardInterrupt
    return code


def ended(process: subprocess.Popen[str], stopping: Callable[[], bool]) -> tuple[int, float]:
    """Wait for a child; return its exit code and the CPU seconds of it and its children.

    Raises :class:`KeyboardInterrupt` where Ctrl-C has ended it, which then has waited for it too (``state.end``).
    """
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except ChildProcessError:
        if not stopping():
            raise
        process.returncode = -signal.SIGTERM
        raise KeyboardInterrupt from None
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime + usage.ru_stime


def _close_stage(record: dict[str, Any]) -> None:
    if record["stages"] and "seconds" not in record["stages"][-1]:
        record["stages"][-1]["seconds"] = round(state.now() - record["stages"][-1]["began"], 2)


def last_words(log: Path, code: int) -> str:
    """Return the first error of a log, with the line after it where it announces a list, or else the last line."""
    lines = [line for line in map(str.strip, log.read_text(encoding="utf-8").splitlines()) if line]
    first = next((at for at, line in enumerate(lines) if line.lower().startswith("error:")), len(lines) - 1)
    said = lines[max(first, 0) : first + (2 if lines and lines[first].endswith(":") else 1)]
    return f"{' '.join(said) or f'dvc ended with {code}'} ({log})"


def _save(clone: Path, place: Place, job: Job) -> str:
    """Save the clone as an experiment of the repository and return its commit.

    ``dvc exp save`` wants the outputs of every stage of dvc.yaml; an arm makes those that its scores need. An
    experiment is a commit under ``refs/exps/<baseline>/<name>``, and git writes that as well.
    """
    name = experiment(place, job.name)
    baseline = git(clone, "rev-parse", "HEAD").strip()
    _as_files(clone / "reports")
    git(clone, "add", "--force", "--all", "--", "dvc.lock", "params.yaml", "reports")
    who = ["-c", "user.name=Cairn", "-c", "user.email=study@cairn.invalid"]
    git(clone, *who, "commit", "--quiet", "--no-verify", "--allow-empty", "-m", f"study {place.study}: {job.arm.label}")
    commit = git(clone, "rev-parse", "HEAD").strip()
    ref = f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}"
    git(clone, "push", "--quiet", "--force", "origin", f"{commit}:{ref}")
    only(name, ref)
    return commit


def only(experiment: str, ref: str) -> None:
    """Delete what else is called ``experiment``: the same arm of earlier states of the repository."""
    for line in git(Path(), "for-each-ref", "--format=%(refname)", "refs/exps").splitlines():
        if line.rpartition("/")[2] == experiment and line != ref:
            git(Path(), "update-ref", "-d", line)


def git(folder: Path, *arguments: str) -> str:
    """Return what git prints in ``folder``; raise :class:`Failed` with what it says when it fails."""
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise Failed(f"git {' '.join(arguments[:3])}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
