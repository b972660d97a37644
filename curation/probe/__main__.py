"""``python -m curation.probe``: see the docstring of the package."""

from __future__ import annotations

import pyarrow as pa

from curation import embed, tasks
from curation.core import experiment, files, params, paths, records
from curation.core.errors import CairnError
from curation.core.kinds import PROBED
from curation.core.stage import main
from curation.probe import Params, write
from curation.probe.fit import fit


def run(task: str) -> None:
    """Fit the probe of one intermediate task."""
    settings, chosen = params.read(Params, "probe"), experiment.read()
    table = records.read(paths.fetched("intermediate", task) / "train.parquet")
    vectors = embed.load(task)
    if vectors.ids != table["id"].to_pylist():
        raise CairnError(f"{paths.vectors(task)} is not of these train rows. Run `dvc repro` to make it again.")
    kind, n = records.kind_of(table), table.num_rows
    with files.replacing_folder(paths.probe(task)) as folder:
        if kind in PROBED:
            write(folder, fit(task, tasks.load(task), table, vectors, settings, chosen.seed))
        else:  # the flow goes on: scorers that need no labels judge these rows, and training models the language
            fold, probabilities = pa.nulls(n, pa.int8()), pa.nulls(n, pa.list_(pa.float32()))
            files.write_parquet(
                folder / "probabilities.parquet",
                pa.table({"id": table["id"], "fold": fold, "probabilities": probabilities}),
            )
            manifest = {"kind": kind, "rows": n, "untrained": {}, "why": f"{kind} rows have no labels to predict"}
            files.write_json(folder / "manifest.json", manifest)


if __name__ == "__main__":
    main(run)
