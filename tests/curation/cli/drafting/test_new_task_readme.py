"""The worked example of tasks/README.md: what it shows is what a reader gets who pastes it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

README = (Path(__file__).parents[4] / "tasks/README.md").read_text(encoding="utf-8")


def test_the_example_runs_as_written(project):
    rows = re.search(r"^```csv\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    example = re.search(r"^```\n\$ curation new-task (.*?)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert rows is not None
    assert example is not None
    assert "save these\nlines as `claims.csv`" in README
    (project.root / "claims.csv").write_text(rows[1], encoding="utf-8")
    name, *args = shlex.split(example[1])
    assert project.lines(name, *args) == example[2]
    found = project.fetched(name)
    assert (len(found["train"]), len(found["dev"])) == (12, 3)


def test_every_flag_that_is_shown_exists(project):
    from curation.cli.new_task import command

    there = {flag for option in command.params for flag in option.opts}
    shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README))
    assert shown
    assert shown <= {*there, "--help"}
