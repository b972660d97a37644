"""``python -m curation.neighbours``: see the docstring of the package."""

from __future__ import annotations

import sys

import numpy as np

from curation import embed
from curation.core import files, params, paths
from curation.core.errors import CairnError
from curation.core.stage import main
from curation.neighbours import Params
from curation.search import index as indexes
from curation.search import knn


def run(task: str) -> None:
    """Build the kNN graph of one intermediate task's train rows."""
    settings = params.read(Params, "neighbours")
    vectors = embed.load(task).row
    n, d = vectors.shape
    if n < 2:
        raise CairnError(
            f"{paths.vectors(task)} holds {n} rows; neighbours need 2. Raise fetch.rows.intermediate.train."
        )
    index = indexes.choose(settings.index, n, d, settings.k, settings.flat_limit, settings.megabytes)
    graph, facts = knn.graph(vectors, settings.k, index, settings.recall)
    if said := indexes.shortfall("neighbours", index, facts["recall"], settings.recall):
        sys.stderr.write(f"{said}\n")
    with files.replacing_folder(paths.neighbours(task)) as folder:
        np.save(folder / "indices.npy", graph.indices)
        np.save(folder / "similarity.npy", graph.similarity)
        files.write_json(
            folder / "manifest.json", {"rows": n, "dimensions": d, "k": settings.k, "index": index, **facts}
        )


if __name__ == "__main__":
    main(run)
