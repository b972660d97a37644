"""The experiment of params.yaml: its top-level keys, with every named plug-in there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.core import params, registry
from curation.core.errors import unknown

if TYPE_CHECKING:
    from pathlib import Path

NAMED = (("intermediate", "tasks"), ("targets", "tasks"), ("retrieval", "tasks"), ("scorers", "scorers"))
"""Keys that name plug-ins, and the group of these."""


def read(file: Path | None = None) -> params.Experiment:
    """Return the checked top-level keys; there is no unknown one, and every named task and scorer exists.

    Raises :class:`CairnError` naming file, key, value and what is allowed.
    """
    with params.using(file or params.path()):
        found = params.read(params.Experiment)
        known = (*params.Experiment.model_fields, *params.SECTIONS)
        for key in params.load():
            if key not in known:
                raise unknown("key", str(key), known, str(params.path()))
        for key, group in NAMED:
            for name in getattr(found, key):
                registry.check(group, name, f"{params.path()}: {key}")
    return found
