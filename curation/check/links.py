"""Links to nowhere in the task folder: DVC, which reads the whole of it, stops at one with an error of the system."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

MOST = 5
"""Links named in one sentence."""


def dead(folder: Path) -> list[Path]:
    """Return the links in ``folder`` that lead nowhere, sorted, or ``folder`` where it is one; not what DVC ignores.

    DVC is asked only when there are any. It follows no link to a folder, and neither does this.
    """
    if folder.is_symlink() and not folder.exists():
        return [folder]
    found = [
        path
        for parent, folders, names in os.walk(folder)
        for path in (Path(parent) / name for name in (*folders, *names))
        if path.is_symlink() and not path.exists()
    ]
    ignored = _ignored(found) if found else set()
    return sorted(path for path in found if str(path) not in ignored)


def _ignored(paths: list[Path]) -> set[str]:
    done = subprocess.run(  # noqa: S603 - dvc is dvc
        [sys.executable, "-m", "dvc", "check-ignore", "--", *map(str, paths)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False,
    )  # fmt: skip
    return set(done.stdout.splitlines())


def problem(folder: Path) -> str | None:
    """Return in a sentence which links in ``folder`` lead nowhere, and what to type; ``None`` where none does."""
    found = dead(folder)
    if not found:
        return None
    told = ", ".join(f"{path} to {path.readlink()}" for path in found[:MOST])
    more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
    one, several = ("a link that leads", "it leads", "it"), ("links that lead", "they lead", "them")
    which, back, them = several if len(found) > 1 else one
    return (
        f"{which} nowhere: {told}{more}. DVC reads all of {folder}, and stops there. Bring back what {back} to, or "
        f"take {them} out: {shlex.join(['rm', *map(str, found[:MOST])])}"
    )
