"""Forks of a warm process are what ``python -m`` would be: arguments, folder, environment, exit code, output."""

import os
import subprocess
import sys
from pathlib import Path

from training.study import warm

ROOT = Path(__file__).parents[3]


def ran(script, **environment):
    command = [sys.executable, warm.__file__, "bash", "-c", script]
    return subprocess.run(  # noqa: S603 - ours
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, encoding="utf-8", check=False
    )


def test_stages_run_twice_with_their_own_exit_codes():
    done = ran("python -m curation.check --help; echo $?; python -m curation.check --nonsense; echo $?; exit 7")
    assert done.returncode == 7
    lines = done.stdout.splitlines()
    assert lines[0].startswith("usage: -m") or lines[0].startswith("usage: ")
    assert [line for line in lines if line.isdigit()] == ["0", "2"]
    assert "--nonsense" in done.stderr


def test_other_programs_are_what_they_were():
    done = ran("cd tests && MARK=here python -c 'import os; print(os.getcwd(), os.environ[\"MARK\"])'")
    assert done.stdout.split() == [str(ROOT / "tests"), "here"]
    assert ran("python -c 'raise SystemExit(3)'; exit $?").returncode == 3


def test_a_stage_that_is_killed_fails():
    done = ran("python -c 'import os, signal; os.kill(os.getpid(), signal.SIGTERM)'; exit $?")
    assert done.returncode == 128 + 15


def test_nothing_is_left_behind():
    done = ran('ls -d "$(dirname "$CAIRN_WARM")"')
    assert not Path(done.stdout.strip()).exists()
