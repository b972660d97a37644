"""What ``curation selftest`` found on a task, where somebody ran it on the rows that the report is about."""

from __future__ import annotations

from typing import Any

from curation.core import files, paths


def found(name: str) -> dict[str, Any] | None:
    """Return what reports/selftest/<task>.json holds; ``None`` where there is none, or other rows were tested."""
    path, rows = paths.report("selftest", name), paths.fetched("intermediate", name) / "train.parquet"
    if not path.exists() or not rows.exists():
        return None
    read: dict[str, Any] = files.read_json(path)
    return read if read.get("of") == files.sha256(rows) else None
