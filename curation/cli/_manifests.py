"""Two subset manifests side by side: what they share, and how labels, lengths and quality are spread in each."""

from __future__ import annotations

import statistics
from collections import Counter
from typing import TYPE_CHECKING, Any

from curation.cli import _tables
from curation.core import kinds, paths
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

Key = tuple[str, str, str]
"""Task, id, language."""


def kept(manifest: pa.Table, where: Path) -> list[Key]:
    """Return the kept rows in the order of taking; raise :class:`CairnError` for a table that is no manifest."""
    needed = ["task", "id", "lang", "rank", "kept"]
    missing = [name for name in needed if name not in manifest.column_names]
    if missing:
        raise CairnError(f"{where} is no subset manifest: it has no column {', '.join(missing)}.")
    rows = [row for row in manifest.select(needed).to_pylist() if row["kept"]]
    rows.sort(key=lambda row: (row["task"], row["rank"], row["id"], row["lang"]))
    return [(row["task"], row["id"], row["lang"]) for row in rows]


def overlap(a: Sequence[Key], b: Sequence[Key]) -> dict[str, Any]:
    """Return the sizes of both, what they share, and the Jaccard similarity: 0 = nothing shared, 1 = the same."""
    one, two = set(a), set(b)
    both, either = len(one & two), len(one | two)
    return {
        "rows_a": len(a),
        "rows_b": len(b),
        "shared": both,
        "only_a": len(one) - both,
        "only_b": len(two) - both,
        "jaccard": both / either if either else 1.0,
        "nested": one <= two or two <= one,
    }


class _Task:
    """The rows of one task, read once: label, length in characters, and quality by id."""

    def __init__(self, name: str) -> None:
        from curation.core import files, records

        self.facts = _tables.task(name)
        table = records.read(paths.fetched("intermediate", name) / "train.parquet")
        self.kind = records.kind_of(table)
        self.label: dict[str, str] = {}
        self.length: dict[str, int] = {}
        for row in table.to_pylist():
            self.label[row["id"]] = self._label(row)
            self.length[row["id"]] = len(records.text_of(self.kind, row))
        quality = paths.quality(name)
        self.quality: dict[str, float | None] = {}
        if quality.exists():
            scored = files.read_parquet(quality)
            self.quality = dict(zip(scored["id"].to_pylist(), scored["quality"].to_pylist(), strict=True))

    def _label(self, row: dict[str, Any]) -> str:
        """Return the class a row counts for: its label; for spans whether answerable; for tags its entity types."""
        if self.kind == "span":
            return "(unlabelled)" if row["answers"] is None else "answerable" if row["answers"] else "unanswerable"
        if self.kind == "tags":
            names = {self.facts.labels[tag].split("-", 1)[-1] for tag in row["tags"] or ()} - {"O"}
            return "+".join(sorted(names)[:4]) + ("+…" if len(names) > 4 else "") or "(none)"
        if self.kind == "choice":
            return "(unlabelled)" if row["label"] is None else f"choice {row['label'] + 1}"
        return kinds.shown(self.kind, row, self.facts.labels) or "(unlabelled)"


def _spread(keys: Sequence[Key], tasks: dict[str, _Task]) -> dict[str, Any]:
    """Return label shares, languages, lengths and quality of the rows ``keys``."""
    lengths = sorted(tasks[task].length[id_] for task, id_, _ in keys if id_ in tasks[task].length)
    quality = [tasks[task].quality.get(id_) for task, id_, _ in keys]
    known = [value for value in quality if value is not None]
    return {
        "tasks": dict(sorted(Counter(task for task, _, _ in keys).items())),
        "languages": dict(sorted(Counter(lang for _, _, lang in keys).items())),
        "labels": dict(sorted(Counter(tasks[task].label.get(id_, "(gone)") for task, id_, _ in keys).items())),
        "length": dict(zip(("p25", "p50", "p75"), _quartiles(lengths), strict=True)) if lengths else {},
        "quality": {"mean": statistics.fmean(known), "min": min(known), "max": max(known)} if known else {},
    }


def _quartiles(values: Sequence[int]) -> list[float]:
    return statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else [float(values[0])] * 3


def compare(file_a: Path, file_b: Path) -> dict[str, Any]:
    """Return overlap, spread and distances of two manifests as plain values."""
    from curation.core import files

    a, b = (kept(files.read_parquet(file), file) for file in (file_a, file_b))
    _tables.experiment()  # lets the registry know the user's own tasks
    from curation.subset.proof import total_variation

    tasks = {name: _Task(name) for name in sorted({key[0] for key in (*a, *b)})}
    spread_a, spread_b = _spread(a, tasks), _spread(b, tasks)
    labels = total_variation(Counter(spread_a["labels"]), Counter(spread_b["labels"]))
    return {
        "a": {"manifest": str(file_a), **spread_a},
        "b": {"manifest": str(file_b), **spread_b},
        "overlap": overlap(a, b),
        "label_distance": labels,
    }
