"""``python -m curation.score``: see the docstring of the package."""

from __future__ import annotations

from curation import tasks
from curation.core import experiment, files, params, paths, registry
from curation.core.stage import main
from curation.score import checked, evaluate, scorers


def run(task: str, scorer: str) -> None:
    """Score every train row of an intermediate task with one scorer."""
    chosen = experiment.read()
    facts = tasks.load(task, "--task")
    module = checked(registry.load("scorers", scorer, "--scorer"), scorer)
    section = params.read(module.Params, f"score.{scorer}")
    inputs = scorers.from_disk(task, facts, module.NEEDS, chosen)
    files.write_parquet(paths.scores(task, scorer), evaluate(module, scorer, inputs, section))


if __name__ == "__main__":
    main(run)
