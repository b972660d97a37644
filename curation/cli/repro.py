"""``curation repro``: ``dvc repro``, saying which stage of how many runs and what is left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator

import click

from curation.core import warm
from curation.core.errors import CairnError

_DONE = re.compile(r"^(?:Running stage '(?P<run>[^']+)'|Stage '(?P<same>[^']+)' (?:didn't change|is cached))")


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS OF dvc repro]...")
def command(arguments: tuple[str, ...]) -> int:
    """Run `dvc repro` and say how far it is: "stage 7 of 40, probe@mini_nli;
    then neighbours, score, ...".

    All else is as `dvc repro` has it: what has not changed is not run again,
    and what is interrupted goes on.

    Exit code: that of `dvc repro`.
    """  # noqa: D205 - click prints the first paragraph
    dvc = [sys.executable, "-m", "dvc"]
    listed = subprocess.run([*dvc, "stage", "list", "--name-only"], capture_output=True, text=True, check=False)  # noqa: S603
    if listed.returncode:
        raise CairnError(f"dvc: {listed.stderr.strip().splitlines()[0] if listed.stderr.strip() else 'no stages'}")
    stages = listed.stdout.split()
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}  # into a pipe Python would keep lines back
    command = [*dvc, "repro", *arguments]
    if warm.able():
        command = [sys.executable, warm.__file__, *command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:  # noqa: S603
        assert running.stdout is not None
        try:
            for line in told(running.stdout, stages):
                click.echo(line, nl=False)
        except KeyboardInterrupt:  # dvc and its stage were interrupted too, and finish what they write
            running.wait()
            raise
    return running.returncode


def told(lines: Iterable[str], stages: Iterable[str]) -> Iterator[str]:
    r"""Yield what dvc says, with a line before each stage that runs; stages that did not change only count.

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
        if name in left:
            left.remove(name)
        if found and found["run"]:
            then = ", ".join(dict.fromkeys(stage.split("@")[0] for stage in left))
            yield f"\nstage {every - len(left)} of {every}: {name}{f'; then {then}' if then else '; the last'}\n"
        if not (found and found["same"]):
            yield line
