"""``python -m training.evaluate``: see the docstring of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation import metrics, tasks
from curation.core import files, params, paths, records
from training.evaluate import scoring
from training.evaluate.gold import gold
from training.model import devices, model, predict

if TYPE_CHECKING:
    from curation.core.task import Task
from curation.core.stage import main
from training.evaluate import Params
from training.evaluate.zero_shot import baseline, cap, consistency, score


def run(start: str, task: str, seed: int) -> None:
    """Score the model of target TASK that began at START (pretrained, intermediate) and was trained with SEED."""
    name = scoring.start_name(start)
    section = params.read(Params, "evaluate")
    facts: Task = tasks.load(task, "evaluate --task")
    file = paths.fetched("target", task) / "test.parquet"
    test, train = records.read(file), records.read(file.with_name("train.parquet"))
    true = gold(test, str(file))  # before the costly part
    folder = paths.target_model(name, task, seed)
    predicted = predict.predict(folder, test, section.batch_tokens, section.max_length)
    if not devices.main():
        return
    rows, raw = score(facts, test, true, predicted)
    languages, mean = scoring.summary(rows, metrics.load(facts.metric), facts.labels)
    files.write_parquet(paths.predictions(name, task, seed), scoring.table(rows))
    report = {
        "start": start,
        "task": task,
        "seed": seed,
        "kind": facts.kind,
        "metric": facts.metric,
        "primary": metrics.load(facts.metric).PRIMARY,
        "rows": len(test),
        "languages": {lang: {**found, "rows": len(rows[lang].ids)} for lang, found in languages.items()},
        "mean": mean,
        "majority_baseline": baseline(facts, train, test, true),
        "consistency": consistency(facts, rows, raw),
        "settings": section.model_dump(exclude={"bootstrap"}),
        "precision": predict.precision(model.read_card(folder).precision, predict.device()),
        "cap": cap(file),
    }
    files.write_json(paths.report("evaluate", start, task, f"seed-{seed}"), report)


if __name__ == "__main__":
    main(run)
