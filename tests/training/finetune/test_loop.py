"""The loop: mixtures, passes, memory, flags, and what is refused; its checkpoints are in ``test_checkpoints.py``."""

import dataclasses
import json
import os
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
import torch

from curation.core import edge, records
from curation.core.errors import CairnError
from training import finetune
from training.finetune import jobs, loop, schedule
from training.finetune.jobs import Job
from training.finetune.report import write_report
from training.model import batches, encoder, model, predict


def params(**changes) -> finetune.Params:
    values = {
        "steps": 12, "epochs": None, "batch_tokens": 256, "max_length": 64, "learning_rate": 3e-3, "warmup": 0.25,
        "weight_decay": 0.01, "clip": 1.0, "evaluate_every": 4, "precision": "fp32",
    }  # fmt: skip
    return finetune.Params(**values | changes)


def pair(table, name="t") -> Job:
    return Job(name, "pair", "accuracy", ("no", "yes"), table, table)


def test_a_process_alone_keeps_all_weights_and_says_so(encoders, home, rows, capsys):
    """DVC starts one whatever devices there are: who shards out a large encoder would wait for memory to run out."""
    job = pair(rows("pair"))
    plain = loop.train(encoder.load(encoders["bert"]), [job], params(steps=3), 5, "x")
    assert "torchrun" not in capsys.readouterr().err
    alone = loop.train(encoder.load(encoders["bert"]), [job], params(steps=3, shard=True), 5, "x")
    assert "x: shard is true, but this process is alone" in capsys.readouterr().err
    for name, tensor in plain.model.state_dict().items():
        assert torch.equal(alone.model.state_dict()[name], tensor), name


def test_a_loss_that_is_no_number_on_one_device_stops_all(encoders, home, rows, monkeypatch):
    """The other devices would wait for this one forever: each looks at the mean over all."""
    from accelerate import Accelerator

    monkeypatch.setattr(Accelerator, "reduce", lambda self, value, reduction: value + float("nan"))
    with pytest.raises(CairnError, match="the loss is nan at step 4"):
        loop.train(encoder.load(encoders["xlmr"]), [pair(rows("pair"))], params(), 1, "t")


def test_only_the_process_that_keeps_the_curve_shows_a_bar():
    other = SimpleNamespace(main=False, accelerator=SimpleNamespace(is_local_main_process=True))
    with loop._bar(other) as bar:
        assert bar is None


def test_auto_is_brain_float_only_where_a_gpu_computes_in_it(monkeypatch):
    gpu, cpu = torch.device("cuda"), torch.device("cpu")
    for real in (False, True):
        monkeypatch.setattr(
            torch.cuda, "is_bf16_supported", lambda including_emulation=True, r=real: including_emulation or r
        )
        assert predict.precision("auto", gpu) == ("bf16" if real else "fp32")
        assert predict.precision("auto", cpu) == "fp32"
        assert [predict.precision(name, gpu) for name in ("bf16", "fp32")] == ["bf16", "fp32"]


def test_a_gpu_is_asked_for_deterministic_algorithms(monkeypatch):
    asked = []
    monkeypatch.setattr(torch, "use_deterministic_algorithms", lambda *a, **k: asked.append((a, k)))
    monkeypatch.setattr(torch.utils.deterministic, "fill_uninitialized_memory", True)
    monkeypatch.setattr(os, "environ", {})
    for name in ("cpu", "cuda"):
        loop.deterministic(torch.device(name))
        assert bool(asked) == (name == "cuda")
        assert os.environ == ({"CUBLAS_WORKSPACE_CONFIG": ":4096:8"} if name == "cuda" else {})
    assert asked == [((True,), {"warn_only": True})]


def test_random_labels_at_no_learning_rate_are_flagged_degenerate(encoders, home, make_table):
    from curation.core.task import Example

    draw = np.random.default_rng(0)
    table = make_table(
        "pair", [Example(text_a="a", text_b="b", label=int(n)) for n in draw.permutation([0, 1, 2] * 20)]
    )
    job = Job("t", "pair", "accuracy", ("a", "b", "c"), table, table)
    outcome = loop.train(encoder.load(encoders["xlmr"]), [job], params(learning_rate=1e-12), 1, "dead")
    assert outcome.summary["degenerate"] is True
    assert "majority baseline 0.333" in outcome.summary["degenerate_why"]
    assert outcome.summary["majority_baseline"] == pytest.approx(1 / 3)


