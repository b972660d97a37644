"""Rows of a data set: bundled, a local file, the mirror folder ``CAIRN_HUB_MIRROR``, or the hub, in this order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from curation.core import budget, files, mirror
from curation.core.errors import CairnError, unknown
from curation.core.task import Source
from curation.fetch.sources import hub
from curation.rows import local, tables

KILOBYTES = 2.5
"""Memory of a row at the peak beside its texts, about (``benchmarks/size.py``): Python objects."""
PACKED, PLAIN = 8.0, 12.0
"""Memory for a byte of a parquet file, for one of any other: texts lie there several times at the peak."""
ServedBy = Literal["bundled", "file", "mirror", "hub"]


@dataclass(frozen=True)
class Bundled:
    """What a bundled generator needs to know beside the source; a published data set ignores it."""

    rows: int | None
    """How many rows to generate; ``None`` is an error for a bundled source, since there is no whole to take."""
    seed: int
    plant: Any = None
    """Defects to plant (``miniworld.Plant``), or ``None`` for clean rows."""


@dataclass(frozen=True)
class Loaded:
    """The rows of one split in one language, and where they came from."""

    rows: list[tables.Row]
    """Plain values per row, ``None`` for a row whose text is not valid UTF-8."""
    keys: list[str]
    """The row's number as text; with several upstream splits ``<split>-<number>``."""
    served_by: ServedBy
    revision: str | None
    """The commit the hub served; for a mirror or a file the hashes name the content instead."""
    branch: str | None = None
    hashes: dict[str, str] = field(default_factory=dict)
    """File name to SHA-256 of every file read."""
    place: str = ""
    """For messages: the repository, config and split as they were asked for; a user's files by name."""
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Column to class names in the order of their numbers, where the files know them; in ``rows`` they are names."""
    lines: Sequence[int] = ()
    """The line in which each row begins, counted from 1: of a user's csv, tsv and jsonl files."""
    pooled: tuple[Loaded, ...] = ()
    """Where rows of several data sets were pooled: each of them, and where it came from."""


def rows(source: Source, lang: str, config_names: Mapping[str, str], bundled: Bundled) -> Loaded:
    """Return all rows of ``source`` in ``lang``, those of its pooled sources after its own.

    Raises :class:`CairnError` when nobody has them, saying what was looked for, where, and what is there.
    """
    if source.pooled:
        several = [replace(source, pooled=()), *source.pooled]
        return _pooled(several, [rows(one, lang, config_names, bundled) for one in several])
    name = config_names.get(lang, lang)
    config = source.config.replace("{lang}", name)
    source = replace(source, split=source.split.replace("{lang}", name))
    at = f"{source.repo}, config {config}, split {source.split}"
    scheme, colon, rest = source.repo.partition(":")
    if colon and scheme == "bundled":
        return _bundled(source, rest, config, lang, bundled, at)
    if colon and scheme == "file":
        return _file(source, rest, lang)
    parts = source.split.split("+")
    near = mirror.folder()
    if near is not None:
        found = [_in_mirror(near, source.repo, config, part) for part in parts]
        return _joined(found, parts, "mirror", None, None, at)
    snapshots = [hub.split(source.repo, config, part, source.revision) for part in parts]
    first = snapshots[0]
    return _joined([list(s.files) for s in snapshots], parts, "hub", first.revision, first.branch, at)


def _pooled(sources: Sequence[Source], found: Sequence[Loaded]) -> Loaded:
    """Return the rows of several data sets as one, their keys and files told apart by the data sets' names."""
    names = [source.repo.split("/")[-1].replace("file:", "") for source in sources]
    if len(set(names)) < len(names):
        names = [f"{name}{number}" for number, name in enumerate(names)]
    first, revisions, branches = found[0], {one.revision for one in found}, {one.branch for one in found}
    return Loaded(
        rows=[row for one in found for row in one.rows],
        keys=[f"{name}-{key}" for name, one in zip(names, found, strict=True) for key in one.keys],
        served_by=first.served_by,
        revision=revisions.pop() if len(revisions) == 1 else None,
        branch=branches.pop() if len(branches) == 1 else None,
        hashes={f"{s.repo}/{f}": h for s, one in zip(sources, found, strict=True) for f, h in one.hashes.items()},
        place=" and ".join(one.place for one in found),
        pooled=tuple(found),
    )


