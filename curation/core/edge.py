"""The edge of stages and command lines: what ends a run from outside becomes one sentence and an exit code.

2 = something to mend: a mistake of the user (:class:`CairnError`), a full or read-only disk, a file that may not be
read, too little memory. 130 = stopped with Ctrl-C. Anything else is our mistake and keeps its traceback;
``CAIRN_TRACEBACK=1`` keeps it for these too.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from curation.core import threads
from curation.core.errors import CairnError
from curation.core.progress import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

_OUT_OF_MEMORY = ("can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDA error: out of memory")
"""What PyTorch says in words alone: the CPU; a GPU's library of products; its driver, asked for pinned memory."""
KEPT = "What was finished is kept: the same command goes on from there."


@contextmanager
def edge() -> Iterator[None]:
    """Leave the process with a sentence on standard error where one explains what happened."""
    try:
        threads.check()
        yield
    except KeyboardInterrupt:
        say(f"\nstopped. {KEPT}")
        sys.exit(130)
    except Exception as error:
        sentence = explained(error)
        if sentence is None or os.environ.get("CAIRN_TRACEBACK"):
            raise
        say(f"error: {sentence}")
        sys.exit(2)


def say_when_stopped() -> None:
    """Have Ctrl-C answered in a sentence outside of :func:`edge` too; Python then ends with 130 by itself."""
    usual = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            say(f"\nstopped. {KEPT}")
        else:
            usual(kind, error, trace)

    sys.excepthook = hook


def explained(error: BaseException) -> str | None:
    """Return what a user is told of ``error``; ``None`` when it is our mistake.

    >>> print(explained(PermissionError(13, "Permission denied", "data/x.parquet")))
    data/x.parquet: permission denied. Change its owner or mode, or run in a folder of your own.
    """
    if isinstance(error, CairnError):
        return str(error)
    if ran_out(error):
        return (
            f"out of memory ({_first_line(error)}). Raise params.yaml: budget.memory_gb if the machine has more; else "
            f"lower the rows under fetch.rows, or the batch size of this stage. {KEPT}"
        )
    if isinstance(error, BrokenPipeError):
        return None
    if isinstance(error, OSError):
        return _of_system(error.errno, error.strerror or _first_line(error), error.filename)
    if isinstance(error, sqlite3.OperationalError):
        return f"a cache cannot be used: {_first_line(error)}. Free disk space, or set CAIRN_CACHE to another folder."
    if type(error).__name__ == "SafetensorError" and "os error " in str(error):  # safetensors wraps the system's
        number = str(error).rpartition("os error ")[2].rstrip(")")
        return _of_system(int(number) if number.isdigit() else None, _first_line(error), None)
    return None


def _of_system(number: int | None, what: str, file: object) -> str:
    where = "" if file is None else f"{file}: "
    if number in (errno.ENOSPC, errno.EDQUOT):
        return f"{where}the disk is full. Free some space, then run the same command again. {KEPT}"
    if number == errno.EROFS:
        return f"{where}the file system is read-only. Run in a folder that can be written, or set CAIRN_CACHE to one."
    if number in (errno.EACCES, errno.EPERM):
        return f"{where}permission denied. Change its owner or mode, or run in a folder of your own."
    if number == errno.EMFILE:
        return f"{where}too many open files. Raise the limit with `ulimit -n 4096`."
    return f"{where}{what[:1].lower()}{what[1:]}. Set CAIRN_TRACEBACK=1 to see where."


def ran_out(error: BaseException) -> bool:
    """Return whether ``error`` says that memory ran out, on a GPU or on the machine."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(said in str(error) for said in _OUT_OF_MEMORY)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
