"""Which places may be asked: the mirror folder, and whether the network is allowed."""

from __future__ import annotations

import os
from pathlib import Path

from curation.core.errors import CairnError


def folder() -> Path | None:
    """Return the folder named by ``CAIRN_HUB_MIRROR``, or ``None``; raise :class:`CairnError` when it is no folder.

    While a mirror is set it answers for the hub: nothing is asked of the network.
    """
    value = os.environ.get("CAIRN_HUB_MIRROR")
    if not value:
        return None
    named = Path(value)
    if not named.is_dir():
        raise CairnError(f"CAIRN_HUB_MIRROR={value} is not a folder. Name the mirror's folder, or unset the variable.")
    return named


def offline() -> bool:
    """Return whether the user forbade the network (``HF_HUB_OFFLINE``, as huggingface_hub reads it)."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
