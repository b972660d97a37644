"""``curation browse``: look at scored rows and decide about them, in the terminal or a browser."""

from __future__ import annotations

import os
import sys

import click

from curation.cli import _complete
from curation.core.errors import CairnError


@click.command()
@click.argument("task", required=False, shell_complete=_complete.curated)
@click.option("--where", default="", help="Rows that satisfy an SQL expression, as in `curation show`.")
@click.option("--author", help="Who decides; else your name in git.")
@click.option("--serve", is_flag=True, help="Show it in a browser, at an address of this machine.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="--serve: the port.")
def command(task: str | None, where: str, author: str | None, serve: bool, port: int) -> int:
    """Browse a task's scored rows, the worst first, and decide about them.

    Above a table of all rows, of any length; below one row in full: given
    and suggested label, reasons, twins and nearest rows. One key each: k
    keeps, r relabels, d drops, u is unsure, z takes back; / filters, f shows
    flags and labels with counts, s sorts, ? shows all keys.

    Decisions are lines of reviews/TASK.jsonl, as `curation import` writes
    them, with your name and the time. Afterwards: dvc repro.

    \b
    curation browse tickets
    curation browse tickets --where "label_quality < 0.1"
    curation browse tickets --serve
    """  # noqa: D301 - click wants a real backspace: do not wrap
    from curation.cli import _tables
    from curation.review import log

    name, who = _tables.pick(task), author or log.author()
    try:
        import textual  # noqa: F401
        import textual_serve  # noqa: F401
    except ImportError:
        raise CairnError(
            "curation browse needs textual and textual-serve. Install them: pip install textual textual-serve"
        ) from None
    if serve:
        _serve(name, where, who, port)
        return 0
    if not (sys.stdin.isatty() and sys.stdout.isatty()) and "TEXTUAL_DRIVER" not in os.environ:  # textual-serve sets it
        raise CairnError("curation browse needs a terminal to draw on. Type it in one, or add --serve for a browser.")
    from curation.cli.browsing.app import Browse
    from curation.cli.browsing.store import Store

    app = Browse(Store(name), who, where)
    app.run()
    if app.desk.made:
        click.echo(f"{app.desk.made:,} decisions written. Next: dvc repro")
    return 0


def _serve(name: str, where: str, author: str, port: int) -> None:
    """Serve until interrupted; every page that is opened is a process of its own on the same log."""
    import shlex

    from textual_serve.server import Server

    from curation.cli.browsing.store import Store

    Store(name)  # what is missing is said here, not in the browser
    words = [sys.executable, "-c", "from curation.cli import main; main()", "browse", name, "--author", author]
    line = shlex.join([*words, "--where", where] if where else words)
    click.echo(f"http://localhost:{port} shows {name}; decisions are signed {author}. Ctrl-C ends it.")
    Server(line, "localhost", port, title=f"curation browse {name}").serve()
