"""Jobs of a study on machines of a Ray cluster that share no disk: code goes as a git bundle, data by DVC's remote.

A machine unpacks the repository once, runs ``training study run NAME --only JOB --alone --remote`` in it, and sends
back the job's record, its log and, of an arm, the experiment. Outputs of stages go through the remote both ways. The
environment (Python, packages, CAIRN_HUB_MIRROR) has to be the same everywhere, in the same place.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core import engine, files, locks
from training.study import state, worker
from training.study.worker import Failed

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.study.flow import Job
    from training.study.remote import Remote
    from training.study.state import Place

ASKED = "--engine ray"


@dataclass(frozen=True)
class Parcel:
    """The repository as it is here, edits that git knows of included."""

    bundle: bytes
    changes: bytes
    remote: Remote
    files: dict[str, str]
    """Study files that git does not know, by path."""

    @property
    def digest(self) -> str:
        """Return what tells one state of the repository from another."""
        made = hashlib.blake2b(self.bundle + self.changes + self.remote.config().encode(), digest_size=8)
        made.update(json.dumps(self.files, sort_keys=True).encode())
        return made.hexdigest()


@dataclass(frozen=True)
class Result:
    """What a machine sends back."""

    record: dict[str, Any]
    log: str
    bundle: bytes | None
    """The arm's experiment; ``None`` for shared stages and for a job that failed."""
    said: str
    """What the command printed, for a job that left no record."""


@dataclass
class Machines:
    """The cluster, and what is sent to it; :meth:`work` does one job there."""

    remote: Remote
    _sent: Any = field(default=None, init=False)

    def connect(self) -> int:
        """Send the repository to the cluster and return how many jobs it can do at a time.

        Raises :class:`~curation.core.errors.CairnError` when there is no cluster.
        """
        ray = engine.cluster(ASKED)
        self._sent = ray.put(pack(self.remote))
        return engine.slots(ray)

    def work(self, job: Job, key: str, place: Place, lock: int, stopping: Callable[[], bool]) -> None:
        """Do ``job`` on some machine, as :func:`training.study.worker.work` does here."""
        del lock  # held by this process alone: what runs there is ended by Ray
        ray = engine.cluster(ASKED)
        task = engine.remote(ray, there, max_retries=0)
        record: dict[str, Any] = {
            "state": "running", "key": key, "token": uuid.uuid4().hex, "runner": os.getpid(), "started": state.now(),
            "stages": [],
        }  # fmt: skip
        place.write(job.name, record)
        ref = task.remote(self._sent, place.study, place.size, job.name)
        try:
            while not ray.wait([ref], timeout=0.5)[0]:
                if stopping():
                    ray.cancel(ref)
                    raise KeyboardInterrupt
            found: Result = ray.get(ref)
        except ray.exceptions.RayError as error:
            why = str(error).strip().splitlines()[-1]
            place.write(job.name, record | {"state": "failed", "finished": state.now(), "error": why})
            raise Failed(f"on the cluster: {why}") from error
        self._take(job, key, place, record, found)

    def _take(self, job: Job, key: str, place: Place, record: dict[str, Any], found: Result) -> None:
        files.write_text(place.log(job.name), found.log or found.said)
        made = found.record | {"key": key, "runner": record["runner"]}
        if found.record.get("state") != "done":
            last = (found.said.strip().splitlines() or ["it said nothing"])[-1]
            why = found.record.get("error") or f"on the cluster: {last}"
            place.write(job.name, record | made | {"state": "failed", "finished": state.now(), "error": why})
            raise Failed(f"{why} ({place.log(job.name)})")
        if found.bundle is not None:
            _fetch(found.bundle, worker.experiment(place, job.name))
        place.write(job.name, made)


def pack(remote: Remote) -> Parcel:
    """Return the repository we stand in: the commit, edits against it, and study files that are not in git yet."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bundle"
        worker.git(Path(), "bundle", "create", "--quiet", str(file), "HEAD")
        bundle = file.read_bytes()
    changes = subprocess.run(["git", "diff", "--binary", "HEAD"], capture_output=True, check=True).stdout
    listed = worker.git(Path(), "ls-files", "--others", "--exclude-standard", "-z", "--", "studies").split("\0")
    return Parcel(bundle, changes, remote, {name: Path(name).read_text(encoding="utf-8") for name in listed if name})


def there(parcel: Parcel, study: str, size: str, job: str) -> Result:
    """Do one job on this machine (a task of Ray) and return what came of it."""
    root = unpack(parcel)
    command = [sys.executable, "-c", "from training.cli import main; main()", "study", "run", study]
    command += ["--size", size, "--only", job, "--alone", "--remote"]
    environment = os.environ | {"PYTHONPATH": str(root)}
    with subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        errors="replace",
    ) as running:  # fmt: skip
        try:
            said, _ = running.communicate()
        except BaseException:
            running.send_signal(signal.SIGINT)  # it ends what it runs, and keeps what is done
            running.wait()
            raise
    place = state.Place(study, size)
    record_file, log_file = root / place.record(job), root / place.log(job)
    record = files.read_json(record_file) if record_file.exists() else {}
    log = log_file.read_text(encoding="utf-8") if log_file.exists() else ""
    return Result(record, log, _bundle(root, worker.experiment(place, job)) if record.get("commit") else None, said)


def unpack(parcel: Parcel) -> Path:
    """Return the folder of the parcel's repository on this machine, made by the first task that needs it."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cairn/studies"
    base.mkdir(parents=True, exist_ok=True, mode=0o700)  # the remote's secrets come to lie there
    root = base / parcel.digest
    with locks.locked(root.with_suffix(".lock"), "unpacks a study's repository"):
        if (root / ".dvc/config.local").exists():
            return root
        bundle = root.with_suffix(".bundle")
        bundle.write_bytes(parcel.bundle)
        shutil.rmtree(root, ignore_errors=True)  # half made by one that was killed
        root.mkdir(mode=0o700)
        worker.git(root, "init", "--quiet")
        worker.git(root, "fetch", "--quiet", str(bundle), "HEAD")
        worker.git(root, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        bundle.unlink()
        if parcel.changes:
            apply = ["git", "apply", "--index", "--whitespace=nowarn"]
            subprocess.run(apply, input=parcel.changes, cwd=root, check=True)
        for name, text in parcel.files.items():
            files.write_text(root / name, text)
        files.write_text(root / ".dvc/config.local", parcel.remote.config())
    return root


def _bundle(root: Path, experiment: str) -> bytes:
    refs = worker.git(root, "for-each-ref", "--format=%(refname)", "refs/exps").splitlines()
    ref = next(one for one in refs if one.rpartition("/")[2] == experiment)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bundle"
        worker.git(root, "bundle", "create", "--quiet", str(file), ref)
        return file.read_bytes()


def _fetch(bundle: bytes, experiment: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bundle"
        file.write_bytes(bundle)
        ref = worker.git(Path(), "bundle", "list-heads", str(file)).split()[1]
        worker.git(Path(), "fetch", "--quiet", "--force", str(file), f"{ref}:{ref}")
    worker.only(experiment, ref)
