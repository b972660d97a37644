"""``python -m curation.quality``: see the docstring of the package."""

from __future__ import annotations

from curation import review
from curation.core import budget, experiment, files, params, paths, records
from curation.core.errors import CairnError
from curation.core.stage import main
from curation.quality import Params, checked
from curation.quality.combine import table

KILOBYTES = 1.5
"""Memory of a row at the peak, about (``benchmarks/size.py``)."""


def run(task: str) -> None:
    """Combine the scores of one intermediate task's train rows."""
    chosen = experiment.read()
    section = checked(params.read(Params, "quality"), chosen.judges)
    ids = records.read(paths.fetched("intermediate", task) / "train.parquet")["id"].to_pylist()
    budget.check_memory(len(ids) * KILOBYTES, f"quality of {len(ids)} rows", "lower fetch.rows.intermediate.train")
    scored = {name: files.read_parquet(paths.scores(task, name)) for name in chosen.judges}
    for name, found in scored.items():
        if found["id"].to_pylist() != ids:
            raise CairnError(f"{paths.scores(task, name)} scores other rows than {task} has. Run `dvc repro quality`.")
    files.write_parquet(paths.quality(task), table(ids, scored, section, chosen.seed, review.load(task)))


if __name__ == "__main__":
    main(run)
