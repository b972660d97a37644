"""``python -m curation.fetch``: see the docstring of the package."""

from __future__ import annotations

import pyarrow as pa

from curation.core import files, paths, records
from curation.core.stage import main
from curation.fetch.splits import fetch_split, manifest, needed, open_job


def run(role: str, task: str) -> None:
    """Fetch the splits that ROLE (intermediate, target, retrieval) needs of TASK."""
    job = open_job(role, task)
    splits = {name: fetch_split(job, name, source) for name, source in needed(job).items()}
    with files.replacing_folder(paths.fetched(job.role, task)) as folder:
        for name, split in splits.items():
            records.write(folder / f"{name}.parquet", split.records)
        drops = [{"split": name, **vars(drop)} for name, split in splits.items() for drop in split.drops]
        files.write_parquet(folder / "dropped.parquet", pa.Table.from_pylist(drops, schema=DROPPED))
        brought = [(name, *pair) for name, split in splits.items() for pair in split.brought]
        if job.role == "intermediate" and brought:
            rows = [dict(zip(BROUGHT.names, one, strict=True)) for one in brought]
            files.write_parquet(folder / "brought.parquet", pa.Table.from_pylist(rows, schema=BROUGHT))
        written = {file.name: files.sha256(file) for file in sorted(folder.glob("*.parquet"))}
        files.write_json(folder / "manifest.json", manifest(job, splits, written))


DROPPED = pa.schema([(name, pa.string()) for name in ("split", "lang", "key", "reason", "row")])


"""Columns of ``dropped.parquet``; ``row`` is the upstream row as JSON."""
BROUGHT = pa.schema([(name, pa.string()) for name in ("split", "id", "row")])
"""Columns of ``brought.parquet``: the rows of a user's own file as they were, for exports."""


if __name__ == "__main__":
    main(run)
