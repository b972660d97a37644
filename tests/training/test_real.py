"""Real data and a real encoder of the mirror: answers in many scripts, and a first few steps of NLI."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from curation import tasks
from curation.core import models, records
from curation.fetch import sources
from curation.fetch.sources import Bundled
from training import finetune
from training.finetune import jobs, loop
from training.model import encoder, predict
from training.model import kind as kinds
from training.model.batches import NOTHING

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def multilingual():
    if not os.environ.get("CAIRN_HUB_MIRROR"):
        pytest.fail("set CAIRN_HUB_MIRROR to the mirror, or leave out -m real")
    return encoder.load(Path(models.model("cairn/minilm-l6-multi").path))


def table_of(task: str, split: str, lang: str, count: int):
    module = tasks.module(task)
    source = module.TASK.split(split)
    convert = source.to_example or module.to_example
    found = sources.rows(source, lang, module.TASK.config_names, Bundled(None, 0)).rows[:count]
    examples = [convert(row) for row in found]
    ids = [f"{task}-{number:05d}" for number in range(len(examples))]
    return records.table(module.TASK.kind, ids, [lang] * len(ids), examples), module.TASK


@pytest.mark.parametrize("lang", ["en", "zh", "th", "ar", "hi", "ru"])
def test_xquad_answers_are_read_back_by_offsets(multilingual, lang):
    """A model that is always right is read back right, up to tokens that straddle an answer's edge."""
    table, _ = table_of("xquad", "test", lang, 300)
    module, tok = kinds.load("span"), multilingual.tokenizer
    features = module.features(table, tok, 384, {"no_answer": False})
    assert set(features.row.tolist()) == set(range(300))
    pieces, fits = [], set()
    for item in range(len(features)):
        batch = module.collate(features, np.array([item]), tok, 0)
        output = torch.full((*batch["input_ids"].shape, 2), -9.0)
        start, end = int(batch["start"][0]), int(batch["end"][0])
        if start > 0:
            output[0, start, 0] = output[0, end, 1] = 9.0
            if end - start < module.LONGEST:  # this vocabulary spells Cyrillic letter by letter
                fits.add(int(features.row[item]))
        output[batch["char_start"] == NOTHING] = -torch.inf
        pieces += module.decode(output, batch, {})
    found = predict.together(module, pieces, features, table, {"no_answer": False})
    gold = [answers[0]["text"].strip() for answers in table["answers"].to_pylist()]
    assert len(fits) > 200
    both = [(found[row], gold[row]) for row in sorted(fits)]
    held = np.mean([b in a for a, b in both])
    exact = np.mean([a == b for a, b in both])
    assert held > 0.99, [(a, b) for a, b in both if b not in a][:5]
    assert exact > 0.9, [(a, b) for a, b in both if a != b][:5]


def test_a_real_encoder_learns_from_real_rows(multilingual, home):
    table, task = table_of("snli", "train", "en", 400)
    job = jobs.of("snli", task, jobs.labelled(table), table.slice(0, 40))
    params = finetune.Params(
        steps=24, epochs=None, batch_tokens=512, max_length=128, learning_rate=1e-4, warmup=0.1, weight_decay=0.01,
        clip=1.0, evaluate_every=8, precision="auto",
    )  # fmt: skip
    outcome = loop.train(multilingual, [job], params, 1, "snli")
    losses = [point.loss for point in outcome.curve[1:]]
    assert losses[-1] < losses[0]
    assert len(outcome.dynamics) >= 200
