"""Which CUDA devices a study's jobs compute on: one for each that runs at a time, in turn. PyTorch is not loaded."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence

NAME = "CUDA_VISIBLE_DEVICES"
PATIENCE = 60
"""Seconds for ``nvidia-smi``, which may have to wake the driver."""
_UUID = re.compile(r"\(UUID: ((?:GPU|MIG)-[^)]+)\)")
_ENTRY = re.compile(r"[0-9]+|(?:GPU|MIG)-\S+")


def spread(jobs: int, environment: Mapping[str, str] = os.environ) -> list[str | None]:
    """Return for each of ``jobs`` that run at a time what its ``CUDA_VISIBLE_DEVICES`` is; ``None`` = as it is now.

    With one job, or fewer than two devices, nothing changes. More jobs than devices share them.
    """
    devices = visible(environment) if jobs > 1 else []
    return [devices[number % len(devices)] if len(devices) > 1 else None for number in range(jobs)]


def visible(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the CUDA devices that a process started now would see, as ``CUDA_VISIBLE_DEVICES`` names them.

    Where that is set it is read as CUDA reads it: up to the first entry that names no device. Where it is not, devices
    go by UUID, since their numbers in ``nvidia-smi`` need not be CUDA's.
    """
    asked = environment.get(NAME)
    if asked is None:
        return uuids(listing(environment))
    return named(asked, sum(line.startswith("GPU ") for line in listing(environment)) if asked else 0)


def listing(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the lines of ``nvidia-smi -L``; none where there is no such program, or it fails."""
    try:
        done = subprocess.run(
            ["nvidia-smi", "-L"],  # noqa: S607 - the driver's own program, wherever it lies
            env=dict(environment), capture_output=True, encoding="utf-8", errors="replace", check=True,
            timeout=PATIENCE,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return []
    return done.stdout.splitlines()


def uuids(lines: Sequence[str]) -> list[str]:
    """Return the UUIDs in lines of ``nvidia-smi -L``; of a GPU that is cut into instances, those of its instances.

    >>> uuids(["GPU 0: A (UUID: GPU-1)", "GPU 1: A (UUID: GPU-2)", "  MIG 3g.20gb Device 0: (UUID: MIG-3)"])
    ['GPU-1', 'MIG-3']
    """
    found: list[str] = []
    for uuid in (match[1] for line in lines if (match := _UUID.search(line))):
        if uuid.startswith("MIG-") and found and found[-1].startswith("GPU-"):
            found.pop()
        found.append(uuid)
    return found


def named(asked: str, there: int = 0) -> list[str]:
    """Return the devices that a value of ``CUDA_VISIBLE_DEVICES`` names; ``there``: how many GPUs there are, 0 = any.

    An entry that names none hides itself and what follows; one that stands twice hides all. Both are CUDA's rules.

    >>> named("2,0"), named("GPU-8932f937,GPU-0e1b"), named("0,1,5,2", 4), named("0,-1,1"), named("1,1"), named("")
    (['2', '0'], ['GPU-8932f937', 'GPU-0e1b'], ['0', '1'], ['0'], [], [])
    """
    found: list[str] = []
    for entry in map(str.strip, asked.split(",")):
        if not _ENTRY.fullmatch(entry) or (entry.isdecimal() and 0 < there <= int(entry)):
            break
        found.append(entry)
    return found if len(set(found)) == len(found) else []