def _joined(
    shards: Sequence[Sequence[Path]],
    parts: Sequence[str],
    served_by: ServedBy,
    revision: str | None,
    branch: str | None,
    at: str,
) -> Loaded:
    found: list[tables.Row] = []
    keys: list[str] = []
    hashes: dict[str, str] = {}
    for part, several in zip(parts, shards, strict=True):
        _check_room(several, at)
        read = tables.read(several)
        keys += [str(n) if len(parts) == 1 else f"{part}-{n}" for n in range(len(read))]
        found += read
        hashes |= {f"{file.parent.name}/{file.name}": files.sha256(file) for file in several}
    known = tables.classes([file for several in shards for file in several])
    return Loaded(found, keys, served_by, revision, branch, hashes, at, known)


def _check_room(several: Sequence[Path], at: str) -> None:
    """Refuse what does not fit in memory before it is read."""
    there = [file for file in several if file.is_file()]
    rows = sum(files.parquet_rows(file) for file in there if file.suffix == ".parquet")
    size = sum(file.stat().st_size * (PACKED if file.suffix == ".parquet" else PLAIN) for file in there)
    budget.check_memory(rows * KILOBYTES + size / 1000, f"fetching {at}", "leave rows out of the file")


def _in_mirror(mirror: Path, repo: str, config: str, split: str) -> list[Path]:
    folder = mirror / repo
    if found := tables.shards(folder, config, split):
        return found
    there = tables.configs(folder)
    if config in there:
        have = f"Config {config!r} is there with the splits: {', '.join(there[config])}."
    elif there:
        names = sorted(there)
        have = f"Configs there: {', '.join(names[:20])}{f' and {len(names) - 20} more' if len(names) > 20 else ''}."
    else:
        siblings = sorted(f"{p.parent.name}/{p.name}" for p in mirror.glob("*/*") if p.is_dir())
        have = f"{repo} is not in this mirror, which holds {len(siblings)} repositories."
    raise CairnError(
        f"the mirror CAIRN_HUB_MIRROR={mirror} has no {repo}, config {config!r}, split {split!r}: looked for "
        f"{folder / config}/{split}-00000-of-*.parquet. {have} Put the file there, name another task or language in "
        "params.yaml, or take it from the hub: unset CAIRN_HUB_MIRROR"
    )


def _file(source: Source, pattern: str, lang: str) -> Loaded:
    found: list[tables.Row] = []
    keys: list[str] = []
    lines: list[int] = []
    hashes: dict[str, str] = {}
    parts = source.split.split("+")
    for part in parts:
        file = local.locate(pattern.replace("{split}", part).replace("{lang}", lang))
        _check_room([file], file.as_posix())
        read, at = local.read_lines(file, source.supply)
        lines += at
        keys += [str(n) if len(parts) == 1 else f"{part}-{n}" for n in range(len(read))]
        found += read
        hashes[file.as_posix()] = files.sha256(file)
    return Loaded(found, keys, "file", None, None, hashes, " and ".join(hashes), lines=lines)


def _bundled(source: Source, name: str, config: str, lang: str, bundled: Bundled, at: str) -> Loaded:
    if name != "miniworld":
        raise unknown("bundled data set", name, ["miniworld"], f"source {source.repo}")
    if bundled.rows is None:
        raise CairnError(
            f"{at} is generated, so there is no whole of it to take: set a number of rows for this split "
            "in params.yaml: fetch.rows (for example 1000)."
        )
    from curation import miniworld

    found: list[tables.Row] = list(
        miniworld.rows(config, source.split, lang, bundled.rows, bundled.seed, bundled.plant)
    )
    return Loaded(found, [str(n) for n in range(len(found))], "bundled", None, None, {}, at)
