"""Forks of a warm process are what ``python -m`` would be: arguments, folder, environment, exit code, output."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from curation.core import warm

ROOT = Path(__file__).parents[3]


def ran(script, folder=ROOT, **environment):
    command = [sys.executable, warm.__file__, "bash", "-c", script]
    return subprocess.run(  # noqa: S603 - ours
        command, cwd=folder, env=os.environ | environment, capture_output=True, encoding="utf-8", check=False
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


def stage(folder, text, value="X = 1"):
    """Make a package of stages in ``folder``, which a warm process takes for Cairn's own."""
    (folder / "curation/one").mkdir(parents=True)
    for name, content in {"__init__": "", "value": value, "one/__init__": "", "one/__main__": text}.items():
        (folder / "curation" / f"{name}.py").write_text(content, encoding="utf-8")


def test_edited_code_runs_as_it_is_now(tmp_path):
    stage(tmp_path, "from curation.value import X\nif __name__ == '__main__':\n  print(X)")
    once = "python -m curation.one; "
    assert ran(once + once + "echo 'X = 222' > curation/value.py; " + once, tmp_path).stdout.split() == [
        "1",
        "1",
        "222",
    ]


def test_ctrl_c_is_answered_by_the_run(tmp_path):
    stage(
        tmp_path,
        "import sys, time\nif __name__ == '__main__':\n  try:\n    print('begun', flush=True)\n    time.sleep(60)\n"
        "  except KeyboardInterrupt:\n    print('answered')\n    sys.exit(130)",
    )
    command = [sys.executable, warm.__file__, sys.executable, "-c", WAITING]
    with subprocess.Popen(  # noqa: S603 - ours
        command, cwd=tmp_path, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as running:  # fmt: skip
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        os.killpg(running.pid, signal.SIGINT)
        assert running.stdout.read().split() == ["answered", "130"]


WAITING = """
import signal, subprocess
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as dvc does while a stage runs
run = subprocess.Popen(
    ["python", "-m", "curation.one"], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
)
print(run.wait())
"""
