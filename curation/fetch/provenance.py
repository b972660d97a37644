"""What ``manifest.json`` of ``fetch`` says: where rows came from, how many were there, kept and dropped, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from curation.core.task import Source, Task
from curation.fetch import validity
from curation.fetch.conversion import Converted, Item
from curation.fetch.sources import Loaded


def facts(
    source: Source, loaded: Loaded, converted: Converted, kept: Sequence[Item], task: Task, cap: int | None, lang: str
) -> dict[str, Any]:
    """Return the manifest's entry of one split in one language."""
    expected = source.expected(lang)
    return {
        "source": loaded.place,
        "revision_asked": source.revision,
        "revision": loaded.revision,
        "branch": loaded.branch,
        "served_by": loaded.served_by,
        "files": loaded.hashes,
        "rows_found": converted.found,
        "rows_expected": expected,
        "as_expected": None if expected is None else converted.found == expected,
        "rows_dropped": len(converted.drops),
        "dropped_for": converted.reasons(),
        "rows_usable": len(converted.items),
        "cap": cap,
        "rows_kept": len(kept),
        "labels": dict(sorted(validity.classes([item.example for item in kept], task).items())),
        **({"pooled": [_pooled(one) for one in loaded.pooled]} if loaded.pooled else {}),
    }


def _pooled(loaded: Loaded) -> dict[str, Any]:
    return {
        "source": loaded.place,
        "revision": loaded.revision,
        "branch": loaded.branch,
        "served_by": loaded.served_by,
        "rows": len(loaded.rows),
    }


def notes(entries: Mapping[str, Mapping[str, Any]], cap_name: str) -> list[str]:
    """Return what a user should see of one split: caps, drops, rows that upstream has and this source has not.

    >>> entry = {"served_by": "hub", "rows_found": 9, "rows_usable": 8, "rows_kept": 5, "cap": 5, "rows_dropped": 1,
    ...          "dropped_for": {"text is empty": 1}, "as_expected": None}
    >>> for note in notes({"de": entry, "en": entry}, "fetch.rows.target.test"): print(note)
    de, en: 5 of 8 usable rows kept (fetch.rows.target.test = 5)
    de, en: 1 of 9 rows dropped: 1 text is empty
    """
    said: dict[str, list[str]] = {}
    for lang, entry in sorted(entries.items()):
        for note in _notes(entry, cap_name):
            said.setdefault(note, []).append(lang)
    return [f"{', '.join(langs)}: {note}" for note, langs in said.items()]


def _notes(entry: Mapping[str, Any], cap_name: str) -> list[str]:
    found = []
    if entry["served_by"] != "bundled" and entry["rows_kept"] < entry["rows_usable"]:
        cap = f"{cap_name} = {entry['cap']:,}"
        found.append(f"{entry['rows_kept']:,} of {entry['rows_usable']:,} usable rows kept ({cap})")
    if entry["rows_dropped"]:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in entry["dropped_for"].items())
        found.append(f"{entry['rows_dropped']:,} of {entry['rows_found']:,} rows dropped: {reasons}")
    if entry["as_expected"] is False and entry["served_by"] != "bundled":
        found.append(f"{entry['rows_found']:,} rows there, upstream has {entry['rows_expected']:,}")
    return found


def task_facts(name: str, task: Task) -> dict[str, Any]:
    """Return the manifest's entries that come from the task file."""
    return {
        "task": name,
        "kind": task.kind,
        "metric": task.metric,
        "labels": list(task.labels),
        "parallel": task.parallel,
        "licence": task.licence,
        "citation": task.citation,
        "note": task.note,
    }
