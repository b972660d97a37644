"""``python -m curation.score``: see the docstring of the package."""

from __future__ import annotations

from curation import tasks
from curation.core import experiment, files, params, paths, registry
from curation.core.stage import main
from curation.score import checked, elsewhere, evaluate, scorers


def run(task: str, scorer: str) -> None:
    """Score every train row of an intermediate task with one scorer.

    The column of ``contamination``, which older params.yaml name among their scorers, is all null: this stage reads no
    targets, and what the stage of that name finds stands in ``data/contamination``.
    """
    chosen = experiment.read()
    facts = tasks.load(task, "--task")
    module = checked(registry.load("scorers", scorer, "--scorer"), scorer)
    section = params.read(module.Params, f"score.{scorer}")
    needs = module.NEEDS - {"targets"}
    inputs = scorers.from_disk(task, facts, needs, chosen)
    found = evaluate(module, scorer, inputs, section) if needs == module.NEEDS else elsewhere(scorer, inputs)
    files.write_parquet(paths.scored(task, scorer), found)


if __name__ == "__main__":
    main(run)
