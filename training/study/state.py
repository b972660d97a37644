"""What has become of a study's jobs: one small file and one lock per job, shared by all that work on the study.

A job is running as long as somebody holds its lock, and the process that does its work holds it too, so that no second
one begins while an orphan of a killed runner still works. Several runners, on one machine or on several with a common
disk, thereby share out the jobs among them.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from curation.core import files, locks
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(".cairn/studies")
TOKEN = "CAIRN_STUDY_JOB"  # noqa: S105 - no secret: the variable by which a job's processes are known
State = Literal["waiting", "running", "stopped", "done", "failed"]


@dataclass(frozen=True)
class Place:
    """The folder of one study at one size."""

    study: str
    size: str

    @property
    def folder(self) -> Path:
        """Records, logs and locks."""
        return ROOT / self.study / self.size

    def record(self, job: str) -> Path:
        """File that says how a job went."""
        return self.folder / "jobs" / f"{job}.json"

    def log(self, job: str) -> Path:
        """What a job printed."""
        return self.folder / "logs" / f"{job}.log"

    def read(self, job: str) -> dict[str, Any]:
        """Return a job's record, empty when there is none."""
        path = self.record(job)
        return read(path) if path.exists() else {}

    def write(self, job: str, record: dict[str, Any]) -> None:
        """Write a job's record."""
        files.write_json(self.record(job), record)

    def state(self, job: str, key: str) -> State:
        """Return how a job stands; a record of another ``key`` (other code or parameters) counts for nothing."""
        record = self.read(job)
        if self.held(job):
            return "running"
        if record.get("key") != key:
            return "waiting"
        return "stopped" if record.get("state") == "running" else record["state"]

    def held(self, job: str) -> bool:
        """Return whether some process holds the lock of ``job``."""
        path = self._lock(job)
        if not path.exists():
            return False
        with path.open("a") as handle:
            return locks.take(handle.fileno()) is False

    @contextlib.contextmanager
    def claim(self, job: str) -> Iterator[int | None]:
        """Yield the descriptor of the job's lock, to be handed to whoever works on it; ``None`` when it is taken."""
        path = self._lock(job)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as handle:
            yield None if locks.take(handle.fileno()) is False else handle.fileno()

    def _lock(self, job: str) -> Path:
        return self.folder / "locks" / job


def read(path: Path) -> dict[str, Any]:
    """Return the record in a file; raise :class:`CairnError` when it is damaged."""
    try:
        found: dict[str, Any] = files.read_json(path)
    except CairnError:
        raise CairnError(
            f"{path} cannot be read as the record of a job. Delete it: the job is done again, and what DVC's run cache "
            "holds of it is restored."
        ) from None
    return found


def end(token: str, patience: float = 5.0) -> int:
    """End the processes that a killed runner left behind at the job ``token``, and return how many there were.

    They are known by a variable of their environment that no other process has.
    """
    import psutil

    found = [process for process in psutil.process_iter() if process.pid != os.getpid() and _token(process) == token]
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, left = psutil.wait_procs(found, timeout=patience)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=patience)
    return len(found)


def _token(process: Any) -> str | None:
    import psutil

    try:
        return process.environ().get(TOKEN)  # type: ignore[no-any-return]
    except (psutil.Error, OSError):
        return None


def alive(pid: int) -> bool:
    """Return whether a process of this number is running on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def now() -> float:
    """Return the time in seconds."""
    return round(time.time(), 2)
