"""Arms that are alike do not come out as different: real trainings on the miniworld, joined into studies at random."""

import functools
import itertools
from pathlib import Path

import numpy as np
import pytest

from curation import metrics, tasks
from curation.core import models
from curation.results import effects, statistics
from curation.results.statistics import ALL, Rows
from training.evaluate.gold import gold
from training.finetune import Params, jobs, loop
from training.model import encoder, kind, predict
from training.pretrain.transfer import table

TASK = "mini_topic"
RUNS, SEEDS, ARMS, STUDIES = 48, 3, 4, 20
SETTINGS = Params(
    steps=None, epochs=8, batch_tokens=512, max_length=128, learning_rate=1e-3, warmup=0.1, weight_decay=0.01, clip=1.0,
    evaluate_every=1000, precision="auto", zero_shot_languages=(),
)  # fmt: skip


@functools.cache
def rows(split, lang, count):
    return table(TASK, split, lang, count)


def run(seed):
    """Return the scored test rows of one training as a run."""
    loaded, task = encoder.load(Path(models.model("bundled:micro", None).path)), tasks.load(TASK)
    work = jobs.of(TASK, task, rows("train", "en", 60), rows("dev", "en", 60))
    outcome = loop.train(loaded, [work], SETTINGS, seed, f"null {seed}")
    outcome.run.finish()
    how, metric, ids, scored = kind.load(task.kind), metrics.load(task.metric), {}, {}
    for lang in task.test.languages:
        test = rows("test", lang, 100)
        made = how.features(test, loaded.tokenizer, 128, outcome.parts[0].facts)
        pieces = predict.run(
            outcome.model, TASK, how, made, loaded.tokenizer, 8192, outcome.parts[0].facts, predict.device()
        )
        guess = predict.together(how, pieces, made, test, outcome.parts[0].facts)
        scored[lang] = metric.statistics(gold(test, TASK), guess, lang=lang, labels=task.labels)
        ids[lang] = test["id"].to_pylist()
    return statistics.run(Rows(ids, scored), lambda total: metric.values(total, task.labels)["macro_f1"])


@pytest.mark.slow
def test_of_twenty_studies_of_identical_arms_eighteen_find_nothing():
    """Every comparison of four arms counts, after Holm: what a study would say."""
    pool, rng, wrong = [run(seed) for seed in range(RUNS)], np.random.default_rng(1), 0
    assert len({one.values[ALL] for one in pool}) > RUNS / 2  # they do differ
    for _ in range(STUDIES):
        chosen = rng.choice(RUNS, (ARMS, SEEDS), replace=False)
        arms = [[pool[i] for i in arm] for arm in chosen]
        spread = effects.spreads(arms)[ALL]
        gaps = [effects.difference(b, a, ALL, spread) for a, b in itertools.combinations(arms, 2)]
        assert all(not gap.why_not for gap in gaps)
        wrong += any(p < 0.05 for p in effects.holm({str(i): gap.p for i, gap in enumerate(gaps)}).values())
    assert wrong <= STUDIES - 18, wrong
