"""``python -m training.intermediate``: see the docstring of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from curation.core import experiment, files, paths, records
from curation.core.seeds import derive
from curation.subset import kept
from curation.tasks import load as load_task
from training import finetune
from training.finetune import jobs, loop
from training.finetune.jobs import Job
from training.finetune.report import write_report
from training.model import encoder as encoders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from curation.core.task import Task

from curation.core.stage import main


def work(tasks: Mapping[str, Task], rows: Mapping[str, pa.Table], dev: Mapping[str, pa.Table]) -> list[Job]:
    """Return the jobs of the phase. Text in several languages is learnt as MLM and, where ids meet, as TLM too."""
    found = []
    for name, task in tasks.items():
        job = jobs.of(name, task, rows[name], dev.get(name))
        found.append(job)
        ids = rows[name]["id"]
        if task.kind == "text" and pc.count_distinct(ids).as_py() < len(ids):
            found.append(Job(f"{name}+tlm", "tlm", task.metric, (), rows[name], None, shares_head_of=name))
    return found


def run(seed: int) -> None:
    """Fine-tune with seed ``seed`` and write the encoder and the report."""
    chosen = experiment.read()
    settings = finetune.params("train.intermediate")
    tasks = {name: load_task(name) for name in chosen.intermediate}
    dev = {name: paths.fetched("intermediate", name) / "dev.parquet" for name in tasks}
    found = {name: records.read(file) for name, file in dev.items() if file.exists()}
    start = paths.start("pretrained", seed)
    encoder = encoders.load(start)
    own = derive(chosen.seed, "intermediate", seed)
    outcome = loop.train(encoder, work(tasks, kept.rows(chosen), found), settings, own, f"intermediate seed {seed}")
    if not outcome.main:
        return
    with files.replacing_folder(paths.start("intermediate", seed)) as folder:
        facts = {"start": dict(encoder.origin), "trained_on": list(tasks), "seed": seed}
        encoders.save(outcome.model.encoder, encoder.tokenizer, folder, facts)
        files.write_parquet(folder / "dynamics.parquet", outcome.dynamics)
    report = {"tasks_in_order": list(tasks), "seed": seed, "start": "pretrained", "encoder": dict(encoder.origin)}
    write_report(paths.report("intermediate", f"seed-{seed}"), outcome, encoder, report)
    outcome.run.finish()


if __name__ == "__main__":
    main(run)
