"""Studies are run by the real pipeline on a few rows: killed and gone on with, by one worker and by two."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from curation.core.errors import CairnError
from training.study import run, state, worker
from training.study.flow import Job
from training.study.state import Place


def test_states_follow_record_and_lock(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Place("x", "demo")
    assert place.state("job", "key") == "waiting"
    place.write("job", {"state": "running", "key": "key"})
    assert place.state("job", "key") == "stopped"
    with place.claim("job") as lock:
        assert lock is not None
        assert place.state("job", "key") == "running"
        with place.claim("job") as other:
            assert other is None
    place.write("job", {"state": "done", "key": "key"})
    assert place.state("job", "key") == "done"
    assert place.state("job", "other code") == "waiting"


def test_processes_left_behind_are_ended():
    code = "import time; print('up', flush=True); time.sleep(60)"
    environment = os.environ | {state.TOKEN: "left"}
    with subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        process.stdout.readline()
        assert state.end("another") == 0
        assert state.end("left") == 1
        process.wait(10)


def test_a_damaged_record_is_named_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    place = Place("x", "demo")
    place.write("job", {"state": "done", "key": "key"})
    place.record("job").write_text('{"state": ')
    with pytest.raises(CairnError, match=r"jobs/job\.json cannot be read as the record of a job\. Delete it"):
        place.state("job", "key")


def test_files_that_clones_would_lack_are_named(tmp_path, monkeypatch):
    """Those of task folders that arms name too, and each with the folder to add alone."""
    monkeypatch.chdir(tmp_path)
    subprocess.run(["git", "init", "-q"], check=True)  # noqa: S607
    for name in ("benchmarks/own/a.py", "benchmarks/other.py", "notes/b.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    worker.check_known()
    with pytest.raises(CairnError, match=r"does not know benchmarks/own/a\.py, so .* Type: git add benchmarks/own$"):
        worker.check_known({"benchmarks/own", "tasks", str(tmp_path.parent)})


def job(name, *needs):
    return Job(name, None, (), frozenset(), needs, False)


@pytest.fixture
def runner(tmp_path, monkeypatch):
    """A function from what does a job, and how many at a time, to a runner of the jobs a, b and c, which needs a."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "POLL", 0.01)
    jobs = [job("a"), job("b"), job("c", "a")]
    keys = {one.name: "key" for one in jobs}

    def make(how, count=2):
        return run.Runner(jobs, keys, Place("x", "demo"), lambda _: None, [how] * count)

    return make


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (worker.Failed("no such task"), "no such task"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (CairnError("x.json is broken"), "x.json is broken"),
        (KeyError("rows"), "KeyError: 'rows'"),
    ],
)
def test_whatever_ends_a_job_is_reported_and_the_rest_goes_on(runner, error, said):
    def how(one, *_):
        if one.name == "a":
            raise error

    outcome = runner(how).run()
    assert list(outcome.failed) == ["a"]
    assert said in outcome.failed["a"]
    assert sorted(outcome.done) == ["b", "c"]


def test_a_run_whose_records_cannot_be_read_does_not_look_whole(runner, monkeypatch):
    made = runner(lambda *_: None)

    def held(_):
        raise CairnError("jobs/a.json is not valid JSON")

    monkeypatch.setattr(made, "_elsewhere", held)
    with pytest.raises(CairnError, match="not valid JSON"):
        made.run()


def test_ctrl_c_while_a_clone_is_made_starts_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(worker.subprocess, "Popen", lambda *_, **__: pytest.fail("started"))
    with pytest.raises(KeyboardInterrupt):
        worker._reproduce(job("a"), Place("x", "demo"), 0, tmp_path, {"token": "t"}, lambda: True, None)


def test_a_child_that_ctrl_c_has_waited_for_is_no_failure():
    for stopping, error in ((True, KeyboardInterrupt), (False, ChildProcessError)):
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], text=True) as process:
            process.terminate()
            os.waitpid(process.pid, 0)  # as psutil does, when `state.end` ends what is at work
            with pytest.raises(error):
                worker.ended(process, lambda: stopping)  # noqa: B023
            process.returncode = -15


@pytest.mark.slow
def test_killed_runs_and_two_workers_end_with_the_tables_of_one(clone):
    whole, killed, two = clone("whole"), clone("killed"), clone("two")
    assert whole.start().wait() == 0
    expected = whole.tables()
    assert {name for name, _ in expected} == {"tiny-demo-none", "tiny-demo-rows-60"}
    made = whole.ran()
    once = [name for name in made if name != "check"]  # which every job runs: it reads the whole of params.yaml
    assert len(once) == len(set(once)) == 18  # as planned: no run of a stage is made twice

    chance = random.Random(3)
    for _ in range(5):
        process = killed.start()
        time.sleep(chance.uniform(4, 40))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert killed.start().wait() == 0
    assert killed.tables() == expected

    assert two.start("run", "tiny", "--jobs", "2").wait() == 0
    assert two.tables() == expected
    assert sorted(two.ran()) == sorted(made)


@pytest.mark.slow
def test_a_failed_arm_is_reported_and_the_rest_goes_on(clone):
    made = clone("failing")
    file = made.folder / "studies/tiny.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("sizes: [60]", "sizes: [5000, 60]"), encoding="utf-8")
    assert made.start().wait() == 1
    assert {name for name, _ in made.tables()} == {"tiny-demo-none", "tiny-demo-rows-60"}
    record = json.loads((made.folder / ".cairn/studies/tiny/demo/jobs/rows-5000.json").read_text())
    assert record["state"] == "failed"
    assert "subset.size is 5000" in record["error"]
    assert "rows-5000.log" in record["error"]
