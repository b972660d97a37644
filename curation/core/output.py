"""How commands speak: tables that fit the terminal, plain text when piped, JSON and CSV for scripts."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def width() -> int:
    """Return the columns to write to: the terminal's (``COLUMNS`` counts), 80 when piped, never under 40."""
    return max(40, shutil.get_terminal_size((80, 24)).columns)


def colour() -> bool:
    """Return whether colour codes may be written: only to a terminal, and never with ``NO_COLOR`` set."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def unicode() -> bool:
    """Return whether standard output can show block characters."""
    try:
        "█▏–…".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _console(file: io.StringIO) -> Console:
    from rich.console import Console

    coloured = colour()
    return Console(
        file=file,
        width=width(),
        force_terminal=coloured,
        color_system="standard" if coloured else None,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
        safe_box=not unicode(),
        _environ={},
    )


def show(*renderables: RenderableType) -> None:
    """Print rich renderables; lines fit :func:`width`, without trailing blanks."""
    buffer = io.StringIO()
    console = _console(buffer)
    for renderable in renderables:
        console.print(renderable, soft_wrap=False)
    text = buffer.getvalue()
    click.echo("\n".join(line.rstrip() for line in text.splitlines()), color=colour())


def clean(value: str) -> str:
    r"""Return ``value`` on one line and without control characters, so that data cannot steer the terminal.

    >>> clean("a\x1b[31m\nb")
    'a�[31m b'
    """
    return "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in value)


def wrapped(text: str, wide: int, most: int | None = None) -> list[str]:
    """Return ``text`` in lines of ``wide`` columns; of more than ``most`` the first ones, the last ending in ``…``.

    >>> wrapped("one two three four", 9), wrapped("one two three four", 9, 1)
    (['one two', 'three', 'four'], ['one two …'])
    """
    from rich.cells import set_cell_size
    from rich.console import Console
    from rich.text import Text

    lines = [line.plain.rstrip() for line in Text(clean(text)).wrap(Console(width=wide), wide, overflow="fold")]
    if most is None or len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"{set_cell_size(lines[most - 1], wide - 2).rstrip()} …"]


def cell(value: Any) -> str:
    """Return ``value`` as a table cell: floats with three places, nothing for null, lists joined.

    >>> cell(0.12345), cell(None), cell(["a", 1]), cell(True), cell(-1e-7)
    ('0.123', '', 'a, 1', 'yes', '-1e-07')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.3f}" if abs(value) >= 0.0005 or value == 0 else f"{value:.0e}"
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {cell(item)}" for key, item in value.items())
    return clean(str(value))


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
    right: Iterable[str] = (),
    wrap: Iterable[str] = (),
    stack: Iterable[str] = (),
) -> RenderableType:
    """Return a table.

    Args:
        columns: their names.
        rows: their values, one sequence per row.
        title: a line above it.
        right: columns to align on the right.
        wrap: columns that may take several lines.
        stack: columns whose lists have one element a line, none of them broken.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    right, stack = set(right), set(stack)
    wrap = set(wrap) - stack
    made = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD if unicode() else box.ASCII2,
        pad_edge=False,
        show_edge=False,
        padding=(0, 1),
    )
    for name in columns:
        made.add_column(
            Text(name),
            justify="right" if name in right else "left",
            no_wrap=name not in wrap,
            overflow="fold" if name in wrap else "ellipsis",
            header_style="bold",
        )
    for row in rows:
        cells = []
        for name, value in zip(columns, row, strict=True):
            stacked = name in stack and isinstance(value, (list, tuple))
            cells.append(Text("\n".join(map(cell, value)) if stacked else cell(value)))
        made.add_row(*cells)
    return made


def heading(text: str) -> RenderableType:
    """Return a bold line with a blank one before it."""
    from rich.text import Text

    return Text(f"\n{clean(text)}", style="bold")


def facts(pairs: Iterable[tuple[str, Any]]) -> RenderableType:
    """Return names and values in two columns, long values wrapped; pairs without a value are left out."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in pairs:
        text = cell(value)
        if text:
            grid.add_row(Text(f"  {name}"), Text(text))
    return grid


def plain(value: Any) -> Any:
    """Return ``value`` as JSON can hold it: NaN and infinities become null, tuples lists, paths text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)


def echo_json(value: Any) -> None:
    """Print ``value`` as indented JSON."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=1))


