"""Seeds: every random choice derives from ``params.yaml: seed`` and the name of what is chosen."""

from __future__ import annotations

import hashlib


def derive(seed: int, *names: str | int) -> int:
    """Return a 32-bit seed that depends on ``seed`` and ``names`` only, not on the process or platform.

    >>> derive(17, "subset", "mini_nli") == derive(17, "subset", "mini_nli")
    True
    >>> derive(17, "subset") == derive(17, "probe")
    False
    """
    text = "\x1f".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big")
