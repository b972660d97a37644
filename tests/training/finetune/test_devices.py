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
import torch
import transformers

from curation.core.errors import CairnError
from training.finetune import jobs, sharding
from training.finetune.jobs import Job
from training.model import devices, encoder, memory, model

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
changes = json.loads(sys.argv[7])
made, make = [], loop.optimizer
loop.optimizer = lambda *given: made.append(make(*given)) or made[-1]
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
plan = {"steps": None, "epochs": 2, "batch_tokens": budget, "learning_rate": 3e-4, "evaluate_every": 4}
settings = test_loop.params(**plan | changes)
outcome = loop.train(fresh(), [job], settings, 5, "side by side")
folder = out / "model"
if changes.get("shard") and devices.world() > 1:
    weights = [weight for group in made[0].param_groups for weight in group["params"]]
    numbers = [state[name] for state in made[0].state.values() for name in ("exp_avg", "exp_avg_sq")]
    held = [[sum(one.to_local().numel() for one in some), sum(map(torch.numel, some))] for some in (weights, numbers)]
    (out / f"held-{devices.rank()}.json").write_text(json.dumps(held))
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

KILLED = """
import json, math, os, signal, sys
from pathlib import Path
import safetensors.torch, torch
sys.path[:0] = sys.argv[1].split(os.pathsep)
import conftest, test_loop
from training.finetune import loop, schedule
from training.finetune.jobs import Job
from training.model import encoder
torch.set_num_threads(1)
out, changes, last = Path(sys.argv[3]), json.loads(sys.argv[4]), int(sys.argv[5])
loop.CHECKPOINT_SECONDS, loop.CHECKPOINT_SHARE, loop.LOOK_EVERY = 0.0, math.inf, 1  # at every step
original, steps = schedule.rate, []
def rate(params, step, total):
    steps.append(step)
    if step == last:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(params, step, total)
schedule.rate = rate
rows, text = conftest.rows_of("pair", 40), conftest.rows_of("text", 40)
work = [Job("p", "pair", "accuracy", ("no", "yes"), rows, rows), Job("t", "text", "accuracy", (), text, text),
        Job("again", "text", "accuracy", (), text, None, shares_head_of="t")]
settings = test_loop.params(learning_rate=3e-4, evaluate_every=100, **changes)  # the last step is the best one
start = encoder.load(Path(sys.argv[2]))
start.model.config.hidden_dropout_prob = start.model.config.attention_probs_dropout_prob = 0.0
for module in start.model.modules():
    if hasattr(module, "dropout_prob"):
        module.dropout_prob = 0.0
    if isinstance(module, torch.nn.Dropout):
        module.p = 0.0
outcome = loop.train(start, work, settings, 5, "killed")
if outcome.main:
    safetensors.torch.save_model(outcome.model, str(out / "weights.safetensors"))
    outcome.dynamics.to_pandas().to_json(out / "dynamics.json")
    (out / "steps.json").write_text(json.dumps(steps))
"""

GRADIENTS = """
import copy
import torch
from transformers import AutoConfig, AutoModel
from training.finetune import sharding
from training.kinds import pair
from training.model import devices
from training.model.model import Model
torch.set_num_threads(1)
devices.state()
size = {"vocab_size": 60, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 48,
        "max_position_embeddings": 40, "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "cls_token_id": 0,
        "sep_token_id": 2}
own = {"luke": {"entity_vocab_size": 10, "entity_emb_size": 8}, "longformer": {"attention_window": [4] * 3},
       "albert": {"embedding_size": 16}, "distilbert": {"dim": 32, "n_layers": 3, "n_heads": 2, "hidden_dim": 48},
       "xlm": {"emb_dim": 32, "n_layers": 3, "n_heads": 2}, "xmod": {"languages": ["a", "b"], "default_language": "a"}}
batch = {"input_ids": torch.tensor([[0, 5, 6, 7, 2], [0, 8, 2, 1, 1]]), "attention_mask": torch.ones(2, 5).long()}
batch["attention_mask"][1, 3:] = 0
names = ("xlm-roberta", "xlm-roberta-xl", "bert", "modernbert", "albert", "distilbert", "deberta-v2", "longformer",
         "luke", "xmod", "xlm")
for name in names:
    torch.manual_seed(1)
    encoder = AutoModel.from_config(AutoConfig.for_model(name, **size | own.get(name, {})))
    shared = Model(encoder, {"t": pair.Head(encoder, {"labels": 3})}).eval()
    whole = copy.deepcopy(shared)
    form = sharding.shard(shared, torch.device("cpu"))
    with torch.no_grad():
        shared("t", batch)
    for one in (whole, shared):
        one("t", batch).square().sum().backward()
    for (_, want), (weight, found) in zip(whole.named_parameters(), shared.named_parameters(), strict=True):
        assert (want.grad is None) == (found.grad is None), (name, weight)
        if want.grad is not None:
            torch.testing.assert_close(found.grad.full_tensor(), want.grad, msg=f"{name}: {weight}")
    back = sharding.whole(shared, form)
    if devices.main():
        assert all(map(torch.equal, back.state_dict().values(), whole.state_dict().values())), name
        print(name, flush=True)
"""


