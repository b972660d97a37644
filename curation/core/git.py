"""What git says about this checkout."""

from __future__ import annotations

import subprocess


def git(*arguments: str) -> str | None:
    """Return the output of a git command; ``None`` when it fails or there is no git."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607 - git is git
    except OSError:
        return None
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == 0 else None
