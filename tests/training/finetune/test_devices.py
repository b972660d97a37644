"""Two processes on a CPU (gloo), as ``torchrun`` starts them, and one with their budgets together."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safetensors.torch

from curation.core.errors import CairnError
from training.model import devices, encoder, memory

SCRIPT = """
import json, os, sys
from pathlib import Path
import numpy as np
import safetensors.torch, torch
sys.path[:0] = sys.argv[1].split(os.pathsep)
import conftest, test_loop
from training import retrieve
from training.finetune import loop
from training.finetune.jobs import Job
from training.model import devices, encoder, model, predict
from training.retrieve import kept, pools, states
torch.set_num_threads(1)
start, out, budget, kind = Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
assert devices.world() == int(sys.argv[6])
def fresh():
    found = encoder.load(start)
    for module in found.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if hasattr(module, "dropout_prob"):
            module.dropout_prob = 0.0
    found.model.config.hidden_dropout_prob = found.model.config.attention_probs_dropout_prob = 0.0
    return found
table = conftest.rows_of(kind, 40)
metric, labels = test_loop.KINDS[kind]
job = Job("t", kind, metric, labels, table, table)
settings = test_loop.params(steps=None, epochs=2, batch_tokens=budget, learning_rate=3e-4, evaluate_every=4)
outcome = loop.train(fresh(), [job], settings, 5, "side by side")
folder = out / "model"
if outcome.main:
    safetensors.torch.save_model(outcome.model, str(out / "weights.safetensors"))
    outcome.dynamics.to_pandas().to_json(out / "dynamics.json")
    (out / "summary.json").write_text(json.dumps(outcome.summary))
    (out / "curve.json").write_text(json.dumps([[p.step, p.tokens, p.dev, p.loss] for p in outcome.curve]))
    card = model.Card(kind, "t", list(labels), outcome.parts[0].facts, 64, "fp32")
    model.save(outcome.model, "t", fresh().tokenizer, card, folder, {})
devices.gathered(None)  # until it is written
guesses = predict.predict(folder, table, 64, 64)
section = retrieve.Params(layer=-1, pooling="mean", similarity="cosine", margin="none", direction="to_foreign",
                          k=4, index="flat", flat_limit=10, recall=0.9, memory_mb=100, batch_tokens=64, max_length=64)
texts = [f"sentence {'very ' * (n % 5)}{n}" for n in range(23)]
with kept.vectors(fresh(), section, "pretrained", "t") as cache:
    states.encode(fresh(), texts[5:9], [0, 1], section, cache)
    found = states.encode(fresh(), texts, [0, 1], section, cache)
    again = states.encode(fresh(), texts, [0, 1], section, cache)
assert all((found[layer].rows == again[layer].rows)[:, :-2].all() for layer in (0, 1))
side = pools.Side(texts, texts, texts, texts, ["en"] * 23)
if devices.main():
    (out / "guesses.json").write_text(json.dumps(guesses))
    np.save(out / "vectors.npy", np.stack([found[layer].of(side) for layer in (0, 1)]))
"""


def test_a_process_alone_is_the_main_one():
    assert (devices.rank(), devices.world(), devices.main(), devices.local()) == (0, 1, True, 0)
    assert devices.gathered("x") == ["x"]
    assert devices.filled([1, None]) == [1, None]


def test_one_device_of_several_that_runs_out_of_memory_says_what_to_set():
    assert "Set pass_tokens: 50, which learns the same" in str(memory.refusal("t", 100, rows=4))
    assert isinstance(memory.refusal("t", 100, rows=1), CairnError)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "budget"), [("pair", 128), ("tags", 128), ("pair", 4)], ids=["pair", "tags", "fewer rows than devices"]
)
def test_two_devices_learn_predict_and_encode_what_one_does(encoders, tmp_path, kind, budget, monkeypatch):
    here = Path(__file__).parent
    (tmp_path / "run.py").write_text(SCRIPT)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.syspath_prepend(str(here.parent))
    monkeypatch.syspath_prepend(str(here))
    from test_loop import apart

    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    found = []
    for world, begin in ((1, [sys.executable]), (2, torchrun)):
        out = tmp_path / str(world)
        out.mkdir()
        where = (f"{here}{os.pathsep}{here.parent}", str(encoders["xlmr"]), str(out))
        done = subprocess.run(  # noqa: S603
            [*begin, "run.py", *where, str(2 * budget // world), kind, str(world)],
            cwd=tmp_path,
            env=os.environ | {"CAIRN_CACHE": str(out / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        found.append(out)
    one, two = (safetensors.torch.load_file(out / "weights.safetensors") for out in found)
    start = {f"encoder.{name}": tensor for name, tensor in encoder.load(encoders["xlmr"]).model.state_dict().items()}
    assert set(one) == set(two)
    assert apart(one, two, {name: start[name] for name in start if name in one}) < 0.05
    one, two = (json.loads((out / "curve.json").read_text()) for out in found)
    assert [point[:3] for point in one] == [point[:3] for point in two]
    np.testing.assert_allclose([point[3] for point in two[1:]], [point[3] for point in one[1:]], atol=1e-3)
    one, two = (pd.read_json(out / "dynamics.json") for out in found)
    assert (one[["id", "epoch"]] == two[["id", "epoch"]]).all(axis=None)
    np.testing.assert_allclose(two.confidence, one.confidence, atol=1e-3)
    one, two = ((out / "guesses.json").read_text() for out in found)
    assert one == two
    one, two = (np.load(out / "vectors.npy") for out in found)
    assert np.abs(np.linalg.norm(one, axis=2) - 1).max() < 1e-5
    np.testing.assert_allclose(two, one, atol=2.5e-4)  # a unit in the last place of float16, as vectors are stored
