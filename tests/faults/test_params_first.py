"""``dvc repro`` refuses what cannot work before anything runs, and no value of params.yaml reaches the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
SHELL = (
    "1; touch PWNED",
    "$(touch PWNED)",
    "`touch PWNED`",
    "x' ; touch PWNED; '",
    "a\ntouch PWNED",
    "a | touch PWNED",
)


def edit(clone: Path, old: str, new: str) -> None:
    text = (clone / "params.yaml").read_text(encoding="utf-8")
    assert old in text, old
    (clone / "params.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")


def made(clone: Path) -> list[Path]:
    """Return what stages have written."""
    return [path for path in (clone / "data").rglob("*") if path.is_file() and path.name != ".gitkeep"]


@pytest.mark.parametrize("value", SHELL)
@pytest.mark.parametrize(
    "key", ["seeds: [1, 2, 3]", "intermediate: [mini_nli]", "targets: [mini_xnli]", "scorers: [label_quality,"]
)
def test_no_value_reaches_the_shell(clone: Path, dvc, key: str, value: str) -> None:
    name, _, rest = key.partition(": ")
    quoted = '"' + value.replace("\n", "\\n") + '"'
    edit(clone, key, f"{name}: [{quoted}" + ("," if rest.endswith(",") else "]"))
    done = dvc("repro")
    assert done.returncode != 0
    assert "params.yaml: " in done.stderr, done.stderr[-600:]
    assert not list(clone.rglob("PWNED*"))
    assert not made(clone)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("evaluate:\n", "evaluate:\n  was: 1\n", "evaluate: unknown key 'was'"),
        ("learning_rate: 3.0e-4", "learning_rate: 0", "train.target.learning_rate is 0"),
        ("precision: auto}", "precision: fp8}", "train.intermediate.precision is 'fp8'"),
        ("  size: 3000 ", "  size: 30000 ", "at most 6000 rows to choose from"),
        (
            "max_length: 128, learning_rate: 3.0e-4",
            "max_length: 999, learning_rate: 3.0e-4",
            "reads 256 tokens at most",
        ),
    ],
)
def test_what_cannot_work_is_refused_first(clone: Path, dvc, old: str, new: str, said: str) -> None:
    edit(clone, old, new)
    done = dvc("repro")
    assert done.returncode != 0
    assert said in " ".join(done.stderr.split()), done.stderr[-600:]
    assert not made(clone)


@pytest.mark.parametrize("target", ["fetch-target@mini_xnli", "pretrained@1"])
def test_a_single_stage_refuses_what_nobody_checked(clone: Path, dvc, target: str) -> None:
    edit(clone, "learning_rate: 3.0e-4", "learning_rate: 0")
    done = dvc("repro", "--single-item", target)
    assert done.returncode != 0
    assert "train.target.learning_rate is 0" in done.stderr, done.stderr[-600:]


def test_a_check_that_passes_again_makes_nothing_run_again(clone: Path, dvc) -> None:
    assert dvc("repro", "-q", "fetch-target").returncode == 0
    edit(clone, "  examples: 5 ", "  examples: 4 ")
    again = dvc("repro", "fetch-target")
    assert again.returncode == 0
    assert "Running stage 'check'" in again.stdout
    assert "Running stage 'fetch" not in again.stdout
    assert "Running stage 'trial'" not in again.stdout