_BLANK, _FORMULA = r'[ \ufeff"\']*', "=+\\-@＝＋－＠"
_BEFORE_FORMULA = rf"\A{{0}}(?={_BLANK}[{_FORMULA}\t\n])|(?<=[;\t\n]){{0}}(?={_BLANK}[{_FORMULA}])"
"""Where a cell begins with a formula: at the begin of the text, or after what separates cells or rows elsewhere."""
_TO_GUARD, _GUARDED = (re.compile(_BEFORE_FORMULA.replace("{0}", guard)) for guard in ("", "'"))


def safe_cell(value: Any) -> Any:
    r"""Return a CSV cell that no spreadsheet takes for a formula: such text gets an apostrophe before it.

    Inside of a text too, after a semicolon, a tab and a line feed: a spreadsheet that separates cells by semicolons, as
    in many countries, begins new ones there, and quotation marks do not keep it from that (docs/decisions.md). A
    carriage return becomes a line feed: Python writes a lone one without quotation marks, and readers then begin a new
    row there.

    >>> safe_cell("=1+1"), safe_cell(-0.5), safe_cell("plain"), safe_cell(None), safe_cell("a\r=1"), safe_cell("a;=1")
    ("'=1+1", -0.5, 'plain', '', "a\n'=1", "a;'=1")
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, (list, tuple, dict)):
        value = json.dumps(plain(value), ensure_ascii=False)
    if isinstance(value, str):
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        return _TO_GUARD.sub("'", value) if value.strip() else value
    return value


def unguarded(cell: str) -> str:
    r"""Return the text that :func:`safe_cell` made ``cell`` of, but for its carriage returns.

    >>> unguarded("'=1+1"), unguarded("a;'=1"), unguarded(safe_cell("'=1; ' - '\t+")), unguarded("it's")
    ('=1+1', 'a;=1', "'=1; ' - '\t+", "it's")
    """
    return _GUARDED.sub("", cell)


def csv_lines(rows: Iterable[Sequence[Any]], end: str = "\n") -> str:
    r"""Return ``rows`` as CSV, whose lines end with ``end``; a cell with a line feed or a carriage return is quoted.

    Python's writer quotes only what its own lines end with, so that a lone carriage return would begin a row.

    >>> csv_lines([["a", 1], ["b\rc", None]])
    'a,1\n"b\rc",\n'
    """
    lines: list[str] = []
    to = SimpleNamespace(write=lambda line: lines.append(line.removesuffix("\r\n") + end))
    csv.writer(to, lineterminator="\r\n").writerows(rows)
    return "".join(lines)


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a CSV table with a header; cells are made safe to open in a spreadsheet."""
    return csv_lines([safe_cell(value) for value in row] for row in (columns, *rows))


def tsv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a table with tabs between cells and one line a row; cells are safe in a spreadsheet and have no tabs."""
    lines = [columns, *rows]
    return "".join("\t".join(map(_one_line, line)) + "\n" for line in lines)


def _one_line(value: Any) -> str:
    # Guarded last: blanks that go here, of which Unicode has many, may have stood before a formula.
    return " ".join(str(safe_cell(" ".join(value.split()) if isinstance(value, str) else value)).split())


def markdown_cell(value: Any) -> str:
    r"""Return ``value`` for a Markdown table: no mark-up of the data's own takes effect.

    >>> markdown_cell("a|b <script> [x](y) `c`")
    'a\\|b &lt;script&gt; \\[x\\](y) \\`c\\`'
    """
    text = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*\[\]|])", r"\\\1", text)


def markdown_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a Markdown table; floats have three places, as on the screen."""
    lines = [columns, ["---"] * len(columns), *([markdown_cell(cell(value)) for value in row] for row in rows)]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def json_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a list of objects as indented JSON."""
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    return json.dumps(plain(found), ensure_ascii=False, indent=1) + "\n"


def jsonl_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return one JSON object a line."""
    found = (dict(zip(columns, row, strict=True)) for row in rows)
    return "".join(json.dumps(plain(one), ensure_ascii=False) + "\n" for one in found)


TABLES: Mapping[str, Callable[[Sequence[str], Iterable[Sequence[Any]]], str]] = {
    "json": json_text, "jsonl": jsonl_text, "csv": csv_text, "tsv": tsv_text, "md": markdown_text,
}  # fmt: skip
"""Name to how a table is written for programs, spreadsheets and documents."""
