"""Threads: what is set before PyTorch is loaded, and by whom; a wrong number is refused in a sentence."""

import os
import subprocess
import sys

import pytest

from curation.core import threads
from curation.core.errors import CairnError


def told(script, **environment):
    """Return what Python prints in a process that has no setting of ours yet."""
    bare = {
        name: value
        for name, value in os.environ.items()
        if not name.endswith("_NUM_THREADS") and name not in ("OMP_WAIT_POLICY", threads.NAME)
    }
    return subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", script], env=bare | environment, capture_output=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("package", ["curation", "training"])
def test_threads_wait_passively_unless_told(package):
    script = f"import {package}, os; print(os.environ['OMP_WAIT_POLICY'])"
    assert told(script).stdout.split() == ["PASSIVE"]
    assert told(script, OMP_WAIT_POLICY="ACTIVE").stdout.split() == ["ACTIVE"]


def test_a_number_of_threads_reaches_torch():
    script = "import training, torch; print(torch.get_num_threads())"
    assert told(script, CAIRN_THREADS="1").stdout.split() == ["1"]
    assert told(script, CAIRN_THREADS="1", OMP_NUM_THREADS="2", MKL_NUM_THREADS="2").stdout.split() == ["1"]


@pytest.mark.parametrize(
    ("width", "asked", "expected"), [(128, {}, "1"), (128, {"CAIRN_THREADS": "2"}, "2"), (768, {}, "4")]
)
def test_a_narrow_encoder_takes_one_thread(width, asked, expected):
    script = (
        "from curation.core import threads; import torch, os\n"
        f"if not {bool(asked)}: torch.set_num_threads(4)\n"
        f"threads.suit({width}); print(torch.get_num_threads())"
    )
    assert told(script, **asked).stdout.split() == [expected]


@pytest.mark.parametrize("wrong", ["0", "-1", "two", "", "1.5", "²"])
def test_a_wrong_number_is_refused(wrong, monkeypatch):
    monkeypatch.setenv(threads.NAME, wrong)
    with pytest.raises(CairnError, match="whole number from 1"):
        threads.check()
    environment = {threads.NAME: wrong}
    threads.settle(environment)
    assert "OMP_NUM_THREADS" not in environment
    done = subprocess.run(
        [sys.executable, "-m", "curation.check"],
        env=os.environ | {threads.NAME: wrong}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "unset CAIRN_THREADS" in done.stderr
    assert "Traceback" not in done.stderr
