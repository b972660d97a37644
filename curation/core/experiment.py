"""The experiment of params.yaml: its top-level keys, with every named plug-in there."""

from __future__ import annotations

import importlib
from pathlib import Path

from curation.core import budget, params, registry
from curation.core.errors import CairnError, unknown

SECTIONS = {
    "budget": "curation.core.budget:Params",
    "fetch": "curation.fetch:Params",
    "miniworld": "curation.miniworld:Params",
    "embed": "curation.embed:Params",
    "probe": "curation.probe:Params",
    "neighbours": "curation.neighbours:Params",
    "quality": "curation.quality:Params",
    "translate": "curation.translate:Params",
    "subset": "curation.subset:Params",
    "encoder": "training.pretrained:Params",
    "train.intermediate": "training.finetune:Params",
    "train.target": "training.finetune:Params",
    "evaluate": "training.evaluate:Params",
    "retrieve": "training.retrieve:Params",
    "report": "curation.report:Params",
}
"""Section of params.yaml to its class; by name, as plug-ins are, since curation imports nothing of training."""
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


def sections(file: Path) -> tuple[list[str], list[str]]:
    """Return what is wrong with the sections of params.yaml, held against their classes; and what was not checked."""
    problems: list[str] = []
    warnings: list[str] = []
    for section, named in SECTIONS.items():
        module, _, name = named.partition(":")
        try:
            cls = getattr(importlib.import_module(module), name)
        except ImportError as error:
            warnings.append(f"{module} cannot be imported here ({error}); its section {section} was not checked.")
            continue
        if section == "budget" and not budget.given(file):
            continue  # from before there was one
        try:
            params.read(cls, section, file)
        except CairnError as error:
            problems += str(error).splitlines()
    return problems, warnings


def whole() -> None:
    """Raise :class:`CairnError` when any part of params.yaml cannot be read, whatever stage is to run.

    The stage ``check`` says more, and first; ``dvc repro --single-item`` and a stage run by hand do not wait for it.
    """
    read()
    problems, _ = sections(params.path())
    if problems:
        raise CairnError("\n".join(problems))
