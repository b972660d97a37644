"""Run a study: its jobs in order of their needs, several at a time, whatever became of earlier attempts."""

from __future__ import annotations

import hashlib
import signal
import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from curation.core.edge import explained
from curation.core.errors import told
from training.study import state
from training.study.worker import Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from training.study.flow import Job
    from training.study.state import Place

Work: TypeAlias = "Callable[[Job, str, Place, int, Callable[[], bool]], None]"
"""Job, key, place, descriptor of the job's lock, and whether it is to stop: see :func:`training.study.worker.work`."""
POLL = 1.0
"""Seconds between looks at jobs that somebody else runs."""


@dataclass
class Outcome:
    """How a run of a study ended."""

    done: list[str] = field(default_factory=list)
    """Jobs made now."""
    before: list[str] = field(default_factory=list)
    """Jobs that were done already."""
    failed: dict[str, str] = field(default_factory=dict)
    """Job to why."""
    stopped: bool = False


def job_key(job: Job, arm_keys: Iterable[str]) -> str:
    """Return what a finished job's record is valid for: the keys of all runs behind it."""
    return hashlib.blake2b("".join([*sorted(arm_keys), *job.targets]).encode(), digest_size=12).hexdigest()


def closure(jobs: Sequence[Job], wanted: Iterable[str]) -> list[Job]:
    """Return the jobs ``wanted`` and those they need, in order."""
    by_name, found, left = {job.name: job for job in jobs}, set(), list(wanted)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += by_name[name].needs
    return [job for job in jobs if job.name in found]


class Runner:
    """Several threads that take the next job whose needs are met; each job runs in a process of its own."""

    def __init__(
        self,
        jobs: Sequence[Job],
        keys: dict[str, str],
        place: Place,
        say: Callable[[str], None],
        workers: Sequence[Work],
    ) -> None:
        """``workers``: for each job that runs at a time what does it, here or on another machine."""
        self.jobs, self.keys, self.place, self.say, self.workers = jobs, keys, place, say, workers
        self.outcome = Outcome()
        self._mutex = threading.Lock()
        self._over: set[str] = set()
        self._mine: set[str] = set()
        self._stop = threading.Event()
        self._broken: list[Exception] = []
        self._began = state.now()

    def run(self) -> Outcome:
        """Run all jobs and return how it went; Ctrl-C ends what is running and keeps what is done.

        Raises what kept a thread from going on, such as a record that cannot be read: the run is then not whole.
        """
        for job in self.jobs:
            if self.place.state(job.name, self.keys[job.name]) == "done":
                self._over.add(job.name)
                self.outcome.before.append(job.name)
        threads = [threading.Thread(target=self._work, args=(how,), daemon=True) for how in self.workers]
        old = {number: signal.signal(number, self._halt) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
        if self._broken:
            raise self._broken[0]
        self.outcome.stopped = self._stop.is_set()
        return self.outcome

    def _halt(self, *_: object) -> None:
        self._stop.set()
        self.say("stopping; the same command goes on from here")
        for name in list(self._mine):
            token = self.place.read(name).get("token")
            if token:
                state.end(token)

    def _work(self, how: Work) -> None:
        try:
            self._take_turns(how)
        except Exception as error:  # a thread that ends alone would leave a run that looks whole
            self._broken.append(error)
            self._halt()

    def _take_turns(self, how: Work) -> None:
        while not self._stop.is_set():
            job = self._next()
            if job is None:
                if len(self._over) == len(self.jobs):
                    return
                time.sleep(POLL)
                continue
            try:
                self._do(job, how)
            finally:
                self._mine.discard(job.name)

    def _next(self) -> Job | None:
        with self._mutex:
            for job in self.jobs:
                ready = job.name not in self._over | self._mine and all(need in self._over for need in job.needs)
                if ready and not self._elsewhere(job):
                    self._mine.add(job.name)
                    return job
        return None

    def _elsewhere(self, job: Job) -> bool:
        """Return whether another runner is at ``job``; an orphan of one that was killed is ended."""
        if not self.place.held(job.name):
            return False
        record = self.place.read(job.name)
        if record.get("state") == "running" and not state.alive(int(record["runner"])):
            return not state.end(record["token"])
        return True

    def _by_another(self, job: Job, record: dict[str, Any]) -> bool:
        """Return whether another runner has done ``job``, or has failed at it since this one began."""
        if record["state"] == "done":
            self.outcome.before.append(job.name)
        elif record["state"] == "failed" and record["finished"] > self._began:
            self.outcome.failed[job.name] = record["error"]
        else:
            return False
        self._over.add(job.name)
        return True

    def _do(self, job: Job, how: Work) -> None:
        with self.place.claim(job.name) as lock:
            if lock is None:  # another runner was faster
                return
            record = self.place.read(job.name)
            if record.get("key") == self.keys[job.name] and self._by_another(job, record):
                return
            self.say(f"{job.name}: {len(job.keys)} runs of stages" + (", shared" if job.shared else ""))
            began = time.time()
            try:
                how(job, self.keys[job.name], self.place, lock, self._stop.is_set)
            except KeyboardInterrupt:
                return
            except Exception as error:  # a full disk too: the other jobs go on
                why = str(error) if isinstance(error, Failed) else explained(error)
                if why is None:
                    traceback.print_exception(error)  # our mistake
                self.outcome.failed[job.name] = why or told(error)
                self.say(f"{job.name}: FAILED after {time.time() - began:.0f} s: {self.outcome.failed[job.name]}")
            else:
                self.outcome.done.append(job.name)
                self.say(f"{job.name}: done in {time.time() - began:.0f} s")
            self._over.add(job.name)
