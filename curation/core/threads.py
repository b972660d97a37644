"""How many threads a process computes with, settled before PyTorch is loaded; ``CAIRN_THREADS`` says it.

Threads of a pool wait passively. By default those of OpenMP wait by spinning: alone on a machine that saves
microseconds, and beside other work each waiting thread takes a core from the one it waits for, so that a training on
two threads falls to a tenth of its speed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping

from curation.core.errors import CairnError

NAME = "CAIRN_THREADS"
_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
NARROW = 256
"""Hidden units up to which an encoder computes on one thread: a second one brings little and costs a core.

Measured (docs/results.md, "Threads"): 128 units train hardly faster on two threads than on one. One thread is also one
order of summation, so that a small encoder trains to the same bits whatever the number of cores.
"""


def settle(environment: MutableMapping[str, str] = os.environ) -> None:
    """Write to ``environment`` what thread pools read when they are loaded.

    ``CAIRN_THREADS`` is over the pools' own variables; a waiting policy that a user has set stays.

    >>> found = {"CAIRN_THREADS": "3", "MKL_NUM_THREADS": "1"}
    >>> settle(found)
    >>> found["OMP_NUM_THREADS"], found["MKL_NUM_THREADS"], found["OMP_WAIT_POLICY"]
    ('3', '3', 'PASSIVE')
    """
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if (asked := environment.get(NAME, "")).isdecimal() and int(asked) > 0:
        environment.update(dict.fromkeys(_POOLS, asked))


def check() -> None:
    """Raise :class:`CairnError` when ``CAIRN_THREADS`` is no number of threads."""
    asked = os.environ.get(NAME)
    if asked is not None and not (asked.isdecimal() and asked.isascii() and int(asked) > 0):
        raise CairnError(f"{NAME} is {asked!r}; it is a whole number from 1, or not set. Type: unset {NAME}")


def suit(width: int) -> None:
    """Compute on one thread from here on when the encoder is narrow, unless a number of threads was asked for.

    ``width``: hidden units. Only where PyTorch is loaded already.
    """
    torch = sys.modules.get("torch")
    if torch is not None and width <= NARROW and not _asked():
        torch.set_num_threads(1)


def of(width: int, cores: int) -> int:
    """Return how many threads a process computes with for an encoder of ``width`` hidden units, on ``cores`` cores.

    >>> import unittest.mock
    >>> with unittest.mock.patch.dict("os.environ", clear=True):
    ...     of(128, 8), of(768, 8)
    (1, 8)
    """
    asked = _asked()
    return int(asked) if asked.isdecimal() and int(asked) > 0 else 1 if width <= NARROW else cores


def _asked() -> str:
    return os.environ.get(NAME) or os.environ.get("OMP_NUM_THREADS") or ""
