"""``python -m curation.score``: see the docstring of the package."""

from __future__ import annotations

from curation.core import files, params, paths, registry
from curation.core.stage import main
from curation.score import checked, evaluate, scorers


def run(task: str, scorer: str) -> None:
    """Score every train row of an intermediate task with one scorer."""
    experiment = params.experiment()
    facts = registry.load("tasks", task, "--task").TASK
    module = checked(registry.load("scorers", scorer, "--scorer"), scorer)
    section = params.read(module.Params, f"score.{scorer}")
    inputs = scorers.from_disk(task, facts, module.NEEDS, experiment)
    files.write_parquet(paths.scores(task, scorer), evaluate(module, scorer, inputs, section))


if __name__ == "__main__":
    main(run)