def test_a_process_alone_is_the_main_one():
    assert (devices.rank(), devices.world(), devices.main(), devices.local()) == (0, 1, True, 0)
    assert devices.gathered("x") == ["x"]
    assert devices.filled([1, None]) == [1, None]


def test_one_device_of_several_that_runs_out_of_memory_says_what_to_set():
    assert "Set pass_tokens: 50, which learns the same" in str(memory.refusal("t", 100, rows=4))
    assert isinstance(memory.refusal("t", 100, rows=1), CairnError)


def tiny(family: str, folder: Path, like: Path) -> Path:
    """A small random encoder: no batch of text uses LUKE's embeddings of entities; adapters of X-MOD idle."""
    tokenizer = encoder.load_tokenizer(like)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    own = {
        "luke": {"entity_vocab_size": 10, "entity_emb_size": 8},
        "xmod": {"languages": ["en_XX", "de_DE"], "default_language": "en_XX"},
    }
    config = transformers.AutoConfig.for_model(
        family, vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=48, pad_token_id=tokenizer.pad_token_id, max_position_embeddings=130, type_vocab_size=1,
        **own[family],
    )  # fmt: skip
    transformers.AutoModelForMaskedLM.from_config(config).save_pretrained(folder)
    return folder


def test_weights_that_no_batch_uses_are_found_by_one_item(encoders, tmp_path, rows):
    """Devices that wait for gradients of theirs end the run; those that look for such at every step are slower."""
    made = {family: tiny(family, tmp_path / family, encoders["xlmr"]) for family in ("luke", "xmod")}
    for folder, idle in ((made["luke"], True), (made["xmod"], False), (encoders["xlmr"], False)):
        found = encoder.load(folder)
        part = jobs.prepare(Job("t", "pair", "accuracy", ("no", "yes"), rows("pair"), None), found, 64)
        net = model.Model(found.model, {"t": part.kind.Head(found.model, part.facts)}).train()
        assert jobs.idle(net, part, found) is idle
        assert all(weight.grad is None for weight in net.parameters())


def test_blocks_are_the_layers(encoders):
    for folder in encoders.values():
        net = encoder.load(folder).model
        blocks = list(sharding.blocks(net))
        assert len(blocks) == net.config.num_hidden_layers
        assert {type(block).__name__.endswith("Layer") for block in blocks} == {True}


def test_a_model_without_layers_is_not_shared_out():
    with pytest.raises(CairnError, match=r"shard is true, but Linear is no list of layers\. Set it to false\."):
        sharding.shard(model.Model(torch.nn.Linear(2, 2), {}), torch.device("cpu"))


def test_a_batch_that_others_compute_too_is_not_halved():
    def full(chosen):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")

    with pytest.raises(CairnError, match=r"dev: 2 rows do not fit the memory of a device\. Lower batch_tokens\."):
        list(memory.each([np.arange(2)], full, "dev", alone=False))


