"""Which of several processes this is: those that ``torchrun`` (or ``accelerate launch``) started side by side.

A process alone is rank 0 of a world of 1, and none of this does anything.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import torch

_WORLD = "WORLD_SIZE"
_PATIENCE = timedelta(hours=12)
"""How long devices wait for one that scores dev rows; the library's own ten minutes end a large dev set."""


def state() -> Any:
    """Return accelerate's ``PartialState``; the first call of several processes makes them meet.

    Without a GPU they must be told that they compute on the CPU: else each takes itself for the only one, trains on
    all rows, and writes over the others' files.
    """
    from accelerate import PartialState

    several = int(os.environ.get(_WORLD, "1")) > 1
    return PartialState(cpu=several and not torch.cuda.is_available(), timeout=_PATIENCE)


def world() -> int:
    """Return how many processes there are."""
    return 1 if int(os.environ.get(_WORLD, "1")) == 1 else int(state().num_processes)


def rank() -> int:
    """Return the number of this process, from 0."""
    return 0 if world() == 1 else int(state().process_index)


def local() -> int:
    """Return the number of this process's device on its machine."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def main() -> bool:
    """Return whether this is the process that writes files."""
    return rank() == 0


def gathered(own: Any) -> list[Any]:
    """Return what every process gave, in order of rank, to all of them."""
    if world() == 1:
        return [own]
    found: list[Any] = [None] * world()
    torch.distributed.all_gather_object(found, own)
    return found


def filled(own: list[Any]) -> list[Any]:
    """Return a list whose places each hold what the one process that had something there gave."""
    if world() == 1:
        return own
    found = list(own)
    for others in gathered({place: one for place, one in enumerate(own) if one is not None}):
        for place, one in others.items():
            found[place] = one
    return found
