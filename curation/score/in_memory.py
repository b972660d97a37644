"""What scorers read, made from a table in memory instead of from the outputs of stages."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from curation import embed, neighbours, probe
from curation.core import params
from curation.embed import store
from curation.probe.fit import fit
from curation.score.scorers import Inputs
from curation.search import index, knn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from curation.core.task import Task


def inputs(
    name: str, task: Task, made: pa.Table, folder: Path, file: Path, seed: int, embedder: str | None = None,
    vectors: embed.Vectors | None = None,
) -> Inputs:  # fmt: skip
    """Return what scorers read of the records ``made``; each part is made when the first of them asks for it.

    ``folder`` takes the vectors, which are cached by content besides; ``file``: the parameters; ``embedder`` instead of
    theirs; ``vectors``: those of these rows, where they are there already.
    """
    chosen = params.read(embed.Params, "embed", file)
    chosen = chosen if embedder is None else chosen.model_copy(update={"model": embedder, "revision": None})

    @cache
    def embedded() -> embed.Vectors:
        if vectors is not None:
            return vectors
        store.write(folder, made, chosen)
        return embed.read(folder)

    @cache
    def probed() -> probe.Probe:
        return fit(name, task, made, embedded(), params.read(probe.Params, "probe", file), seed)

    @cache
    def graph() -> knn.Neighbours:
        given, row = params.read(neighbours.Params, "neighbours", file), embedded().row
        n, d = row.shape
        found = index.choose(given.index, n, d, given.k, given.flat_limit, given.megabytes)
        return knn.graph(row, given.k, found, given.recall)[0]

    loaders: dict[str, Callable[..., Any]] = {
        "vectors": embedded, "probe": probed, "neighbours": graph, "targets": dict,
        "encode": lambda texts: store.encode(texts, chosen),
    }  # fmt: skip
    return Inputs(name, task, made, seed, loaders)
