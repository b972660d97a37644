"""How the command starts, speaks and ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from curation import cli

COMMANDS = [
    "browse", "check", "compare", "completion", "explain", "export", "hist", "import", "init", "new-task", "profile",
    "repro", "selftest", "show", "tasks",
]  # fmt: skip
WRITE = ("browse", "completion", "export", "init", "repro")
"""Commands whose result is files, and not something to read."""
HEAVY = ("torch", "transformers", "pandas", "pyarrow", "pydantic", "numpy", "duckdb", "rich", "sklearn", "jinja2")
PROBE = """
import resource, sys
from curation.cli import main
try:
    main(["--help"])
except SystemExit as stop:
    used = resource.getrusage(resource.RUSAGE_SELF)
    sys.stderr.write(f"{stop.code} {used.ru_utime + used.ru_stime:.3f} {' '.join(sorted(sys.modules))}")
"""


def run(*args: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``curation`` in a process of its own, piped."""
    code = "from curation.cli import main; main()"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **env}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code, *args], capture_output=True, text=True, cwd=cwd, env=environment, check=False
    )


def test_help_is_instant_and_imports_nothing_heavy() -> None:
    times = []
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=False)  # noqa: S603
        code, seconds, *modules = done.stderr.split(" ")
        assert code == "0"
        assert [name for name in HEAVY if name in modules] == []
        times.append(float(seconds))
    assert min(times) < 0.4


def test_help_lists_every_command_file() -> None:
    done = run("--help")
    assert [name for name in COMMANDS if f"\n  {name} " in done.stdout] == COMMANDS
    folder = Path(cli.__file__).parent
    assert sorted(file.stem.rstrip("_").replace("_", "-") for file in folder.glob("[!_]*.py")) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_in_80_columns(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main([name, "--help"])
    out = capsys.readouterr().out
    assert stop.value.code == 0
    assert max(map(len, out.splitlines())) <= 80
    assert ("--json" in out) != (name in WRITE)


def test_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith("curation (cairn) ")


def test_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["shw"])
    assert stop.value.code == 2
    assert "Did you mean 'show'?" in capsys.readouterr().err


def test_unknown_option_is_a_user_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["tasks", "--colour"])
    assert stop.value.code == 2
    assert "--colour" in capsys.readouterr().err


def test_users_mistakes_have_no_traceback(tmp_path: Path) -> None:
    done = run("show", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: params.yaml is missing.")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_no_colour_codes_when_piped(finished: Path) -> None:
    for args in (["show", "--limit", "3"], ["tasks"], ["hist", "--by", "label"]):
        done = run(*args, cwd=finished, FORCE_COLOR="1", TERM="xterm-256color")
        assert done.returncode == 0
        assert "\x1b" not in done.stdout


def test_a_closed_pipe_is_no_error(finished: Path) -> None:
    # `true` is gone long before the first byte is written.
    command = f"{sys.executable} -c 'from curation.cli import main; main()' show --json | true"
    done = subprocess.run(  # noqa: S603
        ["bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}} >&2"],  # noqa: S607
        capture_output=True,
        text=True,
        cwd=finished,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        check=False,
    )
    assert done.stderr.split() == ["141"]


def test_ascii_terminals_get_ascii(finished: Path) -> None:
    done = run("hist", cwd=finished, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "#" in done.stdout
    assert done.stdout.isascii()
