"""One split of a task: loaded, converted, sampled, with ids."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, cast

import pyarrow as pa

from curation import tasks
from curation.core import experiment, params, paths, progress, records, seeds, task_check
from curation.core.errors import CairnError, unknown
from curation.core.task import Source, Task
from curation.fetch import SPLITS, Params, check_role, chosen, conversion, pivot, provenance, sources, validity
from curation.fetch.conversion import Converted, Drop, Item
from curation.language import codes


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
        name = "dev" if split == "zero_shot" else split
        found: int | None = getattr(getattr(self.params.rows, self.role), name)
        return found

    def whole(self, split: str) -> bool:
        """Return whether the cap of ``split`` takes whole groups."""
        return self.role == "intermediate" and split == "train" and self.params.rows.intermediate.whole_groups


@dataclass(frozen=True)
class Split:
    """One fetched split."""

    records: pa.Table
    drops: list[Drop]
    facts: dict[str, Any]
    """What the manifest says about it."""
    brought: list[tuple[str, str]]
    """Id and upstream row, as JSON, of rows of a user's own file or task."""


def open_job(role: str, task: str) -> Job:
    """Return what ``run`` works on; raise :class:`CairnError` for an unknown role or task."""
    if role not in SPLITS:
        raise unknown("role", role, SPLITS, "fetch --role")
    chosen = experiment.read()
    module = task_check.readable(tasks.module(task, "fetch --task"))
    found: Task = module.TASK
    return Job(task, found, module, cast("paths.Role", role), params.read(Params, "fetch"), chosen.seed)


def needed(job: Job) -> dict[str, Source]:
    """Return the source of each split the role needs; raise :class:`CairnError` when the task cannot have the role."""
    check_role(job.name, job.task, job.role, trained=False)  # `curation check` knows whether it is
    names = [*SPLITS[job.role], *(["zero_shot"] if job.role == "target" and watched(job) else [])]
    return {name: source for name in names if (source := job.task.split(name)) is not None}


def watched(job: Job) -> list[str]:
    """Return the languages of ``zero_shot`` to keep: the test languages of params but English; none is no error."""
    source, asked = job.task.zero_shot, job.params.languages
    own = source.languages if source is not None else ()
    return sorted(code for code in (own if asked == "all" else chosen(asked, own)) if codes.language(code) != "en")


def languages(job: Job, split: str, source: Source) -> list[str]:
    """Return the languages of ``split`` to keep: English alone to train and develop on, those of params to test."""
    if split == "zero_shot":
        return watched(job)
    if split != "test" and job.role != "retrieval":
        return [pivot(source)]
    asked = job.params.languages
    if asked == "all":
        return sorted(source.languages)
    found = chosen(asked, source.languages)
    if not found:
        raise CairnError(
            f"params.yaml: fetch.languages: task {job.name} has none of {', '.join(asked)} in its {split} split. "
            f"It has: {', '.join(sorted(source.languages))}."
        )
    if without := sorted(code for code in asked if not chosen([code], source.languages)):
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
            drawn = seeds.derive(job.seed, "fetch", job.name, split)
            taken = conversion.sample(rows, job.cap(split), drawn, whole=job.whole(split))
            for n in taken:
                group = by_key.get(str(rows[n].example.key), (None, None))[1]
                items.append(Item(rows[n].lang, conversion.short_group(rows[n].example, group), rows[n].row))
                ids.append(own[n])
            drops += converted.drops
            kept_rows = [rows[n] for n in taken]
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
    brought = [
        (id_, conversion.as_json(item.row)) for id_, item in zip(ids, items, strict=True) if item.row is not None
    ]
    return Split(table, drops, facts, brought)


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
    loaded = load_split(job, split, source, lang)
    return loaded, convert_loaded(job, split, source, lang, loaded)


def load_split(job: Job, split: str, source: Source, lang: str) -> sources.Loaded:
    """Return one language of a split as it was published; raise :class:`CairnError` when nobody has it."""
    try:
        return sources.rows(source, lang, job.task.config_names, _bundled(job, split, source))
    except CairnError as error:
        raise CairnError(f"{job.name} {split} in {lang}: {error}") from error


def convert_loaded(job: Job, split: str, source: Source, lang: str, loaded: sources.Loaded) -> Converted:
    """Return the rows of :func:`load_split` as examples; raise :class:`CairnError` when they cannot be used."""
    where = f"{job.name} {split} in {lang} ({loaded.place})"
    if not loaded.rows:
        raise CairnError(f"{where}: the source has no rows. Check the file, and config and split in the task file.")
    converted = conversion.convert(
        loaded, source, job.task, job.module.to_example, lang, need_label=split == "train", bring=_own(job, loaded)
    )
    conversion.check_share(converted, job.params.max_dropped, where)
    validity.check_set([item.example for item in converted.items], job.task, where)
    return converted


def _own(job: Job, loaded: sources.Loaded) -> bool:
    """Return whether the rows' other columns are wanted: those of a user's own file, or of a user's own task."""
    return job.role == "intermediate" and (
        loaded.served_by == "file" or not job.module.__name__.startswith(f"{tasks.__name__}.")
    )


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
