"""The rows of a written subset, for training; apart from choosing them, so that an edit there re-trains nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from curation.core import files, paths, records
from curation.core.errors import CairnError
from curation.core.params import path
from curation.subset.variants import variants

if TYPE_CHECKING:
    from curation.core.params import Experiment


def rows(chosen: Experiment) -> dict[str, pa.Table]:
    """Return the kept records of each intermediate task, in record order (by id, then language).

    Raises :class:`CairnError` when the manifest is missing or was made for other tasks or data.
    """
    listed = files.read_parquet(paths.subset())
    tasks = set(listed["task"].to_pylist())
    if tasks != set(chosen.intermediate):
        raise CairnError(
            f"{paths.subset()} is for {', '.join(sorted(tasks))}. Run `dvc repro subset` to make it again."
        )
    found = {}
    for task in chosen.intermediate:
        kept = listed.filter(pc.and_(pc.equal(listed["task"], task), listed["kept"]))
        parts = []
        languages = sorted(set(kept["lang"].to_pylist()))
        for lang, table in variants(task, languages, str(path())).items():
            ids = kept.filter(pc.equal(kept["lang"], lang))["id"].combine_chunks()
            part = table.filter(pc.is_in(table["id"], ids))
            if part.num_rows != len(ids):
                raise CairnError(f"{paths.subset()} names rows that {task} in {lang} lacks. Run `dvc repro subset`.")
            parts.append(part)
        if not parts:
            raise CairnError(f"{paths.subset()} keeps no row of {task}. Raise subset.size or drop the task.")
        found[task] = records.canonical(pa.concat_tables(parts))
    return found
