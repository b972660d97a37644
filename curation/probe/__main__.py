"""``python -m curation.probe``: see the docstring of the package."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation import embed, tasks
from curation.core import experiment, files, params, paths, records
from curation.core.errors import CairnError
from curation.core.kinds import PROBED
from curation.core.stage import main
from curation.probe import Params
from curation.probe.fit import fit


def _listed(rows: Sequence[npt.NDArray[np.float32]]) -> pa.Array:
    """Return nested lists without a Python object per number."""
    flat = pa.array(np.concatenate([row.ravel() for row in rows]))
    if rows[0].ndim == 2:
        widths = np.concatenate([np.full(len(row), row.shape[1]) for row in rows])
        flat = pa.ListArray.from_arrays(np.concatenate([[0], np.cumsum(widths)]).astype(np.int32), flat)
    lengths = np.cumsum([0] + [len(row) for row in rows]).astype(np.int32)
    return pa.ListArray.from_arrays(lengths, flat)


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
            found = fit(task, tasks.load(task), table, vectors, settings, chosen.seed)
            fold, probabilities, manifest = pa.array(found.fold), _listed(found.probabilities), found.manifest
        else:  # the flow goes on: scorers that need no labels judge these rows, and training models the language
            fold, probabilities = pa.nulls(n, pa.int8()), pa.nulls(n, pa.list_(pa.float32()))
            manifest = {"kind": kind, "rows": n, "untrained": {}, "why": f"{kind} rows have no labels to predict"}
        files.write_parquet(
            folder / "probabilities.parquet",
            pa.table({"id": table["id"], "fold": fold, "probabilities": probabilities}),
        )
        files.write_json(folder / "manifest.json", manifest)


if __name__ == "__main__":
    main(run)
