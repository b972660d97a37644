"""The command ``curation``: look at what was fetched, scored, chosen and measured, and why.

A command is one file of this folder and its file name is its name, a dash for every underscore (``import_.py`` is
``import``); it defines ``command``. Files with a leading underscore are shared parts. Everything heavy is imported
inside the commands, so that ``curation --help`` is instant.

Exit codes: 0 = fine, 1 = a negative finding (nothing matches, a problem was found, an arm is worse), 2 = a mistake in
what was asked for, 130 = interrupted, 141 = the reader of a pipe went away.
"""

from __future__ import annotations

import importlib
import keyword
import os
import sys
from pathlib import Path

import click

from curation.core.edge import edge
from curation.core.errors import unknown


class PipeClosed(Exception):
    """The reader of our output went away; click would take a ``BrokenPipeError`` for exit code 1, a finding."""


class LazyGroup(click.Group):
    """A group whose commands are the files of this folder, imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all command files, sorted."""
        return sorted(file.stem.rstrip("_").replace("_", "-") for file in Path(__file__).parent.glob("[!._]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or ``None``."""
        if cmd_name not in self.list_commands(ctx):
            return None
        name = cmd_name.replace("-", "_") + "_" * keyword.iskeyword(cmd_name)
        command = importlib.import_module(f"curation.cli.{name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown name is answered with the nearest one."""
        known = self.list_commands(ctx)
        if args and not ctx.resilient_parsing and not args[0].startswith("-") and args[0] not in known:
            raise unknown("command", args[0], known, "curation")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command and write all of its output."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            raise PipeClosed from None
        return code


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version

        click.echo(f"curation (cairn) {version('cairn')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="Exit codes: 0 fine, 1 a negative finding, 2 a mistake in what was asked for. "
    "Run in the repository root, where params.yaml, data/ and reports/ lie.",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def group() -> None:
    """Look at what was fetched, scored, chosen and measured, and why."""


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit; users' mistakes are printed without a traceback.

    Raises :class:`SystemExit` always, with the exit codes of the module docstring.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    with edge():
        sys.exit(_exit_code(args))


def _exit_code(args: list[str] | None) -> int:
    try:
        code = group.main(args, prog_name="curation", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = 130
    except PipeClosed:
        # Python flushes standard output at exit; point it elsewhere so that this is not an error once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    return code if isinstance(code, int) else 0
