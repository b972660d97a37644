"""Checkpoints: exact resume after a kill, when they are written, what stays of them, and damaged ones."""

import dataclasses
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
import torch

from tests.training.finetune.test_loop import pair, params
from training.finetune import checkpoints, loop, schedule
from training.model import encoder, model


def checkpoints_at_every_step(monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(loop, "CHECKPOINT_SHARE", math.inf)


KILLED = """
import math, os, signal, sys
from pathlib import Path
import torch
sys.path[:0] = sys.argv[1].split(os.pathsep)
import conftest, test_loop
from training.finetune import loop, schedule
from training.model import encoder
torch.set_num_threads(1)
loop.CHECKPOINT_SECONDS, loop.CHECKPOINT_SHARE = 0.0, math.inf  # at every step
original, steps = schedule.rate, []
def rate(*arguments):
    steps.append(1)
    if len(steps) == 10:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments)
schedule.rate = rate
loop.train(encoder.load(Path(sys.argv[2])), [test_loop.pair(conftest.rows_of("pair"))], test_loop.params(), 5, "killed")
"""


def test_a_killed_run_goes_on_and_ends_with_the_same_bits(encoders, home, rows, monkeypatch):
    """SIGKILL in step 10, after the checkpoint of step 9; the second start does steps 10 to 12 only."""
    (home / "run.py").write_text(KILLED)
    here = Path(__file__).parent
    command = [sys.executable, "run.py", f"{here}{os.pathsep}{here.parent}", str(encoders["xlmr"])]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    threads, original, steps = torch.get_num_threads(), schedule.rate, []
    monkeypatch.setattr(schedule, "rate", lambda *given: steps.append(given[1]) or original(*given))
    torch.set_num_threads(1)
    try:
        resumed = loop.train(encoder.load(encoders["xlmr"]), [pair(rows("pair"))], params(), 5, "killed")
        assert steps == [9, 10, 11]
        monkeypatch.setenv("CAIRN_CACHE", str(home / "another"))
        whole = loop.train(encoder.load(encoders["xlmr"]), [pair(rows("pair"))], params(), 5, "killed")
        assert steps[3:] == list(range(12))
    finally:
        torch.set_num_threads(threads)
    found, want = resumed.model.state_dict(), whole.model.state_dict()
    assert set(found) == set(want)
    for name, tensor in want.items():
        assert torch.equal(found[name], tensor), name
    assert resumed.dynamics.equals(whole.dynamics)


def test_a_resumed_run_keeps_its_curve_and_dynamics(encoders, home, rows, monkeypatch):
    checkpoints_at_every_step(monkeypatch)
    whole = loop.train(encoder.load(encoders["bert"]), [pair(rows("pair"))], params(), 5, "x")
    whole.run.finish()
    original, calls = schedule.rate, []

    def stop_in_step_seven(*arguments):
        calls.append(1)
        if len(calls) == 7:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(schedule, "rate", stop_in_step_seven)
    with pytest.raises(KeyboardInterrupt):
        loop.train(encoder.load(encoders["bert"]), [pair(rows("pair"))], params(), 5, "x")
    monkeypatch.setattr(schedule, "rate", original)
    again = loop.train(encoder.load(encoders["bert"]), [pair(rows("pair"))], params(), 5, "x")
    assert again.run.folder == whole.run.folder
    without = [[dataclasses.replace(p, seconds=0) for p in o.curve] for o in (whole, again)]
    assert without[0] == without[1]
    assert whole.dynamics.equals(again.dynamics)
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(again.model.state_dict()[name], tensor), name


def test_checkpoints_come_by_time_and_take_a_tenth_of_it(encoders, home, rows, monkeypatch):
    """A clock that makes a step last eight seconds, an evaluation two, and a checkpoint ten: every 100 seconds."""
    now, made = [0.0], []
    monkeypatch.setattr(loop.time, "perf_counter", lambda: now[0])
    lasts(monkeypatch, schedule, "rate", now, 8.0)
    lasts(monkeypatch, loop._Run, "evaluate", now, 2.0)
    lasts(monkeypatch, checkpoints.Run, "save", now, 10.0, lambda run, model, optimizer, state, own: made.append(state))
    out = loop.train(encoder.load(encoders["bert"]), [pair(rows("pair"))], params(steps=44, evaluate_every=20), 5, "x")
    assert [state["step"] for state in made] == [4, 17, 30, 43]
    assert out.summary["seconds"] == 44 * 8


def test_of_the_best_weights_those_stay_that_may_be_needed(home):
    """Checkpoints of a large encoder may lie many evaluations apart: weights of each of them would fill a disk."""
    run, net = checkpoints.Run("run", "x"), model.Model(torch.nn.Linear(2, 2), {})
    steps = torch.optim.AdamW(net.parameters())

    def best() -> list[int]:
        return sorted(int(path.name.removeprefix("best-")) for path in run.folder.glob("best-*"))

    for step, there in ((3, [3]), (6, [6]), (9, [9])):  # no checkpoint yet
        run.save_best(net, step)
        assert best() == there
    run.save(net, {}, {"step": 10, "best_step": 9}, [checkpoints.random_states()])
    for step, there in ((12, [9, 12]), (15, [9, 15])):
        run.save_best(net, step)
        assert best() == there
    again = checkpoints.Run("run", "x")  # as after a kill
    assert again.load(net, steps, 0)[0]["step"] == 10
    again.save_best(net, 12)
    assert best() == [9, 12]
    again.save(net, {}, {"step": 13, "best_step": 12}, [checkpoints.random_states()])
    assert best() == [12]


def lasts(monkeypatch, where, name, now, seconds, also=lambda *given: None):
    original = getattr(where, name)

    def longer(*given):
        now[0] += seconds
        also(*given)
        return original(*given)

    monkeypatch.setattr(where, name, longer)


def test_a_checkpoint_is_for_one_run_only(rows):
    table = rows("pair")
    one = checkpoints.key({"seed": 1}, [table, None])
    assert one == checkpoints.key({"seed": 1}, [pa.concat_tables([table.slice(0, 5), table.slice(5)]), None])
    assert one != checkpoints.key({"seed": 2}, [table, None])
    assert one != checkpoints.key({"seed": 1}, [table.slice(1), None])


def test_a_checkpoint_of_other_code_is_another_run(tmp_path, monkeypatch):
    (tmp_path / "kinds").mkdir()
    (tmp_path / "loop.py").write_text("a = 1\n")
    (tmp_path / "kinds" / "pair.py").write_text("b = 1\n")
    before = checkpoints.code(tmp_path)
    assert checkpoints.code(tmp_path) == before
    (tmp_path / "kinds" / "pair.py").write_text("b = 2\n")
    after = checkpoints.code(tmp_path)
    assert after != before
    keys = []
    for code in (before, after):
        monkeypatch.setattr(checkpoints, "code", lambda code=code: code)
        keys.append(checkpoints.key({"seed": 1}, []))
    monkeypatch.setattr(checkpoints, "version", lambda name: "0")
    assert len({*keys, checkpoints.key({"seed": 1}, [])}) == 3


def test_checkpoints_that_were_given_up_long_ago_go(home):
    own = checkpoints.Run("own", "x")
    long_ago = time.time() - (checkpoints.DAYS + 1) * 86400
    for name, age in (("old", long_ago), ("young", time.time()), ("own", long_ago)):
        (own.folder.parent / name / "step-1").mkdir(parents=True)
        os.utime(own.folder.parent / name, (age, age))
    own.start()
    assert sorted(run.name for run in own.folder.parent.iterdir()) == ["own", "own.lock", "young"]
    own.finish()
    assert sorted(run.name for run in own.folder.parent.iterdir()) == ["young"]


DAMAGED = [
    "step-8/model.safetensors", "step-8/optimizer.safetensors", "step-8/process-0.safetensors", "step-8/state.json",
    "step-8/checksums.json", "best/model.safetensors",
]  # fmt: skip


@pytest.mark.parametrize("how", ["flip", "cut", "gone"])
def test_a_damaged_checkpoint_is_named_set_aside_and_done_without(encoders, home, rows, monkeypatch, capsys, how):
    """Every file of it in turn; the run starts again and ends with the same weights."""
    checkpoints_at_every_step(monkeypatch)
    job, settings = pair(rows("pair")), params(steps=9, evaluate_every=4)
    whole = loop.train(encoder.load(encoders["bert"]), [job], settings, 5, "x")
    whole.run.stop()
    kept = home / "kept"
    whole.run.folder.rename(kept)
    for name in DAMAGED:
        shutil.copytree(kept, whole.run.folder)
        (best,) = [path.name for path in whole.run.folder.glob("best-*")][-1:]
        file = whole.run.folder / name.replace("best", best)
        content = file.read_bytes()
        if how == "gone":
            file.unlink()
        else:
            file.write_bytes(content[:-9] if how == "cut" else content[:-9] + bytes([content[-9] ^ 2]) + content[-8:])
        again = loop.train(encoder.load(encoders["bert"]), [job], settings, 5, "x")
        said = capsys.readouterr().err
        assert "is damaged" in said, (name, said)
        assert "set aside as" in said
        for key, tensor in whole.model.state_dict().items():
            assert torch.equal(again.model.state_dict()[key], tensor), (name, key)
        again.run.finish()


def test_a_second_process_waits_for_the_first(encoders, home, rows):
    """It then goes on from the checkpoint that the first left."""
    dies = "    if len(steps) == 10:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
    (home / "run.py").write_text(KILLED.replace(dies, "    import time; time.sleep(0.3)\n"))
    here = Path(__file__).parent
    command = [sys.executable, "run.py", f"{here}{os.pathsep}{here.parent}", str(encoders["xlmr"])]
    both = [subprocess.Popen(command, text=True, stderr=subprocess.PIPE) for _ in range(2)]  # noqa: S603
    said = [process.communicate(timeout=300)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("waiting: another process trains the same: killed" in one for one in said) == 1
