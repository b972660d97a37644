"""``python -m training.crossfit``: see the docstring of the package."""

from __future__ import annotations

from curation import probe, tasks
from curation.core import experiment, files, params, paths, records
from curation.core.kinds import PROBED
from curation.core.stage import main


def run(task: str) -> None:
    """Fine-tune across the folds of one intermediate task, if params.yaml asks for it."""
    settings, chosen = params.read(probe.Params, "probe").crossfit, experiment.read()
    table = records.read(paths.fetched("intermediate", task) / "train.parquet")
    kind = records.kind_of(table)
    why = "params.yaml: probe.crossfit is null" if settings is None else None
    if kind not in PROBED:
        why = f"{kind} rows have no labels to predict"
    if settings is None or why is not None:
        with files.replacing_folder(paths.crossfit(task)) as folder:
            files.write_json(folder / "manifest.json", {"kind": kind, "rows": table.num_rows, "why": why})
        return
    from training.crossfit.fit import across_folds, keeper

    facts = tasks.load(task)
    kept = keeper(task, facts, table, settings, chosen.seed)
    found = across_folds(task, facts, table, settings, chosen.seed, kept)
    if found is None:
        return
    with files.replacing_folder(paths.crossfit(task)) as folder:
        probe.write(folder, found[0])
        files.write_parquet(folder / "dynamics.parquet", found[1])
    kept.forget()


if __name__ == "__main__":
    main(run)
