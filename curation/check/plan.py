"""What an experiment asks for, held against what its tasks, models and translators can give, before anything runs.

The rules are those of the stages, in their words; some of these stages would be reached after hours.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from curation import fetch, metrics, subset, translate
from curation.check.flow import at
from curation.core import files, models, params, registry
from curation.core.errors import CairnError
from curation.language import codes
from curation.search.layers import check_layer
from curation.tasks import load as load_task

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from curation.check.checks import Findings
    from curation.core import paths
    from curation.core.task import Task

S = TypeVar("S", bound=params.Section)

ROLES: Mapping[str, paths.Role] = {"intermediate": "intermediate", "targets": "target", "retrieval": "retrieval"}
"""Key of params.yaml to the role of the tasks it names."""


def check(file: Path, values: Mapping[str, Any], found: Findings) -> None:
    """Add to ``found`` what cannot work in ``file``, a params.yaml whose top-level keys are in order.

    Sections that cannot be read and tasks that cannot be loaded are passed over: their own checks name them.
    """
    chosen = params.read(params.Experiment, "", file)
    if not chosen.seeds:
        found.note(f"{file}: seeds is empty: curate only. Nothing is trained; the flow ends with subset and report.")
    elif not chosen.targets:
        found.note(f"{file}: targets is empty: the intermediate step is trained, and no target after it.")
    for key, role in ROLES.items():
        for name, task in _tasks(getattr(chosen, key)).items():
            _try(partial(fetch.check_role, name, task, role, trained=bool(chosen.seeds)), found, f"{file}: {key}: ")
            _tested(key, name, task, file, found)
    for name, task in _tasks(chosen.targets).items():
        _followed(name, task, values, file, found)
    _layer(file, values, _tasks(chosen.retrieval), found)
    for key in ("embed.model", "encoder.model"):
        try:
            model = at(values, key)
        except KeyError:
            continue
        if isinstance(model, str):
            _try(partial(models.nearby, model, f"{file}: {key}"), found)
    tasks = {name: task for name, task in _tasks(chosen.intermediate).items() if task.train is not None}
    translating = _section(translate.Params, "translate", file)
    drawing = _section(subset.Params, "subset", file)
    if translating is not None:
        _translations(translating, tasks, file, found)
    if drawing is not None:
        where = str(file)
        _try(partial(subset.check, drawing, chosen, where), found)
        _try(partial(subset.leak_threshold, drawing, file), found)
        _try(partial(subset.check_size, drawing.size, len(drawing.languages)), found, f"{file}: ")
        fetching = _section(fetch.Params, "fetch", file)
        if fetching is not None:
            _size(drawing, fetching.rows.intermediate.train, tasks, file, found)
    if drawing is not None and translating is not None:
        _languages(drawing, translating.languages, tasks, file, found)


def _layer(file: Path, values: Mapping[str, Any], tasks: Mapping[str, Task], found: Findings) -> None:
    """A layer that is chosen on dev needs tasks with a dev split; one that is named is one of the encoder's."""
    section = values.get("retrieve")
    depth = _depth(values)
    layer = section.get("layer") if isinstance(section, dict) else None
    if depth is not None and isinstance(layer, int):
        _try(partial(check_layer, layer, depth, f"{file}: retrieve.layer"), found)
    lacking = [name for name, task in tasks.items() if task.dev is None]
    if isinstance(section, dict) and section.get("layer") == "auto" and lacking:
        found.problem(
            f"{file}: retrieve.layer is auto, which is chosen on dev, but there is no dev split in "
            f"{', '.join(lacking)}. Name a layer (0 = embeddings, -1 = last), or take out of retrieval what has none."
        )


def _depth(values: Mapping[str, Any]) -> int | None:
    """Return how many layers the encoder has; ``None`` when it is not on this disk, or does not say."""
    try:
        near = models.nearby(str(at(values, "encoder.model")))
    except (CairnError, KeyError):
        return None  # its own check says so
    depth = files.read_json(Path(near.path) / "config.json").get("num_hidden_layers") if near else None
    return depth if isinstance(depth, int) else None


def _tasks(names: tuple[str, ...]) -> dict[str, Task]:
    found = {}
    for name in names:
        try:
            found[name] = load_task(name)
        except (CairnError, ImportError):
            continue
    return found


def _section(cls: type[S], key: str, file: Path) -> S | None:
    try:
        return params.read(cls, key, file)
    except CairnError:
        return None


