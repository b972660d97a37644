"""``curation repro``: ``dvc repro``, saying which stage of how many runs and what is left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from curation.core import ahead, warm
from curation.core.errors import CairnError

_DONE = re.compile(r"^(?:Running stage '(?P<run>[^']+)'|Stage '(?P<same>[^']+)' (?:didn't change|is cached))")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS OF dvc repro]...")
def command(arguments: tuple[str, ...]) -> int:
    """Run `dvc repro` and say how far it is: "stage 7 of 40, probe@mini_nli;
    then neighbours, score, ...".

    All else is as `dvc repro` has it: what has not changed is not run again,
    and what is interrupted goes on. Cores that DVC's one stage at a time
    leaves idle make later runs ahead, with the same bytes; CAIRN_AHEAD=0 in
    the environment forbids it, another number says how many at a time.

    Exit code: that of `dvc repro`.
    """  # noqa: D205 - click prints the first paragraph
    _check_links()
    dvc = [sys.executable, "-m", "dvc"]
    listed = subprocess.run([*dvc, "stage", "list", "--name-only"], capture_output=True, text=True, check=False)  # noqa: S603
    if listed.returncode:
        raise _unlisted(listed.stderr)
    stages = listed.stdout.split()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}  # into a pipe Python would keep lines back
    command = [*dvc, "repro", *arguments]
    if warm.able():
        command = [sys.executable, warm.__file__, *command]
    with (
        working_ahead(environment, asked=not arguments and warm.able()) as tell,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running,  # noqa: S603
    ):
        assert running.stdout is not None
        try:
            for line in told(running.stdout, stages, tell):
                click.echo(line, nl=False)
        except KeyboardInterrupt:  # dvc and its stage were interrupted too, and finish what they write
            running.wait()
            raise
    return running.returncode


def _unlisted(stderr: str) -> CairnError:
    """Return the error for what DVC says when it cannot list the stages, with what to type next."""
    said = stderr.strip().splitlines()[0].removeprefix("ERROR: ").rstrip(".") if stderr.strip() else "no stages"
    if not Path("dvc.yaml").is_file():
        todo = "Type it where dvc.yaml lies; `curation init FOLDER` makes a folder with one."
    elif "not inside of a DVC repository" in said:
        todo = "Type `git init && dvc init` here first; without git, `dvc init --no-scm`."
    else:
        todo = "Type `dvc stage list` for all that DVC says of it, and mend dvc.yaml."
    return CairnError(f"dvc: {said}. {todo}")


def _check_links() -> None:
    """Raise :class:`CairnError` for a link to nowhere in the task folder, at which DVC stops in words of its own."""
    from curation.check import links
    from curation.core import params

    folder = params.task_folder()
    if folder is not None and (gone := links.problem(folder)):
        raise CairnError(f"{params.path()}: task_folder: {gone}")


@contextmanager
def working_ahead(environment: dict[str, str], *, asked: bool) -> Iterator[Callable[[str], None]]:
    """Have another process make runs of stages ahead while the context lasts; yield what tells it of DVC.

    ``environment``: where DVC's stages will find what was made. Not ``asked``, with one core, or with ``CAIRN_AHEAD=0``
    there is no such process.
    """
    from curation.cli.ahead import room  # what it imports would slow down every `--help`

    if not asked or room.most({}) == 0:
        yield lambda _: None
        return
    with ahead.session() as session:
        environment[ahead.NAME] = str(session)
        command = [sys.executable, "-m", "curation.cli.ahead", str(session)]
        quiet = None if os.environ.get("CAIRN_TRACEBACK") else subprocess.DEVNULL
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, text=True) as worker:  # noqa: S603
            assert worker.stdin is not None
            told_to = worker.stdin

            def tell(text: str) -> None:
                with suppress(OSError):  # it is gone: then nobody works ahead
                    told_to.write(f"{text}\n")
                    told_to.flush()

            try:
                yield tell
            finally:
                with suppress(OSError):
                    told_to.close()


def told(lines: Iterable[str], stages: Iterable[str], tell: Callable[[str], None] = lambda _: None) -> Iterator[str]:
    r"""Yield what dvc says, with a line before each stage that runs; stages that did not change only count.

    ``tell`` is told ``run NAME`` and ``same NAME`` when dvc comes to a stage.

    >>> said = ["Stage 'a@x' didn't change, skipping\n", "Running stage 'b@x':\n", "> python\n"]
    >>> print("".join(told(said, ["a@x", "b@x", "c@x", "c@y"])), end="")
    <BLANKLINE>
    stage 2 of 4: b@x; then c
    Running stage 'b@x':
    > python
    """
    left = list(stages)
    every = len(left)
    for line in lines:
        found = _DONE.match(line)
        name = found and (found["run"] or found["same"])
        if found and name in left:
            left.remove(name)
            tell(f"{'run' if found['run'] else 'same'} {name}")
        if found and found["run"]:
            then = ", ".join(dict.fromkeys(stage.split("@")[0] for stage in left))
            yield f"\nstage {every - len(left)} of {every}: {name}{f'; then {then}' if then else '; the last'}\n"
        if not (found and found["same"]):
            yield line
