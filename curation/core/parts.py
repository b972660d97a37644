"""Where a file or folder is written before it takes its place: ``.<name>.<who>.part`` beside it, a locked folder.

``who`` is host, boot, process and a random number. The owner holds a lock on the part while it lives, so what a killed
process left is told from what another process, container or host is writing now; where the file system has no locks,
host, boot and process decide. The names are in .dvcignore: a folder that is an input must not look changed.
"""

from __future__ import annotations

import errno
import glob
import os
import re
import secrets
import shutil
import socket
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from curation.core import locks

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD = ".old"
"""In a part: what stood in the place before, while two folders change places."""
_WHO = re.compile(r"(?P<host>[\w-]+)-(?P<boot>\w+)-(?P<process>\d+)-[0-9a-f]{8}")


@contextmanager
def part(path: Path) -> Iterator[Path]:
    """Yield a new, empty folder beside ``path`` that goes in the end; what killed processes left of ``path`` goes now.

    Nothing but the last step of :func:`exchange` may have been left undone there; it is then done.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        _tidy(left, path)
    mine, handle = _make(path)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        os.close(handle)


def exchange(new: Path, path: Path) -> None:
    """Put the folder ``new``, which lies in a :func:`part` of ``path``, in the place of ``path``.

    The old one is renamed, not removed: whenever the process dies, one of the two is whole, and the next writer of
    ``path`` finds it.
    """
    old = new.with_name(OLD)
    if os.path.lexists(path):
        path.rename(old)
    try:
        new.rename(path)
    except BaseException:
        if os.path.lexists(old) and not os.path.lexists(path):
            old.rename(path)
        raise
    sync(path.parent)


def sync(path: Path) -> None:
    """Ask the disk to keep a file, or the names in a folder; file systems that cannot do it for folders are let off."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP) or not path.is_dir():
            raise
    finally:
        os.close(handle)


def sync_all(folder: Path) -> None:
    """Ask the disk to keep everything in ``folder``."""
    for above, _, names in os.walk(folder):
        for name in names:
            sync(Path(above, name))
        sync(Path(above))


def _make(path: Path) -> tuple[Path, int]:
    while True:
        mine = path.with_name(f".{path.name}.{_who()}-{secrets.token_hex(4)}.part")
        mine.mkdir()
        try:
            handle = os.open(mine, os.O_RDONLY)
        except FileNotFoundError:
            continue  # taken for a leftover before it was locked
        if locks.take(handle) is not False and mine.exists():
            return mine, handle
        os.close(handle)


def _tidy(left: Path, path: Path) -> None:
    """Remove a part of ``path`` whose owner is gone; finish its exchange first, if that was under way."""
    who = _WHO.fullmatch(left.name.removeprefix(f".{path.name}.").removesuffix(".part"))
    if who is None:
        return
    try:
        handle = os.open(left, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        free = locks.take(handle)
        if free is False or (free is None and not _gone(who["host"], who["boot"], int(who["process"]))):
            return
        new = left / path.name
        if os.path.lexists(left / OLD) and new.exists() and not os.path.lexists(path):
            new.rename(path)
            sync(path.parent)
        shutil.rmtree(left, ignore_errors=True)
    finally:
        os.close(handle)


@cache
def _place() -> tuple[str, str]:
    """Return names of this host and of the time it has been running."""
    host = re.sub(r"\W", "-", socket.gethostname())[:24] or "host"
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
    except OSError:
        boot = "0"
    return host, boot


def _who() -> str:
    return "-".join([*_place(), str(os.getpid())])


def _gone(host: str, boot: str, process: int) -> bool:
    """Return whether a process is known to have ended: only of this host can that be said."""
    if host != _place()[0]:
        return False
    if boot != _place()[1]:
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False  # another user's
    return False
