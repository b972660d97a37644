"""Which train rows may enter a subset, and why the others may not.

Eligibility looks at data and flags only, never at the stratum or size: all arms draw from one pool and are comparable.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from curation import review, tasks
from curation.core import files, paths, records
from curation.core.errors import CairnError
from curation.core.kinds import KINDS, in_words
from curation.core.seeds import derive
from curation.subset.strata import Cell, length_classes
from curation.subset.variants import translation_quality, variants

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Kind, Task

BLOCK = 8192
"""Rows that are Python objects together."""
LABEL_SETS = 15
"""tags: so many frequent sets of tag types are label classes of their own; rarer sets share the class ``other``."""


@dataclass(frozen=True)
class Pool:
    """The train rows of one task."""

    task: str
    languages: tuple[str, ...]
    reasons: Mapping[tuple[str, str], str | None]
    """``(id, lang)`` of every train id in every listed language to why it is not eligible (``None`` = it is)."""
    eligible: pa.Table
    """``data/quality/<task>.parquet``, eligible ids only, by id."""
    cells: Mapping[str, Cell]
    """Eligible id to its label and length class."""
    lengths: Mapping[str, int]
    """Eligible id to the characters of its original."""
    duplicates: Mapping[str, str]
    """Id to the name of its near-duplicate group, where it has one."""
    contaminated: frozenset[str]
    """Ids flagged as leaks."""

    @property
    def rows(self) -> int:
        """How many rows, over all languages, could be taken."""
        return len(self.cells) * len(self.languages)


def label_class(kind: Kind, row: Mapping[str, Any], task: Task) -> str | None:
    """Return the class that quotas keep for a row; ``None`` = unlabelled.

    classify and pair: the label; choice: the position of the right choice; span: answerable or not; tags: the set of
    tag types (``B-`` and ``I-`` removed, ``O`` left out); text has one class.
    """
    facts = KINDS[kind]
    if facts.label is None:
        return "all"
    value = row[facts.label]
    if value is None:
        return None
    if facts.named == "row":
        return str(in_words(kind, int(value), task.labels))
    if kind == "choice":
        return str(value)
    if kind == "span":
        return "answerable" if value else "unanswerable"
    names = {task.labels[tag] for tag in value if tag is not None and tag >= 0} - {"O"}
    return "+".join(sorted({name.removeprefix("B-").removeprefix("I-") for name in names})) or "none"


def _merge_rare(classes: dict[str, str | None]) -> dict[str, str | None]:
    counts = Counter(name for name in classes.values() if name is not None)
    frequent = {name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:LABEL_SETS]}
    return {id_: name if name is None or name in frequent else "other" for id_, name in classes.items()}


def duplicate_groups(quality: pa.Table) -> dict[str, str]:
    """Return id to group for ids that share a near-duplicate group, or the very same content (``~2``), with another."""
    ids = quality["id"].to_pylist()
    content = [id_.partition("~")[0] for id_ in ids]
    named = quality["near_duplicates.group"].to_pylist() if "near_duplicates.group" in quality.column_names else []
    groups = [content[i] if not named or named[i] is None else f"group {named[i]}" for i in range(len(ids))]
    same = dict(
        zip(content, groups, strict=True)
    )  # copies follow the group of their content, should a scorer miss them
    groups = [same[key] for key in content]
    shared = Counter(groups)
    return {id_: group for id_, group in zip(ids, groups, strict=True) if shared[group] > 1}


def representatives(quality: pa.Table, groups: Mapping[str, str], allowed: set[str], seed: int) -> set[str]:
    """Return one id per group among ``allowed``: the one of highest quality, whatever the stratum will want."""
    best: dict[str, tuple[float, int, str]] = {}
    for id_, value in zip(quality["id"].to_pylist(), quality["quality"].to_pylist(), strict=True):
        if id_ in groups and id_ in allowed:
            candidate = (-value, derive(seed, "duplicates", id_), id_)
            best[groups[id_]] = min(best.get(groups[id_], candidate), candidate)
    return {id_ for _, _, id_ in best.values()}


def build(
    task: str, languages: Sequence[str], also_in: Sequence[str], *, deduplicate: bool, decontaminate: bool,
    length_bins: int, seed: int, where: str, translated: Sequence[str] | None = None, min_translation: float = 0.0,
) -> Pool:  # fmt: skip
    """Return the pool of ``task``; raise :class:`CairnError` for a missing language or for scores of other rows.

    ``min_translation``: ids whose worst translation, in ``languages`` and ``also_in``, is estimated below are left out.
    """
    facts: Task = tasks.load(task, where)
    fetched = records.read(paths.fetched("intermediate", task) / "train.parquet")
    quality = files.read_parquet(paths.quality(task))
    if len(set(quality["id"].to_pylist())) != quality.num_rows or set(quality["id"].to_pylist()) != set(
        fetched["id"].to_pylist()
    ):
        raise CairnError(f"{paths.quality(task)} scores other rows than {task} has. Run `dvc repro` to make it again.")
    decided = review.load(task)
    fetched = review.apply(fetched, decided)
    by_language = variants(task, [*languages, *also_in], where, translated)
    worth = translation_quality(task, [lang for lang in by_language if lang not in set(fetched["lang"].to_pylist())])
    has = {lang: set(table["id"].to_pylist()) for lang, table in by_language.items()}
    labels: dict[str, str | None] = {}
    characters: dict[str, int] = {}
    for batch in fetched.to_batches(max_chunksize=BLOCK):
        for row in batch.to_pylist():
            if row["id"] not in labels:
                labels[row["id"]] = label_class(facts.kind, row, facts)
                characters[row["id"]] = len(records.text_of(facts.kind, row))
    if KINDS[facts.kind].named == "word":
        labels = _merge_rare(labels)
    groups = duplicate_groups(quality)
    flags = zip(quality["id"].to_pylist(), quality["flags"].to_pylist(), strict=True)
    leaks = frozenset(id_ for id_, names in flags if "contamination" in (names or ()))
    why: dict[str, str | None] = {}
    for id_, value in zip(quality["id"].to_pylist(), quality["quality"].to_pylist(), strict=True):
        missing = any(id_ not in ids for ids in has.values())
        unscored = value is None or math.isnan(value)
        why[id_] = (
            "dropped_in_review" if id_ in decided and decided[id_]["decision"] == "drop"
            else "unlabelled" if labels[id_] is None
            else "unscored" if unscored
            else "contaminated" if decontaminate and id_ in leaks
            else "incomplete" if missing
            else "translation_low" if worth is not None and worth.get(id_, 0.0) < min_translation
            else None
        )  # fmt: skip
    if deduplicate:
        kept = representatives(quality, groups, {id_ for id_, reason in why.items() if reason is None}, seed)
        why.update({id_: "near_duplicate" for id_ in groups if why[id_] is None and id_ not in kept})
    reasons = {
        (id_, lang): "translation_dropped" if reason == "incomplete" and id_ not in has[lang] else reason
        for id_, reason in why.items()
        for lang in languages
    }
    ids = sorted(id_ for id_, reason in why.items() if reason is None)
    lengths = {id_: characters[id_] for id_ in ids}
    bins = length_classes(lengths, length_bins)
    eligible = quality.filter(pc.is_in(quality["id"], pa.array(ids, pa.string()))).sort_by("id")
    if worth is not None:
        eligible = eligible.append_column("translation_quality", pa.array([worth[id_] for id_ in ids], pa.float64()))
    cells = {id_: (str(labels[id_]), bins[id_]) for id_ in ids}
    return Pool(task, tuple(languages), reasons, eligible, cells, lengths, groups, leaks)
