"""A task's rows for use elsewhere: splits with class names, the user's own columns, quality and reasons, and a card.

Every train row is in one of two places: ``train`` holds the chosen ones, ``left_out`` the others, each with the reason.
``hub`` is the layout of the Hugging Face hub (parquet, README.md with configs, croissant.json), so that
``datasets.load_dataset(FOLDER)`` gives the chosen rows and ``load_dataset(FOLDER, "left_out")`` the others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from curation import review, tasks
from curation.api import card, columns
from curation.core import files, output, paths, records
from curation.core.errors import CairnError, unknown
from curation.core.task import Task


@dataclass(frozen=True)
class Written:
    """What was written."""

    rows: int
    """Chosen train rows."""
    of: int
    """All train rows: those chosen and those left out."""
    dev: int
    corrected: int
    """Chosen rows whose label people corrected."""
    reasons: Mapping[str, int]
    """Why the others were left out."""
    labels: Mapping[str, int]
    """Class (or position of the right choice, or answerable or not) to chosen rows."""


def kept(name: str) -> list[str]:
    """Return the ids of ``name`` that the subset holds; raise :class:`CairnError` when there is none yet."""
    listed = files.read_parquet(paths.subset())
    mask = pc.and_(pc.equal(listed["task"], name), listed["kept"])
    return list(dict.fromkeys(listed.filter(mask)["id"].to_pylist()))


def write(name: str, chosen: Collection[str], folder: Path, form: str = "hub", *, force: bool = False) -> Written:
    """Write the train rows ``chosen`` (ids) of task ``name``, the others and the dev rows to ``folder``.

    ``form``: one of :data:`FORMS`. Rows are those of the original language, with corrected labels. Raises
    :class:`CairnError` for a folder that holds something, unless ``force``, and for ids that the task does not have.
    """
    if form not in FORMS:
        raise unknown("format", form, FORMS, "--format")
    if folder.exists() and any(folder.iterdir()) and not force:
        raise CairnError(f"{folder} is not empty. Name a new folder, or add --force to replace it.")
    task = tasks.load(name, "curation export")
    table, quality = _scored(name)
    known, wanted = set(table["id"].to_pylist()), set(chosen)
    if wanted - known:
        raise CairnError(f"{name} has no row {sorted(wanted - known)[0]!r}. Ids are those of: curation show {name}")
    decided = review.load(name)
    reasons = _reasons(name, quality, wanted)
    own = columns.brought(name)
    dev = paths.fetched("intermediate", name) / "dev.parquet"
    mask = pc.is_in(table["id"], pa.array(sorted(wanted), pa.string()))
    corrected = review.apply(table, decided)
    parts = {
        "train": columns.table(corrected.filter(mask), task, own, quality.filter(mask)),
        "left_out": columns.table(
            corrected.filter(pc.invert(mask)), task, own, quality.filter(pc.invert(mask)), reasons
        ),
    }
    if dev.exists():
        parts["validation"] = columns.table(records.read(dev), task, own)
    told = Written(
        len(wanted), table.num_rows, parts["validation"].num_rows if "validation" in parts else 0,
        sum(decided[id_]["decision"] == "relabel" for id_ in wanted if id_ in decided),
        dict(sorted(Counter(reasons.values()).items())), columns.counts(parts["train"], task),
    )  # fmt: skip
    with files.replacing_folder(folder) as aside:
        FORMS[form](name, task, parts, told, aside)
    return told


def _scored(name: str) -> tuple[pa.Table, pa.Table]:
    table = records.read(paths.fetched("intermediate", name) / "train.parquet")
    quality = files.read_parquet(paths.quality(name))
    if quality["id"].to_pylist() != table["id"].to_pylist():
        raise CairnError(f"{paths.quality(name)} scores other rows than {name} has. Run `dvc repro` to make it again.")
    return table, quality


def _reasons(name: str, quality: pa.Table, wanted: set[str]) -> dict[str, str]:
    """Return why each other row is not among ``wanted``: the subset's reason, or its flags, or that nobody chose it."""
    said: dict[str, str] = {}
    if paths.subset().exists():
        listed = files.read_parquet(paths.subset())
        for row in listed.filter(pc.equal(listed["task"], name)).to_pylist():
            if row["reason"]:
                said.setdefault(row["id"], row["reason"])
    found = {}
    for row in quality.select(["id", "flags", "decision"]).to_pylist():
        if row["id"] not in wanted:
            dropped = "dropped_in_review" if row["decision"] == "drop" else None
            flagged = f"flagged: {', '.join(row['flags'])}" if row["flags"] else None
            found[row["id"]] = dropped or said.get(row["id"]) or flagged or "not chosen"
    return found


def _hub(name: str, task: Task, parts: Mapping[str, pa.Table], told: Written, folder: Path) -> None:
    where = {"train": "data/train", "validation": "data/validation", "left_out": "left_out/train"}
    for part, found in parts.items():
        if not found.num_rows:
            continue  # nobody can read a split without rows
        file = folder / f"{where[part]}-00000-of-00001.parquet"
        file.parent.mkdir(exist_ok=True)
        files.write_parquet(file, columns.with_features(found, task))
    text = card.text(name, task, parts, told, configs=[part for part, found in parts.items() if found.num_rows])
    files.write_text(folder / "README.md", text)
    files.write_json(folder / "croissant.json", card.croissant(name, task, parts, told, folder))


def _parquet(name: str, task: Task, parts: Mapping[str, pa.Table], told: Written, folder: Path) -> None:
    for part, found in parts.items():
        files.write_parquet(folder / f"{part}.parquet", columns.with_features(found, task))
    files.write_text(folder / "README.md", card.text(name, task, parts, told))


def _jsonl(name: str, task: Task, parts: Mapping[str, pa.Table], told: Written, folder: Path) -> None:
    for part, found in parts.items():
        lines = (json.dumps(row, ensure_ascii=False, default=str) for row in columns.in_words(found, task))
        files.write_text(folder / f"{part}.jsonl", "".join(f"{line}\n" for line in lines))
    files.write_text(folder / "README.md", card.text(name, task, parts, told))


def _csv(name: str, task: Task, parts: Mapping[str, pa.Table], told: Written, folder: Path) -> None:
    """Write CSV for programs: exact, lists as JSON. A spreadsheet is for review sheets."""

    def cell(value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value

    for part, found in parts.items():
        rows = (map(cell, row.values()) for row in columns.in_words(found, task))
        files.write_text(folder / f"{part}.csv", output.csv_lines([found.column_names, *map(list, rows)]))
    files.write_text(folder / "README.md", card.text(name, task, parts, told))


FORMS: Mapping[str, Callable[[str, Task, Mapping[str, pa.Table], Written, Path], None]] = {
    "hub": _hub,
    "parquet": _parquet,
    "jsonl": _jsonl,
    "csv": _csv,
}
"""Name to how a folder is written."""
