"""The lines of a table of any length: only those on the screen are asked for and drawn."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from rich.cells import set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from curation.core.output import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from textual import events

KEPT = 4000
"""Lines kept after they were drawn."""
MARKS: Mapping[str, tuple[str, str]] = {
    "keep": ("K", "green"), "relabel": ("R", "yellow"), "drop": ("D", "red"), "unsure": ("U", "magenta"),
}  # fmt: skip
"""Verdict to the letter and colour that stand before a line."""


class Grid(ScrollView, can_focus=True):
    """Rows by place, one line each, with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown,space", "page(1)", "Page down", show=False),
        Binding("home", "move(-1000000000)", "First", show=False),
        Binding("end", "move(1000000000)", "Last", show=False),
    ]
    cursor: reactive[int] = reactive(0, repaint=False)

    class Moved(Message):
        """The cursor stands on another row."""

    class Wanted(Message):
        """Lines on the screen that nobody has given yet."""

        def __init__(self, places: Sequence[int]):
            self.places = places
            super().__init__()

    def __init__(self, name: str):
        super().__init__(id=name)
        self.places: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.decided: Mapping[str, Any] = {}
        """Id to decision."""
        self._lines: OrderedDict[int, Mapping[str, Any]] = OrderedDict()
        self._asked: set[int] = set()

    @property
    def place(self) -> int | None:
        """The place of the row under the cursor; ``None`` = there are no rows."""
        return int(self.places[self.cursor]) if len(self.places) else None

    def show(self, places: npt.NDArray[np.int64]) -> None:
        """Show these rows, from the first one."""
        self.places = places
        self.virtual_size = Size(self.size.width, len(places) + 1)  # and the head
        self.cursor = 0
        self.scroll_to(0, 0, animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Moved())

    def feed(self, lines: Mapping[int, Mapping[str, Any]]) -> None:
        """Take the cells of lines that were asked for."""
        self._lines.update(lines)
        self._asked.difference_update(lines)
        while len(self._lines) > KEPT:
            self._lines.popitem(last=False)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor so many rows."""
        if len(self.places):
            self.cursor = min(max(self.cursor + by, 0), len(self.places) - 1)

    def action_page(self, by: int) -> None:
        """Move the cursor so many screens."""
        self.action_move(by * max(self.size.height - 2, 1))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the line that was clicked."""
        row = event.y - 1 + int(self.scroll_offset.y)
        if event.y > 0 and row < len(self.places):
            self.cursor = row

    def watch_cursor(self, _: int, new: int) -> None:
        """Keep the cursor on the screen."""
        top, height = int(self.scroll_offset.y), max(self.size.height - 1, 1)
        if new < top or new >= top + height:
            self.scroll_to(0, new if new < top else new - height + 1, animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Moved())

    def render_lines(self, crop: Any) -> list[Strip]:
        """Draw, after having asked for what is not there."""
        top = int(self.scroll_offset.y)
        seen = self.places[top : top + self.size.height].tolist()
        lacking = [place for place in seen if place not in self._lines and place not in self._asked]
        if lacking:
            self._asked.update(lacking)
            self.call_later(self._ask, lacking)  # a message made while the screen draws would count as the screen's
        return super().render_lines(crop)

    def _ask(self, places: Sequence[int]) -> None:
        self.post_message(self.Wanted(places))

    def render_line(self, y: int) -> Strip:
        """Draw the head, or one row below it."""
        width = self.size.width
        if y == 0:
            head = _laid(["", "qual.", "given → suggested", "flags", "text"], width)
            return Strip([Segment(head, self.rich_style + Style(bold=True, underline=True))], width)
        at = y - 1 + int(self.scroll_offset.y)
        if at >= len(self.places):
            return Strip.blank(width, self.rich_style)
        cells = self._lines.get(int(self.places[at]))
        style = self.rich_style + (Style(reverse=True) if at == self.cursor else Style())
        if cells is None:
            return Strip([Segment(set_cell_size("  …", width), style + Style(dim=True))], width)
        said = self.decided.get(cells["id"])
        mark, colour = MARKS[said.decision] if said else (" ", "")
        line = _laid(["", *_cells(cells)], width)
        first = Segment(mark, style + Style(color=colour or None, bold=True))
        return Strip([first, Segment(line[1:], style)], width)


def _cells(cells: Mapping[str, Any]) -> list[str]:
    quality = cells.get("quality")
    given = clean(str(cells.get("label_quality.given_label") or cells.get("label") or "–"))
    suggested = cells.get("label_quality.suggested_label")
    label = f"{given} → {clean(str(suggested))}" if suggested else given
    flags = ", ".join(cells.get("flags") or ())
    return ["–" if quality is None else f"{quality:.3f}", label, flags, clean(str(cells.get("text") or ""))]


def _laid(cells: Sequence[str], width: int) -> str:
    """Return the five cells in a line of ``width`` columns; wide terminals give the text more."""
    label, flags = (26, 15) if width < 110 else (32, 32)
    sizes = (1, 6, label, flags, max(width - 1 - 6 - label - flags - 4, 0))
    return set_cell_size(" ".join(set_cell_size(_short(c, s), s) for c, s in zip(cells, sizes, strict=True)), width)


def _short(cell: str, size: int) -> str:
    return cell if len(cell) <= size else f"{cell[: max(size - 1, 0)]}…"
