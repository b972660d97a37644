"""Progress with rate and time left, on standard error: a live bar in a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
from typing import Any


def say(text: str) -> None:
    """Write a line to standard error, where progress goes."""
    sys.stderr.write(f"{text}\n")


def bar(total: int, what: str, unit: str = "row", delay: float = 0.0) -> Any:
    """Return a ``tqdm`` bar; update it with ``bar.update(n)`` and close it, or use it in ``with``.

    ``delay``: seconds before it shows, for work that is often short and comes many times.
    """
    from tqdm import tqdm

    live = sys.stderr.isatty()
    return tqdm(
        total=total,
        desc=what,
        unit=unit,
        unit_scale=total >= 10_000,
        file=sys.stderr,
        mininterval=0.2 if live else 15.0,
        dynamic_ncols=live,
        ncols=None if live else 80,
        leave=True,
        delay=delay,
    )
