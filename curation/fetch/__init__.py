"""Fetch: the rows of one task in one role, checked, with ids; every dropped row is counted with a reason.

Reads the source that the task file names (bundled, a local file, the mirror, the hub). Writes
``data/<role>/<task>/{train,dev,test}.parquet`` (those the role has), ``dropped.parquet`` and ``manifest.json``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, cast, get_args

import pyarrow as pa
import pydantic

from curation.core import files, params, paths, progress, records, registry, seeds, task_check
from curation.core.errors import CairnError, unknown
from curation.core.params import Section
from curation.core.task import RETRIEVAL_METRICS, Kind, Source, Task
from curation.fetch import conversion, provenance, sources, validity
from curation.fetch.conversion import Converted, Drop, Item

Cap = pydantic.PositiveInt | None


class IntermediateRows(Section):
    """Caps of an intermediate task: rows per split, null = all."""

    train: Cap
    """Rows that are scored and chosen from."""
    dev: Cap
    """Rows that judge the intermediate training."""


class TargetRows(Section):
    """Caps of a target task: rows per split and language, null = all."""

    train: Cap
    """English rows to fine-tune on."""
    dev: Cap
    """English rows that choose the best step."""
    test: Cap
    """Rows per language; the same keys in every language where the test is parallel."""


class RetrievalRows(Section):
    """Caps of a retrieval task: sentence pairs, or queries, per split and language, null = all.

    Candidates that languages share are never capped.
    """

    dev: Cap
    """Pairs or queries to tune on."""
    test: Cap
    """Pairs or queries that are scored."""


class Rows(Section):
    """How many rows to take at most, by role."""

    intermediate: IntermediateRows
    """Caps of the intermediate tasks."""
    target: TargetRows
    """Caps of the target tasks."""
    retrieval: RetrievalRows
    """Caps of the retrieval tasks."""


class Params(Section):
    """Section ``fetch``."""

    languages: Literal["all"] | tuple[str, ...]
    """Test languages: all that a task has, or a list of codes, of which each task takes those it has."""
    max_dropped: float = pydantic.Field(ge=0, le=1)
    """Share of unusable rows (of one split in one language) above which fetch fails, 0..1."""
    rows: Rows
    """Caps: a seeded sample of so many rows, never the first ones."""


SPLITS: Mapping[paths.Role, tuple[str, ...]] = {
    "intermediate": ("train", "dev"),
    "target": ("train", "dev", "test"),
    "retrieval": ("dev", "test"),
}
"""Splits that a role fetches; all are needed but ``dev`` of retrieval."""
KINDS: Mapping[paths.Role, tuple[Kind, ...]] = {
    "intermediate": ("pair", "choice", "span", "tags", "text"),
    "target": ("pair", "choice", "span", "tags"),
    "retrieval": ("bitext",),
}
"""Kinds that a role takes: what can be trained on, what has predictions to score, what can be searched."""


@dataclass(frozen=True)
class Job:
    """What one run of the stage works on."""

    name: str
    task: Task
    module: ModuleType
    role: paths.Role
    params: Params
    seed: int

    def cap(self, split: str) -> int | None:
        """Return the cap of ``split`` in this role."""
        found: int | None = getattr(getattr(self.params.rows, self.role), split)
        return found


@dataclass(frozen=True)
class Split:
    """One fetched split."""

    records: pa.Table
    drops: list[Drop]
    facts: dict[str, Any]
    """What the manifest says about it."""


def run(role: str, task: str) -> None:
    """Fetch the splits that ROLE (intermediate, target, retrieval) needs of TASK."""
    job = open_job(role, task)
    splits = {name: fetch_split(job, name, source) for name, source in needed(job).items()}
    with files.replacing_folder(paths.fetched(job.role, task)) as folder:
        for name, split in splits.items():
            records.write(folder / f"{name}.parquet", split.records)
        drops = [{"split": name, **vars(drop)} for name, split in splits.items() for drop in split.drops]
        files.write_parquet(folder / "dropped.parquet", pa.Table.from_pylist(drops, schema=DROPPED))
        written = {file.name: files.sha256(file) for file in sorted(folder.glob("*.parquet"))}
        files.write_json(folder / "manifest.json", manifest(job, splits, written))


DROPPED = pa.schema([(name, pa.string()) for name in ("split", "lang", "key", "reason", "row")])
"""Columns of ``dropped.parquet``; ``row`` is the upstream row as JSON."""


def open_job(role: str, task: str) -> Job:
    """Return what ``run`` works on; raise :class:`CairnError` for an unknown role or task."""
    if role not in SPLITS:
        raise unknown("role", role, SPLITS, "fetch --role")
    experiment = params.experiment()
    module = task_check.readable(registry.load("tasks", task, "fetch --task"))
    found: Task = module.TASK
    return Job(task, found, module, cast("paths.Role", role), params.read(Params, "fetch"), experiment.seed)


def needed(job: Job) -> dict[str, Source]:
    """Return the source of each split the role needs; raise :class:`CairnError` when the task cannot have the role."""
    check_role(job.name, job.task, job.role)
    return {name: source for name in SPLITS[job.role] if (source := job.task.split(name)) is not None}


def check_role(name: str, task: Task, role: paths.Role) -> None:
    """Raise :class:`CairnError` when ``task`` cannot have ``role``: it is of another kind or metric, or lacks a split.

    The role's last stage would refuse it too, hours later.
    """
    if task.kind not in KINDS[role]:
        raise CairnError(
            f"task {name} is of kind {task.kind}, so it cannot be used as {role}, which takes "
            f"{', '.join(KINDS[role])}. `curation tasks --kind {KINDS[role][0]}` lists tasks that can."
        )
    lacking = [split for split in SPLITS[role] if task.split(split) is None and (role, split) != ("retrieval", "dev")]
    if lacking:
        raise CairnError(
            f"task {name} has no {' and no '.join(lacking)} split, so it cannot be used as {role}. "
            f"It has: {', '.join(s for s in ('train', 'dev', 'test') if task.split(s)) or 'none'}. "
            "Name another task in params.yaml, or add the split to the task file."
        )
    if role == "retrieval" and task.metric not in RETRIEVAL_METRICS:
        raise CairnError(
            f"task {name} has metric {task.metric!r}; `retrieval:` takes tasks with {', '.join(RETRIEVAL_METRICS)}."
        )
    if task.metric == "mining" and task.dev is None:
        raise CairnError(f"task {name} has metric mining, which tunes its threshold on dev. Give it a dev split.")


def pivot(source: Source) -> str:
    """Return the language whose rows give parallel rows their ids: English, or the first one there is."""
    return "en" if "en" in source.languages else source.languages[0]


def languages(job: Job, split: str, source: Source) -> list[str]:
    """Return the languages of ``split`` to keep: English alone to train and develop on, those of params to test."""
    if split != "test" and job.role != "retrieval":
        return [pivot(source)]
    asked = job.params.languages
    if asked == "all":
        return sorted(source.languages)
    found = sorted(set(asked) & set(source.languages))
    if not found:
        raise CairnError(
            f"params.yaml: fetch.languages: task {job.name} has none of {', '.join(asked)} in its {split} split. "
            f"It has: {', '.join(sorted(source.languages))}."
        )
    if without := sorted(set(asked) - set(source.languages)):
        _say(f"fetch {job.name} {split}: not languages of this task, left out: {', '.join(without)}")
    return found


def fetch_split(job: Job, split: str, source: Source) -> Split:
    """Return the records, drops and facts of one split in all its languages."""
    kept = languages(job, split, source)
    first = pivot(source)
    parallel = job.task.parallel and job.task.kind != "bitext"
    order = sorted({*kept, first} if parallel else kept, key=lambda lang: (lang != first, lang))
    ids: list[str] = []
    items: list[Item] = []
    drops: list[Drop] = []
    facts: dict[str, Any] = {}
    by_key: dict[str, tuple[str, str | None]] = {}  # of the pivot's rows: key to id and group
    with progress.bar(len(order), f"fetch {job.name} {split}", "language") as bar:
        for lang in order:
            loaded, converted = convert_split(job, split, source, lang)
            rows = converted.items
            own = conversion.ids(job.name, job.task, rows, {key: id_ for key, (id_, _) in by_key.items()})
            if parallel and lang == first:
                by_key = {str(i.example.key): (id_, i.example.group) for i, id_ in zip(rows, own, strict=True)}
            bar.update(1)
            if lang not in kept:
                continue
            chosen = conversion.sample(rows, job.cap(split), seeds.derive(job.seed, "fetch", job.name, split))
            for n in chosen:
                group = by_key.get(str(rows[n].example.key), (None, None))[1]
                items.append(Item(rows[n].lang, conversion.short_group(rows[n].example, group)))
                ids.append(own[n])
            drops += converted.drops
            kept_rows = [rows[n] for n in chosen]
            facts[lang] = provenance.facts(source, loaded, converted, kept_rows, job.task, job.cap(split), lang)
    if source.candidates is not None:
        shared = shared_candidates(job, split, source.candidates)
        ids, items, drops = ids + shared.ids, items + shared.items, drops + shared.drops
        facts |= shared.facts
    for note in provenance.notes(facts, f"fetch.rows.{job.role}.{split}"):
        _say(f"fetch {job.name} {split} in {note}")
    if split == "train":
        validity.check_set([i.example for i in items], job.task, f"{job.name} {split}, as capped by fetch.rows")
    table = records.table(job.task.kind, ids, [item.lang for item in items], [item.example for item in items])
    return Split(table, drops, facts)


@dataclass(frozen=True)
class Candidates:
    """The candidates of one split that queries of every language share."""

    ids: list[str]
    items: list[Item]
    drops: list[Drop]
    facts: dict[str, Any]
    """What the manifest says, by language of the source."""


def shared_candidates(job: Job, split: str, source: Source) -> Candidates:
    """Return all candidates in all languages, whatever languages are tested and however many queries."""
    found = Candidates([], [], [], {})
    with progress.bar(len(source.languages), f"fetch {job.name} {split} candidates", "language") as bar:
        for lang in sorted(source.languages):
            loaded, converted = convert_split(job, split, source, lang)
            rows = converted.items
            found.ids.extend(conversion.ids(job.name, job.task, rows))
            found.items.extend(Item(row.lang, conversion.short_group(row.example)) for row in rows)
            found.drops.extend(converted.drops)
            facts = provenance.facts(source, loaded, converted, rows, job.task, None, lang)
            found.facts[f"{lang} candidates"] = facts
            bar.update(1)
    return found


def convert_split(job: Job, split: str, source: Source, lang: str) -> tuple[sources.Loaded, Converted]:
    """Return one language of a split, loaded and converted; raise :class:`CairnError` when it cannot be used."""
    loaded = sources.rows(source, lang, job.task.config_names, _bundled(job, split, source))
    where = f"{job.name} {split} in {lang} ({loaded.place})"
    if not loaded.rows:
        raise CairnError(f"{where}: the source has no rows. Check the file, and config and split in the task file.")
    converted = conversion.convert(loaded, source, job.task, job.module.to_example, lang, need_label=split == "train")
    conversion.check_share(converted, job.params.max_dropped, where)
    validity.check_set([item.example for item in converted.items], job.task, where)
    return loaded, converted


def _bundled(job: Job, split: str, source: Source) -> sources.Bundled:
    """Return the number of rows to generate, and the defects: in the train rows of an intermediate task alone."""
    if not source.repo.startswith("bundled:"):
        return sources.Bundled(None, 0)
    from curation import miniworld

    section = params.read(miniworld.Params, "miniworld")
    planted = job.role == "intermediate" and split == "train"
    return sources.Bundled(job.cap(split), section.seed, section.plant if planted else None)


def manifest(job: Job, splits: Mapping[str, Split], written: Mapping[str, str]) -> dict[str, Any]:
    """Return what was fetched, from where, under which licence, and what was left out."""
    return {
        **provenance.task_facts(job.name, job.task),
        "role": job.role,
        "seed": job.seed,
        "max_dropped": job.params.max_dropped,
        "splits": {name: split.facts for name, split in splits.items()},
        "rows": {name: split.records.num_rows for name, split in splits.items()},
        "rows_dropped": sum(len(split.drops) for split in splits.values()),
        "files": dict(written),
    }


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


assert set(SPLITS) == set(get_args(paths.Role))
