"""Runs of stages that are made ahead of DVC, each in a folder of its own, and taken over when DVC comes to them.

A run made ahead lies in ``<session>/<command>/``: ``root``, where it ran, is the repository seen through links, with
real folders only where its outputs go, so it writes nothing that is anybody's; ``log`` is what it said; ``done.json``
is there when it ended well, with what it read. One of both makes a run: who has ``lock``. When DVC starts the stage,
:func:`claim` waits for a run that is at work, and gives its outputs to DVC where what it read is still what lies there.
In every other case (it failed, was killed, something was edited) the stage runs as if nobody had worked ahead.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from curation.core.locks import take
from curation.core.progress import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

NAME = "CAIRN_AHEAD_FOLDER"
"""Variable that names the folder of the session, where there is one."""
FOLDER = Path(".cairn/ahead")
"""Sessions lie here, a folder each."""
SECONDS = 0.1
"""Between two looks at a run that is waited for."""


class Place:
    """Where one run is made ahead. ``arguments``: those of its ``python``, ``-m module --option value``."""

    def __init__(self, session: Path, arguments: Sequence[str]):
        self.folder = session / hashlib.blake2b("\0".join(arguments).encode(), digest_size=8).hexdigest()
        self.root, self.log, self.names = (self.folder / name for name in ("root", "log", "names"))
        self._lock, self._done, self._taken = (self.folder / name for name in ("lock", "done.json", "taken"))

    def begin(self) -> int | None:
        """Lock the place for a run ahead; return ``None`` where DVC has come to the stage or another is at it.

        The handle is to be kept open until the run has ended.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._lock, os.O_CREAT | os.O_RDWR, 0o666)
        if take(handle) and not self._taken.exists():
            return handle
        os.close(handle)
        return None

    def finish(self, outs: Iterable[str], read: Mapping[str, str], above: Iterable[Place]) -> None:
        """Say that the run ended well. ``read``: :func:`facts`; ``above``: runs made ahead whose outputs it read."""
        value = {"outs": list(outs), "read": dict(read), "above": [place.folder.name for place in above]}
        new = self._done.with_suffix(".new")
        new.write_text(json.dumps(value), encoding="utf-8")
        new.replace(self._done)

    def claim(self) -> bool:
        """Mark the run as DVC's, wait for who is at it, put its outputs in place; ``False``: it is yet to be made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._lock, os.O_CREAT | os.O_RDWR, 0o666)
        shown = 0
        if waited := take(handle) is False:
            say("this stage was begun ahead; what that says:")
        while take(handle) is False:
            shown = self._show(shown)
            time.sleep(SECONDS)
        self._taken.touch()
        os.close(handle)
        if (found := self._valid()) is None or not self._give(found["outs"]):
            if waited:
                say("that came to no end that can be used; the stage now runs itself.")
            shutil.rmtree(self.root, ignore_errors=True)
            return False
        if not waited:
            some = self.log.exists() and self.log.stat().st_size
            say(f"this stage ran ahead, while others did{'; what it said:' if some else '.'}")
        self._show(shown)
        self._done.replace(self.folder / "given")
        return True

    def _valid(self) -> dict[str, Any] | None:
        """Return what was finished; ``None`` when nothing was, or when it read what is not there any more."""
        try:
            found: dict[str, Any] = json.loads(self._done.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        above = (self.folder.parent / name / "given" for name in found["above"])
        same = facts(found["read"]) == found["read"] and all(given.exists() for given in above)
        return found if same else None

    def _give(self, outs: Sequence[str]) -> bool:
        """Link the outputs where DVC wants them; those here stay, for runs that read them."""
        try:
            for out in outs:
                _link(self.root / out, Path(out))
        except OSError as error:
            say(f"what was made ahead cannot be used: {error}")
            return False
        return True

    def _show(self, start: int) -> int:
        """Write what was said from byte ``start`` on to standard error; return where it ends now."""
        try:
            with self.log.open("rb") as handle:
                handle.seek(start)
                text = handle.read()
        except OSError:
            return start
        sys.stderr.buffer.write(text)
        sys.stderr.flush()
        return start + len(text)


@contextmanager
def session() -> Iterator[Path]:
    """Yield an empty folder for runs that are made ahead, and remove it in the end; what killed sessions left goes now.

    A session holds a lock on its folder, which the kernel lets go of however it ends.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    for left in FOLDER.iterdir():
        try:
            handle = os.open(left, os.O_RDONLY)
        except FileNotFoundError:  # another session that began now has removed it
            continue
        if take(handle):
            shutil.rmtree(left, ignore_errors=True)
        os.close(handle)
    mine = Path(tempfile.mkdtemp(dir=FOLDER.absolute()))
    handle = os.open(mine, os.O_RDONLY)
    take(handle)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        os.close(handle)


def claim(arguments: Sequence[str]) -> bool:
    """Return whether ``python`` with these arguments was run ahead, its outputs in place; see :meth:`Place.claim`."""
    session = os.environ.get(NAME, "")
    return bool(session) and Path(session).is_dir() and Place(Path(session), arguments).claim()


def facts(paths: Iterable[str]) -> dict[str, str]:
    """Return per path a hash of the names, times and sizes of all files in it, those that DVC does not see left out.

    Times and sizes, not bytes: this is for the minutes between a run and its taking over, and DVC reads the bytes.
    """
    return {path: _facts(Path(path)) for path in paths}


def _facts(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=12)
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__pycache__")))
        for name in sorted(names):
            if not name.startswith("."):
                digest.update(f"{folder}/{name}:{_state(Path(folder, name))};".encode())
    if not path.is_dir():
        digest.update(_state(path).encode())
    return digest.hexdigest()


def _state(file: Path) -> str:
    try:
        found = file.stat()
    except OSError:
        return "none"
    return f"{found.st_mtime_ns} {found.st_size}"


def look_through(root: Path, here: Path, deps: Mapping[str, Path], outs: Iterable[str], made: Iterable[str]) -> None:
    """Make ``root`` the repository ``here`` seen through links, for a run that reads ``deps`` and writes ``outs``.

    ``deps``: each path that it reads, and where that lies. ``made``: top folders that stages write to (``data``): of
    those nothing is seen but ``deps``. Raises :class:`OSError` where an output would come to lie behind a link.
    """
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    hidden = {*made, ".git"}
    for entry in here.iterdir():
        if entry.name not in hidden:
            (root / entry.name).symlink_to(entry)
    for dep in sorted(deps, key=len):
        if PurePosixPath(dep).parts[0] in hidden:
            (root / dep).parent.mkdir(parents=True, exist_ok=True)
            if not (root / dep).exists():
                (root / dep).symlink_to(deps[dep])
            elif not (root / dep).samefile(deps[dep]):
                raise OSError(f"{dep} lies in a folder that is read as it was before")
    for out in outs:
        (root / out).parent.mkdir(parents=True, exist_ok=True)
        if not (root / out).parent.resolve().is_relative_to(root.resolve()):
            raise OSError(f"{out} lies in a folder that is read")


def _link(source: Path, target: Path) -> None:
    """Put a file or folder in the place of ``target``, its files linked where the disk can, else copied."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_file)
    else:
        _file(source, target)


def _file(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
