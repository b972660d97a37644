"""What one stage may take of this machine: section ``budget`` of params.yaml, one number for memory, one for disk.

Stages that can, estimate first and take a cheaper way or refuse, naming the key. What they did not foresee is refused
by the operating system at the limit, as an error with a sentence, before it takes memory from others. A budget may
choose another way to the same result, or a cheaper index (``neighbours``, ``retrieve``: their manifests name it), so it
is in no stage's ``params:`` of dvc.yaml, and changing it runs nothing again.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pydantic

from curation.core import params
from curation.core.errors import CairnError


class Params(params.Section):
    """Section ``budget``."""

    memory_gb: float = pydantic.Field(gt=0)
    """Memory of one stage, files that are only mapped not counted (on a GPU machine: of what a stage estimates)."""
    disk_gb: float = pydantic.Field(gt=0)
    """Disk that one task's vectors may take: in the cache, in ``data/`` and in DVC's cache together."""


OLDER = Params(memory_gb=8.0, disk_gb=100.0)
"""Holds for a params.yaml from before there was the section: what the keys of single sections summed up to."""


def read(file: Path | None = None) -> Params:
    """Return the budget of params.yaml."""
    return params.read(Params, "budget", file) if given(file) else OLDER


def given(file: Path | None = None) -> bool:
    """Return whether params.yaml has the section."""
    return (file or params.path()).exists() and "budget" in params.load(file)


def limit_memory() -> None:
    """Have the system refuse this process more memory than params.yaml grants it, where it grants any.

    Linux only, and not beside a GPU: its driver claims address space that is no memory.
    """
    if sys.platform != "linux" or Path("/dev/nvidia0").exists() or not given():
        return
    import resource

    most = int(read().memory_gb * 1e9)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


BASE = 0.3
"""Gigabytes that a stage takes without any row, about: Python and the libraries."""


def check_memory(kilobytes: float, what: str, remedy: str) -> None:
    """Raise :class:`CairnError` when ``what`` takes more memory than the budget has, before it begins.

    ``kilobytes``: what its rows take at the peak, as measured (``benchmarks/size.py``), rounded up.
    """
    needed, allowed = BASE + kilobytes / 1e6, read().memory_gb
    if needed > allowed:
        raise CairnError(
            f"{params.path()}: budget.memory_gb is {allowed:g}, but {what} takes about {needed:.1f} GB. Raise "
            f"budget.memory_gb, or {remedy}."
        )


def check_disk(gigabytes: float, what: str) -> None:
    """Raise :class:`CairnError` when ``what`` takes more disk than the budget has."""
    allowed = read().disk_gb
    if gigabytes > allowed:
        raise CairnError(
            f"{params.path()}: budget.disk_gb is {allowed:g}, but {what} take {gigabytes:.1f} GB, counting the cache, "
            "data/ and DVC's cache. Raise budget.disk_gb, lower fetch.rows.intermediate.train, or take an encoder with "
            "shorter vectors."
        )
