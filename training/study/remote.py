"""DVC's default remote, as the clones in which jobs run are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Remote:
    """One remote and its settings, those of ``.dvc/config.local`` (secrets) included; paths are whole."""

    name: str
    settings: Mapping[str, Any]

    def config(self) -> str:
        """Return the lines of a ``.dvc/config.local`` that make it the default."""
        lines = [f"    {key} = {value}" for key, value in self.settings.items()]
        return "\n".join(["[core]", f"    remote = {self.name}", f"['remote \"{self.name}\"']", *lines, ""])


def default() -> Remote:
    """Return the default remote of the repository we stand in; raise :class:`CairnError` when it has none."""
    from dvc.config import Config, ConfigError

    try:
        found = Config(".dvc")
    except ConfigError as error:
        raise CairnError(f".dvc/config or .dvc/config.local: {error}") from None
    name = found.get("core", {}).get("remote")
    if not name or name not in found.get("remote", {}):
        raise CairnError(
            "DVC has no default remote here, and machines without a common disk share what they make through one. "
            "Type: dvc remote add --default NAME URL"
        )
    return Remote(name, {key: value for key, value in found["remote"][name].items() if value is not None})
