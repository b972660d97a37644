"""``python -m curation.embed``: see the docstring of the package."""

from __future__ import annotations

from curation.core import files, params, paths, records
from curation.core.stage import main
from curation.embed import Params
from curation.embed.store import write


def run(task: str) -> None:
    """Encode the train rows of one intermediate task."""
    settings = params.read(Params, "embed")
    table = records.read(paths.fetched("intermediate", task) / "train.parquet")
    with files.replacing_folder(paths.vectors(task)) as folder:
        write(folder, table, settings)


if __name__ == "__main__":
    main(run)
