"""How well an encoder transfers, zero-shot: fine-tuned on English miniworld rows, tested in every language.

A quick check of an encoder by itself, without the flow; the numbers of a pretrained encoder's card come from here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curation import metrics, tasks
from curation.core import records
from curation.core.task import Task
from curation.fetch import sources
from training.evaluate.gold import gold
from training.finetune import Params, jobs, loop
from training.model import encoder as encoders
from training.model import kind as kinds
from training.model import predict

WORLD_SEED = 7


def table(name: str, split: str, lang: str, count: int) -> pa.Table:
    """Return ``count`` clean rows of a bundled task."""
    module = tasks.module(name)
    task: Task = module.TASK
    source = task.split(split)
    assert source is not None
    found = sources.rows(source, lang, task.config_names, sources.Bundled(count, WORLD_SEED))
    examples = [module.to_example(row) for row in found.rows]
    return records.table(task.kind, found.keys, [lang] * len(examples), examples)


def measure(folder: Path, name: str, rows: int, test_rows: int, params: Params, seed: int) -> dict[str, Any]:
    """Return the dev value and the zero-shot test value per language after training on ``rows`` English rows."""
    encoder = encoders.load(folder)
    task: Task = tasks.load(name)
    assert task.test is not None
    work = jobs.of(name, task, table(name, "train", "en", rows), table(name, "dev", "en", test_rows))
    outcome = loop.train(encoder, [work], params, seed, name)
    kind, facts = kinds.load(task.kind), outcome.parts[0].facts
    target = predict.device()
    outcome.model.to(target)
    first = jobs.primary(work)
    found = {}
    for lang in task.test.languages:
        test = table(name, "test", lang, test_rows)
        features = kind.features(test, encoder.tokenizer, params.max_length, facts)
        pieces = predict.run(outcome.model, name, kind, features, encoder.tokenizer, 8192, facts, target)
        guess = predict.together(kind, pieces, features, test, facts)
        found[lang] = round(
            metrics.score(task.metric, gold(test, name), guess, lang=lang, labels=task.labels)[first], 4
        )
    others = [value for lang, value in found.items() if lang != "en"]
    return {
        "task": name,
        "metric": first,
        "rows": rows,
        "test_rows": test_rows,
        "epochs": params.epochs,
        "seed": seed,
        "dev": outcome.summary["best_dev"],
        "majority": outcome.summary["majority_baseline"],
        "rows_per_second": outcome.summary["rows_per_second"],
        "test": found,
        "zero_shot_mean": round(float(np.mean(others)), 4),
    }