SHARDED = {
    "sharded": ("pair", {}),
    "sharded, tags": ("tags", {"pass_tokens": 48, "checkpointing": True}),
    "sharded, bf16": ("pair", {"precision": "bf16"}),
    "sharded, low rank": ("pair", {"lora": 4, "learning_rate": 1e-2, "checkpointing": True}),
    "sharded, fewer rows than devices": ("pair", {}),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("family", "kind", "budget", "changes"),
    [
        pytest.param("xlmr", "pair", 128, {}, id="pair"),
        pytest.param("xlmr", "tags", 128, {}, id="tags"),
        pytest.param("xlmr", "pair", 4, {}, id="fewer rows than devices"),
        pytest.param("luke", "pair", 128, {}, id="weights that no batch uses"),
        *(
            pytest.param("xlmr", kind, 4 if "fewer" in name else 128, {"shard": True, **changes}, id=name)
            for name, (kind, changes) in SHARDED.items()
        ),
    ],
)
def test_two_devices_learn_predict_and_encode_what_one_does(
    encoders, tmp_path, family, kind, budget, changes, monkeypatch
):
    if "lora" in changes:
        pytest.importorskip("peft")
    begin_with = encoders.get(family) or tiny(family, tmp_path / family, encoders["xlmr"])
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
        where = (f"{here}{os.pathsep}{here.parent}", str(begin_with), str(out))
        done = subprocess.run(  # noqa: S603
            [*begin, "run.py", *where, str(2 * budget // world), kind, str(world), json.dumps(changes)],
            cwd=tmp_path,
            env=os.environ | {"CAIRN_CACHE": str(out / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-9000:]
        found.append(out)
    one, two = (safetensors.torch.load_file(out / "weights.safetensors") for out in found)
    start = {f"encoder.{name}": tensor for name, tensor in encoder.load(begin_with).model.state_dict().items()}
    assert set(one) == set(two)
    assert apart(one, two, {name: start[name] for name in start if name in one}) < 0.05
    if "shard" in changes:
        held = [json.loads((found[1] / f"held-{rank}.json").read_text()) for rank in (0, 1)]
        for (first, everything), (second, _) in zip(*held, strict=True):  # weights, and AdamW's numbers
            assert first + second == everything
            assert 0.45 < first / everything < 0.55
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


@pytest.mark.slow
def test_a_killed_run_in_shares_goes_on_and_ends_with_the_same_bits(encoders, tmp_path, monkeypatch):
    """Two tasks and three heads, one of them tied to the embeddings; a head that was not yet trained has no moments."""
    here = Path(__file__).parent
    (tmp_path / "run.py").write_text(KILLED)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")

    def train(world: int, name: str, last: int = -1) -> Path:
        out = tmp_path / name
        out.mkdir(exist_ok=True)
        begin = [] if world == 1 else ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(world)]
        changes = {"batch_tokens": 256 // world} | ({"shard": True} if world > 1 else {})
        where = (f"{here}{os.pathsep}{here.parent}", str(encoders["xlmr"]), str(out))
        done = subprocess.run(  # noqa: S603
            [sys.executable, *begin, "run.py", *where, json.dumps(changes), str(last)],
            cwd=tmp_path,
            env=os.environ | {"CAIRN_CACHE": str(out / "cache")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) == (last < 0), done.stderr[-9000:]
        return out

    def kept(out: Path, file: str) -> dict[str, torch.Size]:
        (step,) = out.glob("cache/training/*/step-*")
        return {name: tensor.shape for name, tensor in safetensors.torch.load_file(step / file).items()}

    killed = train(2, "killed", last=1)
    early = kept(killed, "optimizer.safetensors")
    assert train(2, "killed") == killed
    assert json.loads((killed / "steps.json").read_text())[0] == 1
    assert len(early) < len(kept(killed, "optimizer.safetensors"))
    whole, plain = train(2, "whole"), train(1, "plain")
    again, found, want = (safetensors.torch.load_file(out / "weights.safetensors") for out in (killed, whole, plain))
    assert set(again) == set(found) == set(want)
    assert all(torch.equal(again[name], found[name]) for name in found)
    assert (killed / "dynamics.json").read_text() == (whole / "dynamics.json").read_text()
    for file in ("model.safetensors", "optimizer.safetensors"):
        assert kept(whole, file) == kept(plain, file)
    start = {f"encoder.{name}": tensor for name, tensor in encoder.load(encoders["xlmr"]).model.state_dict().items()}
    monkeypatch.syspath_prepend(str(here))
    from test_loop import apart

    assert apart(want, found, {name: start[name] for name in start if name in want}) < 0.05
    one, two = (pd.read_json(out / "dynamics.json") for out in (plain, whole))
    np.testing.assert_allclose(two.confidence, one.confidence, atol=1e-3)


@pytest.mark.slow
def test_a_model_in_shares_has_the_gradients_of_the_whole_one(tmp_path, monkeypatch):
    (tmp_path / "run.py").write_text(GRADIENTS)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run([*torchrun, "run.py"], cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr[-9000:]
    assert len(done.stdout.split()) == 11
