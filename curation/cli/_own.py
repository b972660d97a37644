"""Parameters for tasks of one's own: those of the demo, with sizes, languages and scorers that fit any file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError

if TYPE_CHECKING:
    from curation.core.task import Task

PROFILE = "own"


def text(base: Path, tasks: Sequence[str], targets: Sequence[str]) -> str:
    """Return the text of a params.yaml for ``tasks``: with ``targets`` the whole protocol, without them curation alone.

    Values that are not about the data (folds, thresholds, search) are those of ``base``, a profile. Raises
    :class:`CairnError` for a task that is not there or cannot have its role.
    """
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 10_000
    yaml.representer.add_representer(
        type(None), lambda writer, _: writer.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    values = yaml.load(base.read_text(encoding="utf-8").split("\n", 1)[1])
    facts = {name: _task(name, "intermediate", values, trained=bool(targets)) for name in tasks}
    for name in targets:
        _task(name, "target", values)
    languages = {_language(task) for task in facts.values()}
    if len(languages) > 1:
        raise CairnError(
            f"{', '.join(tasks)} are in {', '.join(sorted(languages))}, and a subset takes every row in the same "
            "languages. Curate them one by one."
        )
    _fill(values, list(tasks), list(targets), languages.pop())
    out = io.StringIO()
    yaml.dump(values, out)
    what = f"before {', '.join(targets)}" if targets else "curated; nothing is trained (seeds: [])"
    return f"# Profile `{PROFILE}`: {', '.join(tasks)}, {what}.\n{out.getvalue()}"


def _fill(values: Any, tasks: list[str], targets: list[str], language: str) -> None:
    values["profile"] = PROFILE
    _set(values, "seeds", [1, 2, 3] if targets else [])
    _set(values, "intermediate", tasks)
    _set(values, "targets", targets)
    _set(values, "retrieval", [])
    _set(values, "scorers", [name for name in values["scorers"] if targets or name != "contamination"])
    for role in ("intermediate", "target"):
        for split in values["fetch"]["rows"][role]:
            values["fetch"]["rows"][role][split] = None
    values["miniworld"]["plant"] = None
    _set(values["translate"], "languages", [])
    values["subset"]["size"] = None
    _set(values["subset"], "languages", [language])
    _set(values["subset"], "also_in", [])
    values["subset"]["decontaminate"] = bool(targets)


def _set(values: Any, key: str, found: list[Any]) -> None:
    """Put a list where one stood, in brackets as it stood."""
    from ruamel.yaml.comments import CommentedSeq

    made = CommentedSeq(found)
    made.fa.set_flow_style()
    values[key] = made


def _task(name: str, role: Any, values: Any, *, trained: bool = True) -> Task:
    from curation import fetch
    from curation.core import registry

    folder = values.get("task_folder")
    if isinstance(folder, str) and Path(folder).is_dir():
        registry.add_folder("tasks", Path(folder))
    task: Task = registry.load("tasks", name, f"curation profile {PROFILE}").TASK
    fetch.check_role(name, task, role, trained=trained)
    return task


def _language(task: Task) -> str:
    assert task.train is not None
    return "en" if "en" in task.train.languages else task.train.languages[0]