def _try(call: Callable[[], object], found: Findings, before: str = "") -> None:
    """Add the mistake that ``call`` raises, if any."""
    found.count("requests")
    try:
        call()
    except CairnError as error:
        found.problem(f"{before}{error}")


def _translations(given: translate.Params, tasks: Mapping[str, Task], file: Path, found: Findings) -> None:
    """Every intermediate task can be translated into every language by the backend."""
    try:
        backend = registry.load("translators", given.backend)
    except (CairnError, ImportError):
        return
    for name, task in tasks.items():
        for lang in given.languages:
            _try(partial(translate.check_request, name, task, lang, backend, given, str(file)), found)


def _languages(
    given: subset.Params, made: tuple[str, ...], tasks: Mapping[str, Task], file: Path, found: Findings
) -> None:
    """Every language that the subset draws from, or looks into, is the tasks' own or is translated to."""
    for key in ("languages", "also_in"):
        for lang in getattr(given, key):
            for task in tasks.values():
                there = list(dict.fromkeys((translate.source_language(task), *made)))
                if lang not in there:
                    found.problem(
                        f"{file}: subset.{key}: nobody makes {lang}. Add it to translate.languages, or take one of "
                        f"{', '.join(there)}."
                    )


def _size(given: subset.Params, cap: int | None, tasks: Mapping[str, Task], file: Path, found: Findings) -> None:
    """The subset is no larger than what fetch lets in, and than what the tasks have where that is known."""
    rows = {name: _rows(task, cap) for name, task in tasks.items()}
    if given.size is None or not rows or None in rows.values():
        return
    most = sum(count or 0 for count in rows.values()) * len(given.languages)
    if given.size > most:
        each = ", ".join(f"{name} {count}" for name, count in rows.items())
        found.problem(
            f"{file}: subset.size is {given.size}, but there are at most {most} rows to choose from: {each} (what the "
            f"task has, at most fetch.rows.intermediate.train = {'null' if cap is None else cap}), in "
            f"{len(given.languages)} of subset.languages. Lower the one, or raise the other."
        )


def _rows(task: Task, cap: int | None) -> int | None:
    """Return how many train rows a task has at most; ``None`` when nobody knows."""
    assert task.train is not None
    known = [count for count in (cap, task.train.expected(translate.source_language(task))) if count is not None]
    return min(known, default=None)


def _tested(key: str, name: str, task: Task, file: Path, found: Findings) -> None:
    """The metric of a task that is tested knows every language that is tested."""
    fetching = _section(fetch.Params, "fetch", file)
    if key == "intermediate" or fetching is None or task.test is None or task.metric not in registry.names("metrics"):
        return
    known = getattr(metrics.load(task.metric), "LANGUAGES", None)
    there = task.test.languages
    asked = there if fetching.languages == "all" else fetch.chosen(fetching.languages, there)
    if not asked:
        found.problem(
            f"{file}: fetch.languages: task {name} has none of {', '.join(fetching.languages)} in its test split. It "
            f"has: {', '.join(task.test.languages)}."
        )
    if known is None:
        return
    for lang in asked:
        if codes.language(lang) not in known:
            found.problem(
                f"{file}: {key}: {name} is tested in {lang}, which its metric {task.metric} does not know. It knows: "
                f"{', '.join(sorted(known))}. Leave {lang} out of fetch.languages, or give the task another metric."
            )


def _followed(name: str, task: Task, values: Mapping[str, Any], file: Path, found: Findings) -> None:
    """Languages that the target training follows have dev rows of the task, and are fetched."""
    fetching = _section(fetch.Params, "fetch", file)
    try:
        asked = at(values, "train.target.zero_shot_languages")
    except KeyError:
        return
    if not isinstance(asked, list) or fetching is None:
        return  # the sections' own checks say so
    own, taken = task.zero_shot.languages if task.zero_shot else (), fetching.languages
    kept = own if taken == "all" else fetch.chosen(taken, own)
    there = sorted(code for code in kept if codes.language(code) != "en")
    for lang in asked:
        if lang not in there:
            found.problem(
                f"{file}: train.target.zero_shot_languages: task {name} will have no dev rows in {lang!r}. It will in: "
                f"{', '.join(there) or 'none'} (what `zero_shot` in the task file and fetch.languages have in common, "
                "but English)."
            )
