"""Jobs of a study are spread over the GPUs that there are; what lists these is a program of the test's own."""

import os
import threading
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from tests.training.study.test_run import job
from training import cli
from training.study import gpus, plan, worker
from training.study.state import Place

FOUR = [f"GPU {number}: NVIDIA H100 80GB HBM3 (UUID: GPU-{number}a7c1e2)" for number in range(4)]
CUT = [
    "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-e86cb44c)",
    "  MIG 3g.20gb     Device  0: (UUID: MIG-c7384736)",
    "  MIG 3g.20gb     Device  1: (UUID: MIG-a28ad590)",
    "GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-5ea7f1d0)",
]


@pytest.fixture
def lists(tmp_path):
    """A function that puts a program ``nvidia-smi`` with these lines before all others; it returns the environment."""

    def make(lines=(), code=0, **more):
        text = "".join(f"echo '{line}'\n" for line in lines)
        program = tmp_path / "nvidia-smi"
        program.write_text(f'#!/bin/sh\n[ "$*" = "-L" ] || exit 9\n{text}exit {code}\n')
        program.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if name != gpus.NAME}
        return kept | {"PATH": os.pathsep.join([str(tmp_path), os.environ["PATH"]])} | more

    return make


def test_each_job_at_a_time_has_a_gpu_and_more_share_them(lists):
    four = ["GPU-0a7c1e2", "GPU-1a7c1e2", "GPU-2a7c1e2", "GPU-3a7c1e2"]
    assert gpus.spread(3, lists(FOUR)) == four[:3]
    assert gpus.spread(6, lists(FOUR)) == [*four, *four[:2]]
    assert gpus.visible(lists(CUT)) == ["MIG-c7384736", "MIG-a28ad590", "GPU-5ea7f1d0"]


def test_nothing_changes_for_one_job_and_where_there_are_not_several_gpus(lists):
    assert gpus.spread(1, lists(FOUR)) == [None]
    assert gpus.spread(2, lists(FOUR[:1])) == [None, None]
    assert gpus.spread(2, lists(["NVIDIA-SMI has failed because it could not communicate with the driver"], 9)) == [
        None,
        None,
    ]
    assert gpus.spread(2, {"PATH": "/nowhere"}) == [None, None]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("2,0", ["2", "0", "2"]),
        ("GPU-3a7c1e2, GPU-1a7c", ["GPU-3a7c1e2", "GPU-1a7c", "GPU-3a7c1e2"]),
        ("0,1,7,2", ["0", "1", "0"]),  # there is no 7: CUDA sees two
        ("3", [None, None, None]),
        ("", [None, None, None]),
        ("-1", [None, None, None]),
        ("NoDevFiles", [None, None, None]),
        ("1,1", [None, None, None]),
    ],
)
def test_what_cuda_visible_devices_says_already_is_shared_out(lists, asked, found):
    assert gpus.spread(3, lists(FOUR, CUDA_VISIBLE_DEVICES=asked)) == found


def test_a_job_sees_its_device_and_keeps_the_others_variables(monkeypatch):
    monkeypatch.setenv(gpus.NAME, "0,1")
    assert worker.environment("t", "1")[gpus.NAME] == "1"
    assert worker.environment("t")[gpus.NAME] == "0,1"
    assert worker.environment("t", "1") == worker.environment("t") | {gpus.NAME: "1"}


def test_study_run_gives_the_jobs_that_run_at_a_time_a_gpu_each(tmp_path, monkeypatch, lists):
    monkeypatch.chdir(tmp_path)
    jobs = [job(name) for name in "abc"]
    found = SimpleNamespace(jobs=jobs, keys=dict.fromkeys("abc", "key"), place=Place("x", "demo"), task_folders=())
    monkeypatch.setattr(plan, "make", lambda *_: found)
    monkeypatch.setattr(plan, "unable", lambda _: [])
    monkeypatch.setattr(worker, "check_known", lambda _: None)
    all_at_once, seen = threading.Barrier(3, timeout=30), []

    def work(*_, remote, device):
        seen.append(device)
        all_at_once.wait()

    monkeypatch.setattr(worker, "work", work)
    done = CliRunner().invoke(cli.main, ["study", "run", "x", "--jobs", "3"], env=lists(CUDA_VISIBLE_DEVICES="5,GPU-1"))
    assert done.exit_code == 0, done.output
    assert sorted(seen) == ["5", "5", "GPU-1"]
    assert "GPUs, of which each job at a time has one: 5, GPU-1" in done.output
