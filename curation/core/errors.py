"""The one exception a user is meant to read: what is wrong, where, what is allowed, what to type."""

from __future__ import annotations

import difflib
import traceback
from collections.abc import Iterable
from pathlib import Path


class CairnError(Exception):
    """A mistake that the user can mend; stages and CLIs print it without a traceback and exit with 2."""


def unknown(what: str, name: str, allowed: Iterable[str], where: str) -> CairnError:
    """Return the error for a name nobody knows, with the nearest match and the whole list.

    >>> print(unknown("scorer", "outlier", ["outliers", "surface"], "params.yaml: scorers"))
    params.yaml: scorers: unknown scorer 'outlier'. Did you mean 'outliers'? Allowed: outliers, surface.
    """
    choices = sorted(allowed)
    near = difflib.get_close_matches(name, choices, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return CairnError(f"{where}: unknown {what} {name!r}.{hint} Allowed: {', '.join(choices) or '(none)'}.")


def told(error: BaseException) -> str:
    r"""Return the class of a foreign error and the first line of what it says.

    >>> told(ValueError("no such day\nsecond line")), told(StopIteration())
    ('ValueError: no such day', 'StopIteration')
    """
    try:
        lines = str(error.msg if isinstance(error, SyntaxError) else error).strip().splitlines()
    except Exception:
        lines = []  # a class of the user's, whose text cannot be made
    return ": ".join([type(error).__name__, *lines[:1]]).rstrip(".")


def raised_at(error: BaseException, folders: Iterable[Path]) -> str:
    """Return ``file, line N`` of the last step of ``error`` that lies in ``folders``; empty when none does.

    Lines count from 1, as an editor does.
    """
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        steps = [(error.filename, error.lineno)]
    else:
        steps = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    places = [folder.resolve() for folder in folders]
    for file, line in reversed(steps):
        if any(Path(file).resolve().is_relative_to(place) for place in places):
            return f"{shown(file)}, line {line}"
    return ""


def shown(file: str | Path) -> str:
    """Return the path of ``file`` as people write it: from where we stand, when it lies below.

    >>> shown(Path.cwd() / "tasks/own.py"), shown("/etc/passwd")
    ('tasks/own.py', '/etc/passwd')
    """
    path = Path(file)
    return (path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path).as_posix()