def test_a_run_that_learns_is_not_flagged_and_reports_what_it_did(encoders, home, rows):
    table = rows("tags")
    job = Job("t", "tags", "seqeval", ("O", "B-X", "B-Y", "B-Z"), table, table)
    start = encoder.load(encoders["bert"])
    outcome = loop.train(start, [job], params(steps=None, epochs=10, batch_tokens=128, learning_rate=5e-3), 1, "t")
    found = outcome.summary
    assert found["degenerate"] is False
    assert found["epochs"] == 10
    assert found["rows"] == 24
    lengths = outcome.parts[0].train.sequences.lengths()
    assert found["tokens"] == 10 * lengths.sum()
    assert found["best_dev"] == max(point.dev for point in outcome.curve[1:])
    assert [p.step for p in outcome.curve][:3] == [0, 4, 8]
    assert outcome.curve[-1].step == found["steps"]
    assert found["steps_to_95"] <= found["steps"]
    assert 0 < found["curve_area"] < 1
    json.dumps(found, allow_nan=False)
    dynamics = outcome.dynamics.to_pandas()
    assert len(dynamics) == 24 * 10
    assert dynamics.groupby("id").size().eq(10).all()
    means = dynamics.groupby("epoch").confidence.mean()
    assert means[9] > means[0] + 0.1
    assert dynamics.confidence.between(0, 1).all()


