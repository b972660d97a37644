"""``python -m curation.score.contamination``: see the docstring of the package."""

from __future__ import annotations

from curation import tasks
from curation.core import experiment, files, params, paths
from curation.core.stage import main
from curation.score import evaluate, scorers
from curation.score.scorers import contamination


def run(task: str) -> None:
    """Look in the train rows of an intermediate task for what the targets are tested on."""
    section = params.read(contamination.Params, "score.contamination")
    inputs = scorers.from_disk(task, tasks.load(task, "--task"), contamination.NEEDS, experiment.read())
    files.write_parquet(paths.scores(task, "contamination"), evaluate(contamination, "contamination", inputs, section))


if __name__ == "__main__":
    main(run)
