"""``python -m training.target``: see the docstring of the package."""

from __future__ import annotations

from typing import cast

from curation import tasks
from curation.core import experiment, files, paths, records
from curation.core.errors import unknown
from curation.core.seeds import derive
from curation.core.stage import main
from training import finetune
from training.finetune import jobs, loop
from training.finetune.report import write_report
from training.model import encoder as encoders
from training.model import model


def run(start: str, task: str, seed: int) -> None:
    """Fine-tune on ``task`` with seed ``seed`` from the encoder ``start`` and write the model and the report."""
    if start not in ("pretrained", "intermediate"):
        raise unknown("start", start, ("pretrained", "intermediate"), "--start")
    begin = cast("paths.Start", start)
    chosen = experiment.read()
    settings = finetune.params("train.target")
    facts = tasks.load(task, "--task")
    data = paths.fetched("target", task)
    encoder = encoders.load(paths.start(begin, seed))
    watched = jobs.zero_shot(task, data / "zero_shot.parquet", settings.zero_shot_languages)
    job = jobs.of(task, facts, records.read(data / "train.parquet"), records.read(data / "dev.parquet"), watched)
    # The seed does not depend on the start, so that both arms see the same head and the same batches.
    own = derive(chosen.seed, "target", task, seed)
    outcome = loop.train(encoder, [job], settings, own, f"{task} from {start} seed {seed}")
    if not outcome.main:
        return
    with files.replacing_folder(paths.target_model(begin, task, seed)) as folder:
        facts_of_head, length = outcome.parts[0].facts, settings.max_length
        card = model.Card(job.kind, task, list(job.labels), facts_of_head, length, settings.precision)
        origin = {"start": dict(encoder.origin), "trained_on": [task], "seed": seed}
        model.save(outcome.model, task, encoder.tokenizer, card, folder, origin)
        files.write_parquet(folder / "dynamics.parquet", outcome.dynamics)
    report = {"task": task, "seed": seed, "start": start, "encoder": dict(encoder.origin)}
    write_report(paths.report("target", start, task, f"seed-{seed}"), outcome, encoder, report)
    outcome.run.finish()


if __name__ == "__main__":
    main(run)