def test_other_languages_are_followed_and_choose_nothing(encoders, home, rows):
    """The same run with and without them: the same checkpoint, the same weights, and one more curve."""
    table = rows("pair")
    german = table.set_column(table.schema.get_field_index("lang"), "lang", pa.array(["de"] * len(table)))
    found = []
    for watched in ({}, {"de": german}):
        job = Job("t", "pair", "accuracy", ("no", "yes"), table, table, watched=watched)
        found.append(loop.train(encoder.load(encoders["bert"]), [job], params(steps=8), 1, "t"))
    alone, followed = found
    assert followed.summary["best_step"] == alone.summary["best_step"]
    assert [p.dev for p in followed.curve] == [p.dev for p in alone.curve]
    assert [p.zero_shot for p in alone.curve] == [{}] * len(alone.curve)
    assert [p.zero_shot["de"] for p in followed.curve] == [p.dev for p in followed.curve]  # the very same rows
    for name, one in alone.model.state_dict().items():
        assert torch.equal(one, followed.model.state_dict()[name]), name
    write_report(Path("with.json"), followed, encoder.load(encoders["bert"]), {})
    write_report(Path("without.json"), alone, encoder.load(encoders["bert"]), {})
    header = Path("with.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "step,tokens,seconds,loss,learning_rate,dev,zero_shot,zero_shot_de"
    assert "zero_shot" not in Path("without.csv").read_text(encoding="utf-8")


def test_languages_without_dev_rows_are_named(home, rows):
    records.write(Path("zero_shot.parquet"), rows("pair"))
    assert jobs.zero_shot("t", Path("gone.parquet"), ()) == {}
    assert set(jobs.zero_shot("t", Path("zero_shot.parquet"), ["en"])) == {"en"}
    with pytest.raises(CairnError, match=r"task t has no dev rows in 'sw'. Fetched: en"):
        jobs.zero_shot("t", Path("zero_shot.parquet"), ["en", "sw"])
    with pytest.raises(CairnError, match=r"Fetched: none"):
        jobs.zero_shot("t", Path("gone.parquet"), ["sw"])


def test_dynamics_tell_the_rows_that_fit_from_those_that_do_not(encoders, home, make_table):
    """One row contradicts all others: it ends with the lowest confidence."""
    from curation.core.task import Example

    examples = [Example(text_a="the dog" if n % 2 else "a cat", text_b="tom", label=n % 2) for n in range(40)]
    examples[7] = Example(text_a="the dog", text_b="tom", label=0)
    table = make_table("pair", examples)
    start = encoder.load(encoders["bert"])
    outcome = loop.train(start, [pair(table)], params(steps=60, evaluate_every=30), 2, "t")
    last = outcome.dynamics.to_pandas().sort_values("epoch").groupby("id").last()
    assert last.confidence.idxmin() == "t-0007"
    assert not last.correct["t-0007"]


def test_several_tasks_share_the_encoder_and_alternate(encoders, home, rows):
    text = rows("text", 30)
    work = [
        pair(rows("pair", 40), "nli"),
        Job("tags", "tags", "seqeval", ("O", "B-X", "B-Y", "B-Z"), rows("tags", 20), rows("tags", 20)),
        Job("text", "text", "", (), text, None),
    ]
    outcome = loop.train(encoder.load(encoders["modernbert"]), work, params(steps=None, epochs=3), 1, "mix")
    assert set(outcome.model.heads) == {"nli", "tags", "text"}
    found = outcome.summary["dev"]
    assert found["mean"] == pytest.approx((found["nli.accuracy"] + found["tags.f1"]) / 2)
    assert set(outcome.dynamics["task"].to_pylist()) == {"nli", "tags"}
    assert outcome.summary["rows"] == 90
    plans = [schedule.epoch(outcome.parts, 256, 1, number) for number in (0, 1)]
    for plan in plans:
        for at, part in enumerate(outcome.parts):
            mine = np.concatenate([items for task, items in plan if task == at])
            assert sorted(mine) == part.items.tolist()
    assert [task for task, _ in plans[0]] != [task for task, _ in plans[1]]


def test_so_many_devices_take_the_batches_of_one_with_their_budgets_together(encoders, rows):
    part = jobs.prepare(pair(rows("pair", 50)), encoder.load(encoders["xlmr"]), 64)
    settings = params(steps=None, epochs=1, batch_tokens=128)
    assert schedule.total_steps([part], settings, 3, 2) == len(schedule.epoch([part], 256, 3, 0))
    late = next(schedule.stream([part], 128, 3, 4))
    walk = schedule.stream([part], 128, 3, 0)
    for _ in range(4):
        next(walk)
    early = next(walk)
    assert (late[0], late[2], late[3].tolist()) == (early[0], early[2], early[3].tolist())


KINDS = {
    "pair": ("accuracy", ("no", "yes")), "tags": ("seqeval", ("O", "B-X", "B-Y", "B-Z")), "choice": ("accuracy", ()),
    "span": ("squad", ()), "text": ("", ()),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("world", [1, 3])
def test_passes_and_devices_come_to_the_gradient_of_the_whole_batch(encoders, rows, kind, world):
    """Every item is in one pass of one device; weighed by their targets the passes' gradients are the whole one's."""
    start = encoder.load(encoders["bert"])
    metric, labels = KINDS[kind]
    table = rows(kind, 12)
    part = jobs.prepare(Job("t", kind, metric, labels, table, None), start, 64)
    net = model.Model(start.model, {"t": part.kind.Head(start.model, part.facts)}).eval()
    whole = part.kind.collate(part.train, part.items, start.tokenizer, 5)

    def gradient(pieces):
        net.zero_grad()
        for piece, share in pieces:
            (part.kind.loss(net("t", piece), piece) * share).backward()
        return torch.cat([weight.grad.flatten() for weight in net.parameters() if weight.grad is not None])

    total, found, seen = batches.targets(whole), [], []
    for rank in range(world):
        for chosen in batches.passes(whole, 40, rank, world):
            piece = batches.part(whole, chosen)
            assert batches.padded(piece) <= 40 or len(chosen) == 1
            found.append((piece, batches.targets(piece) / total))
            seen += chosen.tolist()
    assert sorted(seen) == list(range(len(part.items)))
    assert len(found) >= world + (world == 1)
    torch.testing.assert_close(
        gradient([one for one in found if one[1]]), gradient([(whole, 1.0)]), rtol=1e-3, atol=1e-5
    )


def learnt(encoders, rows, what, **changes):
    start = encoder.load(encoders["xlmr"])  # without dropout: its draws depend on the shapes
    for module in start.model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    start.model.config.hidden_dropout_prob = start.model.config.attention_probs_dropout_prob = 0.0
    outcome = loop.train(start, [pair(rows("pair"))], params(**changes), 5, what)
    outcome.run.finish()
    return outcome


def apart(one, two, start):
    """How far two trained encoders are from each other, as a share of the way that the first has come.

    Not weight by weight: where a gradient is nothing but rounding (biases of keys) AdamW makes whole steps of it.
    """
    way, between = (
        sum(float(((a[name] - b[name]) ** 2).sum()) for name in start) ** 0.5 for a, b in ((one, start), (one, two))
    )
    return between / way


def same(encoders, one, two):
    start = encoder.load(encoders["xlmr"]).model.state_dict()
    assert apart(one.model.encoder.state_dict(), two.model.encoder.state_dict(), start) < 0.05


def test_a_batch_in_passes_teaches_what_the_whole_one_does(encoders, home, rows):
    whole, cut = (learnt(encoders, rows, str(most), pass_tokens=most, learning_rate=3e-4) for most in (None, 48))
    same(encoders, whole, cut)
    assert [p.step for p in cut.curve] == [p.step for p in whole.curve]
    assert sorted(cut.dynamics["id"].to_pylist()) == sorted(whole.dynamics["id"].to_pylist())


def test_memory_that_runs_out_halves_the_passes_and_the_same_is_learnt(encoders, home, rows, monkeypatch, capsys):
    """A GPU of 100 tokens: whatever is larger raises, as CUDA does."""
    whole = learnt(encoders, rows, "large", learning_rate=3e-4)
    forward, sizes = model.Model.forward, []

    def small(self, task, batch):
        if self.training and batches.padded(batch) > 100:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        sizes.append(batches.padded(batch))
        return forward(self, task, batch)

    monkeypatch.setattr(model.Model, "forward", small)
    cut = learnt(encoders, rows, "small", learning_rate=3e-4)
    same(encoders, whole, cut)
    said = capsys.readouterr().err
    assert "does not fit the memory in passes of" in said
    assert cut.summary["pass_tokens"] <= 100 < cut.summary["pass_tokens"] * 4
    assert f"set pass_tokens: {cut.summary['pass_tokens']}" in said
    monkeypatch.setattr(model.Model, "forward", lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError("no")))
    with pytest.raises(CairnError, match=r"one row does not fit the memory|one row of \d+ tokens does not fit"):
        learnt(encoders, rows, "none")


@pytest.mark.parametrize(
    "said",
    [
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported",
        "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory",
    ],
)
def test_memory_that_runs_out_is_known_by_what_is_said(said):
    assert edge.ran_out(RuntimeError(said))
    assert not edge.ran_out(RuntimeError("CUDA error: device-side assert triggered"))


def test_an_optimizer_that_does_not_fit_is_told_what_helps(encoders, home, rows, monkeypatch):
    def full(self, closure=None):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(torch.optim.AdamW, "step", full)
    with pytest.raises(CairnError, match=r"full: .* Set lora: 16"):
        learnt(encoders, rows, "full")


def test_predictions_that_do_not_fit_come_in_halves(encoders, home, rows, monkeypatch, capsys):
    table = rows("pair", 30)
    start = encoder.load(encoders["bert"])
    part = jobs.prepare(pair(table), start, 64)
    net = model.Model(start.model, {"t": part.kind.Head(start.model, part.facts)}).eval()

    def guessed():
        cpu = torch.device("cpu")
        return predict.run(net, "t", part.kind, part.train, start.tokenizer, 512, part.facts, cpu)

    expected, forward = guessed(), model.Model.forward

    def small(self, task, batch):
        if len(batch["input_ids"]) > 3:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.")
        return forward(self, task, batch)

    monkeypatch.setattr(model.Model, "forward", small)
    assert guessed() == expected
    assert capsys.readouterr().err.count("do not fit the memory at once") == 1


def test_activation_checkpointing_learns_the_same(encoders, home, rows):
    plain, lean = (learnt(encoders, rows, str(how), checkpointing=how, steps=6) for how in (False, True))
    same(encoders, plain, lean)
    assert not any(getattr(module, "gradient_checkpointing", False) for module in lean.model.encoder.modules())


def test_lora_changes_matrices_alone_and_leaves_a_plain_encoder(encoders, home, rows):
    pytest.importorskip("peft")
    before = encoder.load(encoders["xlmr"]).model.state_dict()
    outcome = loop.train(
        encoder.load(encoders["xlmr"]), [pair(rows("pair"))], params(lora=4, learning_rate=1e-2), 5, "low rank"
    )
    after = outcome.model.encoder.state_dict()
    assert set(after) == set(before), "merged, and nothing left over"
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(before[name].ndim == 2 and "embedding" not in name for name in changed)
    for name in changed:
        assert torch.linalg.matrix_rank(after[name] - before[name], atol=1e-6) <= 4, name
    assert all(weight.requires_grad for weight in outcome.model.encoder.parameters())


def test_a_dead_head_is_named_with_what_to_do(encoders, home, rows, monkeypatch, capsys):
    from training.kinds import _one_class

    monkeypatch.setattr(_one_class.Head, "forward", lambda self, hidden, batch: 0 * self.score(hidden[:, 0]))
    outcome = loop.train(encoder.load(encoders["bert"]), [pair(rows("pair"))], params(), 1, "quiet")
    why = outcome.summary["degenerate_why"]
    assert "the head of t gives every input the same scores: it is dead. Lower the learning rate (0.003)" in why
    assert "quiet learnt nothing: " in capsys.readouterr().err


def test_one_answer_for_all_is_named_with_what_to_do(encoders, home, rows, monkeypatch):
    from training.kinds import _one_class

    tilt = torch.tensor([0.0, 5.0])
    forward = _one_class.Head.forward
    monkeypatch.setattr(_one_class.Head, "forward", lambda self, hidden, batch: forward(self, hidden, batch) + tilt)
    outcome = loop.train(encoder.load(encoders["bert"]), [pair(rows("pair"))], params(learning_rate=1e-6), 1, "x")
    assert "every dev row of t is given one and the same answer (1): it collapsed" in outcome.summary["degenerate_why"]


def test_the_rate_rises_then_falls_to_zero():
    p = params(steps=20, learning_rate=1.0, warmup=0.2)
    found = [schedule.rate(p, step, 20) for step in range(20)]
    assert found[:4] == [0.25, 0.5, 0.75, 1.0]
    assert found[4] == 1.0
    assert all(a > b for a, b in pairwise(found[4:]))
    assert found[-1] == pytest.approx(1 / 16)


def test_biases_and_norms_do_not_decay(encoders):
    model = encoder.load(encoders["modernbert"]).model
    groups = loop.optimizer(model, params(), torch.device("cpu")).param_groups
    assert [g["weight_decay"] for g in groups] == [0.01, 0.0]
    assert all(p.ndim > 1 for p in groups[0]["params"])
    norms = {id(p) for name, p in model.named_parameters() if "norm" in name.lower() or name.endswith("bias")}
    assert norms == {id(p) for p in groups[1]["params"]}


def test_one_of_steps_and_epochs(home):
    from curation.core import params as parameters  # noqa: F401

    text = (
        "train:\n  target: {{steps: {}, epochs: {}, batch_tokens: 64, max_length: 32, learning_rate: 1.0e-3, "
        "warmup: 0.1, weight_decay: 0.0, clip: 1.0, evaluate_every: 5, precision: auto}}\n"
    )
    for steps, epochs in (("null", "null"), (3, 3)):
        (home / "params.yaml").write_text(text.format(steps, epochs))
        with pytest.raises(CairnError, match=r"params.yaml: train.target: .*; set exactly one"):
            finetune.params("train.target")
    (home / "params.yaml").write_text(text.format(3, "null"))
    assert finetune.params("train.target").steps == 3


def test_mistakes_end_in_words(encoders, home, rows):
    start = encoder.load(encoders["xlmr"])
    with pytest.raises(CairnError, match="max_length is 200, but this encoder reads 128 tokens"):
        loop.train(start, [pair(rows("pair"))], params(max_length=200), 1, "t")
    with pytest.raises(CairnError, match="no task has dev rows"):
        loop.train(start, [dataclasses.replace(pair(rows("pair")), dev=None)], params(), 1, "t")
    with pytest.raises(CairnError, match=r"the loss is (nan|inf) at step"):
        loop.train(start, [pair(rows("pair"))], params(learning_rate=1e30, steps=10, clip=1e9), 1, "t")
    assert not any((home / "cache" / "training").glob("*/last")), "a broken run leaves no checkpoint"


def test_brain_float_trains_too(encoders, home, rows, monkeypatch):
    from accelerate.state import AcceleratorState

    try:
        AcceleratorState._reset_state(reset_partial_state=True)
        original, used = predict.half, []
        monkeypatch.setattr(predict, "half", lambda target, name: used.append(name) or original(target, name))
        start = encoder.load(encoders["xlmr"])
        outcome = loop.train(start, [pair(rows("pair"))], params(precision="bf16", steps=4), 1, "t")
        assert all(weight.dtype == torch.float32 for weight in outcome.model.parameters())
        assert outcome.summary["precision"] == "bf16"
        assert set(used) == {"bf16"}, "the checkpoint is chosen in the precision of training"
        card = model.Card("pair", "t", ["no", "yes"], outcome.parts[0].facts, 64, "fp32")
        model.save(outcome.model, "t", start.tokenizer, card, home / "m", {})
        predict.predict(home / "m", rows("pair"), 256, 64)
        assert used[-1] == "fp32", "a model predicts in the precision of its card"
    finally:
        AcceleratorState._reset_state(reset_partial_state=True)
