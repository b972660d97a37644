"""``curation completion``: what a shell needs to complete commands, options, tasks, scorers and profiles."""

from __future__ import annotations

import click

VARIABLE = "_CURATION_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion of SHELL: commands, options, tasks, tables,
    scorers, columns, profiles.

    \b
    eval "$(curation completion bash)"          in ~/.bashrc
    eval "$(curation completion zsh)"           in ~/.zshrc
    curation completion fish \\
        > ~/.config/fish/completions/curation.fish
    """  # noqa: D205, D301 - click prints the first paragraph; and it wants a real backspace
    from click.shell_completion import get_completion_class

    from curation.cli import group

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(group, {}, "curation", VARIABLE).source())
    return 0
