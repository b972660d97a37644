"""``python -m curation.review``: see the docstring of the package."""

from __future__ import annotations

import json
import sys

import pyarrow as pa

from curation.core import files, paths, records
from curation.core.stage import main
from curation.review import SCHEMA, log


def run(task: str) -> None:
    """Merge the decisions about one intermediate task's train rows; stale ones are named and do not count."""
    table = records.read(paths.fetched("intermediate", task) / "train.parquet")
    kind = records.kind_of(table)
    now = {row["id"]: log.fingerprint(kind, row) for row in table.to_pylist()}
    standing = log.standing(log.read(task))
    stale = [id_ for id_, one in standing.items() if now.get(id_) != one.row]
    if stale:
        shown = ", ".join(stale[:5]) + (f" and {len(stale) - 5} more" if len(stale) > 5 else "")
        sys.stderr.write(
            f"review {task}: {len(stale)} decisions are about rows that have changed or gone since, and do not count: "
            f"{shown}. Look at them again: curation export {task} --review\n"
        )
    kept = [one for id_, one in sorted(standing.items()) if now.get(id_) == one.row]
    rows = [
        {**vars(one), "label": json.dumps(one.label) if one.decision == "relabel" else None, "row": None}
        for one in kept
    ]
    files.write_parquet(paths.reviewed(task), pa.Table.from_pylist(rows, schema=SCHEMA))


if __name__ == "__main__":
    main(run)
