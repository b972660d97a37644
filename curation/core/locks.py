"""Locks between processes on files of a shared disk: the kernel lets go of them however their owner ends.

``flock`` works between processes, containers and (since Linux 2.6.12) hosts that share a file system, where process
numbers say nothing. A file system without it gives no lock, and :func:`take` says so.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from curation.core.aside import clear
from curation.core.progress import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY = (errno.EWOULDBLOCK, errno.EACCES)


def take(handle: int) -> bool | None:
    """Lock an open file or folder; return ``False`` when another has it, ``None`` where there are no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in BUSY else None
    return True


class Lock:
    """A lock that is held from :meth:`acquire` until :meth:`release`, the end of the object or of the process.

    ``what`` completes "waiting: another process ...", which is said once when the lock is not free.
    """

    def __init__(self, path: Path, what: str):
        self.path, self.what = path, what
        self._handle: int | None = None

    def acquire(self) -> Lock:
        """Wait until the lock is ours."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        while self._handle is None:
            clear(self.path)
            handle = os.open(self.path, os.O_CREAT | os.O_RDWR, 0o666)
            if take(handle) is False:
                say(f"waiting: another process {self.what} (lock {self.path})")
                fcntl.flock(handle, fcntl.LOCK_EX)
            if _is(self.path, handle):
                self._handle = handle
            else:  # its owner finished and took the file away while we waited
                os.close(handle)
        return self

    def release(self) -> None:
        """Let go of the lock and remove its file; nothing happens when it is not held."""
        if self._handle is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock ``path``; see :class:`Lock`."""
    lock = Lock(path, what).acquire()
    try:
        yield
    finally:
        lock.release()


def _is(path: Path, handle: int) -> bool:
    """Return whether ``path`` still names the open file ``handle``."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False
