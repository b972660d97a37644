"""What stands in the way and cannot be used gets another name, and is named to the user: nothing is removed unseen."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from curation.core.progress import say

if TYPE_CHECKING:
    from pathlib import Path


def set_aside(path: Path, why: str) -> None:
    """Rename a file or folder to ``<name>.damaged``, in the place of an older one of that name, and say ``why``."""
    aside = path.with_name(f"{path.name}.damaged")
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside)
    else:
        aside.unlink(missing_ok=True)
    path.rename(aside)
    say(f"{path} is damaged ({why}). It was set aside as {aside.name}, and is made again.")


def clear(path: Path) -> None:
    """Set aside a folder that stands where a file belongs."""
    if path.is_dir():
        set_aside(path, "it is a folder and should be a file")
