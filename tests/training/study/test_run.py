"""Studies are run by the real pipeline on a few rows: killed and gone on with, by one worker and by two."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from training.study import state
from training.study.state import Place

ROOT = Path(__file__).parents[3]
TINY = Path(__file__).with_name("tiny.yaml")


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


def git(folder, *arguments, given=None):
    done = subprocess.run(["git", *arguments], cwd=folder, input=given, capture_output=True, check=True)  # noqa: S603, S607
    return done.stdout


@pytest.fixture
def clone(tmp_path):
    """A function that makes a clone of this repository with the tiny study in it, edits that git knows included."""

    def make(name):
        folder = tmp_path / name
        git(tmp_path, "clone", "-q", "--shared", str(ROOT), str(folder))
        changes = git(ROOT, "diff", "--binary", "HEAD")
        if changes:
            git(folder, "apply", "--index", given=changes)
        (folder / "studies/tiny.yaml").write_text(TINY.read_text(encoding="utf-8"), encoding="utf-8")
        return folder

    return make


def start(folder, *options):
    command = [str(Path(sys.executable).with_name("training")), "study", "run", "tiny", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}
    environment |= {"PYTHONPATH": str(folder)}
    return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True)  # noqa: S603


def tables(folder):
    """Every arm's scores, from the experiments."""
    found = {}
    for ref in git(folder, "for-each-ref", "--format=%(refname)", "refs/exps").decode().split():
        listed = git(folder, "ls-tree", "-r", "--name-only", ref, "reports/evaluate").decode().split()
        found |= {(ref.rpartition("/")[2], path): json.loads(git(folder, "show", f"{ref}:{path}")) for path in listed}
    return found


def ran(folder):
    """The names of all runs of stages that were made, over all jobs."""
    records = [json.loads(file.read_text()) for file in (folder / ".cairn/studies/tiny/demo/jobs").glob("*.json")]
    assert all(record["state"] == "done" for record in records)
    return [stage["name"] for record in records for stage in record["stages"]]


@pytest.mark.slow
def test_killed_runs_and_two_workers_end_with_the_tables_of_one(clone):
    whole, killed, two = clone("whole"), clone("killed"), clone("two")
    assert start(whole).wait() == 0
    expected = tables(whole)
    assert {name for name, _ in expected} == {"tiny-demo-none", "tiny-demo-rows-60"}
    made = ran(whole)
    once = [name for name in made if name != "check"]  # which every job runs: it reads the whole of params.yaml
    assert len(once) == len(set(once)) == 17  # as planned: no run of a stage is made twice

    chance = random.Random(3)
    for _ in range(5):
        process = start(killed)
        time.sleep(chance.uniform(4, 40))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
    assert start(killed).wait() == 0
    assert tables(killed) == expected

    assert start(two, "--jobs", "2").wait() == 0
    assert tables(two) == expected
    assert sorted(ran(two)) == sorted(made)


@pytest.mark.slow
def test_a_failed_arm_is_reported_and_the_rest_goes_on(clone):
    folder = clone("failing")
    file = folder / "studies/tiny.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("sizes: [60]", "sizes: [5000, 60]"), encoding="utf-8")
    assert start(folder).wait() == 1
    assert {name for name, _ in tables(folder)} == {"tiny-demo-none", "tiny-demo-rows-60"}
    record = json.loads((folder / ".cairn/studies/tiny/demo/jobs/rows-5000.json").read_text())
    assert record["state"] == "failed"
    assert "subset.size is 5000" in record["error"]
    assert "rows-5000.log" in record["error"]
