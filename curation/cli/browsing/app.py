"""The interface of ``curation browse``."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Footer, Input, Static

from curation.cli.browsing import story
from curation.cli.browsing.choosers import Choose, Keys, Write
from curation.cli.browsing.decisions import Desk
from curation.cli.browsing.grid import Grid
from curation.core import kinds, records
from curation.core.errors import CairnError
from curation.review import labels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from textual.app import ComposeResult

    from curation.cli.browsing.store import Store
    from curation.review.log import Decision


class Browse(App[None]):
    """Rows above, one of them in full below; every decision is written as it is made."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "decide('keep')", "Keep"),
        Binding("r", "relabel", "Relabel"),
        Binding("l", "label", "Label…", show=False),
        Binding("d", "decide('drop')", "Drop"),
        Binding("u", "decide('unsure')", "Unsure"),
        Binding("z", "undo", "Undo"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("f", "facets", "Facets"),
        Binding("s", "sort", "Sort"),
        Binding("o", "reverse", "Other way", show=False),
        Binding("n", "next", "Next", show=False),
        Binding("enter", "zoom", "Read", show=False),
        Binding("left_square_bracket", "scroll(-1)", "Up", show=False),
        Binding("right_square_bracket", "scroll(1)", "Down", show=False),
        Binding("escape", "back", "Back", show=False),
        Binding("question_mark", "keys", "Keys", key_display="?"),
        Binding("q", "quit", "Quit"),
    ]

    def __init__(self, store: Store, author: str, where: str = ""):
        super().__init__()
        self.store, self.desk = store, Desk(store.name, author)
        self.where, self.sort, self.descending = where, "quality", False
        self.story: story.Story | None = None
        self.flagged = self.decided_here = 0
        self.seconds: dict[str, float] = {}
        """How long the last question of each kind took."""

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Static(id="top", markup=False)
        example = "/ filter, such as: label_quality < 0.1 AND label = 'x'"
        yield Input(self.where, placeholder=example, id="where", select_on_focus=False)
        yield Grid("rows")
        with VerticalScroll(id="row", can_focus=True):
            yield Static(id="story")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Ask for the rows."""
        self.store.say(self.desk.standing.values())
        self.grid.decided = self.desk.standing
        self.grid.focus()
        self.find(self.where)

    @property
    def grid(self) -> Grid:
        """The table."""
        return self.query_one(Grid)

    # --- finding

    @work(thread=True, exclusive=True, group="find")
    def find(self, where: str) -> None:
        """Ask which rows satisfy ``where``, in which order, and show them; after a mistake all stays as it is."""
        began = time.perf_counter()
        try:
            places = self.store.places(where, self.sort, self.descending)
            decided = self.store.count_decided(where) if self.desk.standing else 0
        except CairnError as error:
            self.call_from_thread(self.notify, str(error), severity="error", timeout=12, markup=False)
            return
        self.seconds["find"] = time.perf_counter() - began
        self.call_from_thread(self._found, where, places, decided)

    def _found(self, where: str, places: npt.NDArray[np.int64], decided: int) -> None:
        self.where, self.decided_here = where, decided
        self.query_one("#where", Input).value = where
        self.grid.show(places)
        self._say()
        if not len(places):
            self.story = None
            self.query_one("#story", Static).update("No row matches. / changes the filter.")

    def _say(self) -> None:
        """Write what is shown and how far one is."""
        rows, counts = len(self.grid.places), self.desk.counts
        parts = [f"{self.store.name}: {rows:,} of {self.store.frame.rows:,} rows"]
        parts.append(f"decided {self.decided_here:,}")
        parts += [f"{count:,} {verdict}" for verdict, count in counts.items() if count]
        way = "↓" if self.descending else "↑"
        parts.append(f"by {self.sort} {way}" if self.sort != "quality" or self.descending else "worst first")
        self.query_one("#top", Static).update(" · ".join(parts))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Filter."""
        if event.input.id == "where":
            self.grid.focus()
            self.find(event.value.strip())

    def on_grid_wanted(self, event: Grid.Wanted) -> None:
        """Read lines that are on the screen."""
        self.read_lines(list(event.places))

    @work(thread=True, group="lines")
    def read_lines(self, places: list[int]) -> None:
        """Read lines and show them."""
        began = time.perf_counter()
        lines = self.store.lines(places)
        self.seconds["lines"] = time.perf_counter() - began
        self.call_from_thread(self.grid.feed, lines)

    def on_grid_moved(self, _: Grid.Moved) -> None:
        """Read the row under the cursor."""
        if self.grid.place is not None:
            self.read_row(self.grid.place)

    @work(thread=True, exclusive=True, group="row")
    def read_row(self, place: int) -> None:
        """Read one row and those it points to, and show them."""
        time.sleep(0.03)  # while a key is held down, only the row it stops at is read
        if self.grid.place != place:
            return
        began = time.perf_counter()
        told = story.tell(self.store, place)
        self.seconds["row"] = time.perf_counter() - began
        self.call_from_thread(self._told, told)

    def _told(self, told: story.Story) -> None:
        if told.place == self.grid.place:
            self.story = told
            self._draw()
            self.query_one("#row").scroll_home(animate=False)

    def _draw(self) -> None:
        if self.story is None:
            return
        decision = self.desk.standing.get(self.story.record["id"])
        label = (
            story.shown(self.store, self.story.record, decision.label)
            if decision and decision.decision == "relabel"
            else None
        )
        fields = records.content_fields(self.store.kind)
        self.query_one("#story", Static).update(story.text(self.story, decision, label, fields))

    def action_filter(self) -> None:
        """Go to the filter."""
        self.screen.remove_class("zoomed")
        self.query_one("#where").focus()

    async def action_back(self) -> None:
        """Go to the table."""
        self.screen.remove_class("zoomed")
        self.query_one("#where", Input).value = self.where
        self.grid.focus()

    @work
    async def action_facets(self) -> None:
        """Choose a flag, label or decision to filter by."""
        found = await asyncio.to_thread(self.store.facets, self.where)
        options = [("decision IS NULL", "decision  none yet")]
        for title, counted in found.items():
            for name, count in counted:
                text = name.replace("'", "''")
                sql = f"list_contains(flags, '{text}')" if title == "flag" else f"{title} = '{text}'"
                options.append((sql, f"{title:9} {count:>9,}  {name}"))
        sql = await self.push_screen_wait(Choose("Rows that have (added to the filter):", options))
        if sql is not None:
            self.find(f"({self.where}) AND {sql}" if self.where else sql)

    @work
    async def action_sort(self) -> None:
        """Choose the column to sort by."""
        columns = self.store.sortable
        at = columns.index(self.sort) if self.sort in columns else 0
        chosen = await self.push_screen_wait(Choose("Sort by:", [(name, name) for name in columns], at))
        if chosen is not None:
            self.sort, self.descending = chosen, False
            self.find(self.where)

    def action_reverse(self) -> None:
        """Sort the other way round."""
        self.descending = not self.descending
        self.find(self.where)

    @work(thread=True, exclusive=True, group="next")
    def action_next(self) -> None:
        """Go to the next row without a decision."""
        import numpy as np

        decided = set(self.store.place_of(list(self.desk.standing)).values())
        rest = self.grid.places[self.grid.cursor + 1 :]
        ahead = np.flatnonzero(~np.isin(rest, np.array(sorted(decided), rest.dtype)))[:1].tolist()
        if ahead:
            self.call_from_thread(self.grid.action_move, ahead[0] + 1)
        else:
            self.call_from_thread(self.notify, "There is none below.")

    # --- reading

    def action_zoom(self) -> None:
        """Show the row on the whole screen, or the table again."""
        self.screen.toggle_class("zoomed")
        self.query_one("#row" if self.screen.has_class("zoomed") else "#rows").focus()

    def action_scroll(self, by: int) -> None:
        """Scroll the row by half of what is seen of it."""
        part = self.query_one("#row")
        part.scroll_relative(y=by * max(part.size.height // 2, 1), animate=False)

    def action_keys(self) -> None:
        """Show the keys."""
        self.push_screen(Keys())

    # --- deciding

    def action_decide(self, verdict: str) -> None:
        """Decide about the row under the cursor."""
        self._decide(verdict)

    def _decide(self, verdict: str, label: Any = None) -> None:
        told = self.story
        if told is None or told.place != self.grid.place:
            return  # the row that is shown is not the one under the cursor yet
        id_ = told.record["id"]
        before = id_ in self.desk.standing
        try:
            made = self.desk.decide(told.mark, id_, verdict, label)
        except CairnError as error:
            self.grid.decided = self.desk.standing
            self.notify(str(error), severity="warning", timeout=12, markup=False)
            self._draw()
            return
        self.decided_here += not before
        self._noted(made)
        if self.grid.cursor + 1 < len(self.grid.places):
            self.grid.action_move(1)
        else:
            self._draw()

    def _noted(self, one: Decision) -> None:
        self.store.say([one])
        self.grid.refresh()
        self._say()

    def action_undo(self) -> None:
        """Take back the last decision made here, and go to its row."""
        back = self.desk.undo()
        if back is None:
            self.notify("Nothing to undo: no decision was made here.")
            return
        self.decided_here -= back.decision == "open"
        self._noted(back)
        place = self.store.place_of([back.id]).get(back.id)
        at = (self.grid.places == place).nonzero()[0].tolist()
        if at and at[0] != self.grid.cursor:
            self.grid.action_move(at[0] - self.grid.cursor)
        else:
            self._draw()
        self.notify(f"{back.id}: {'no decision' if back.decision == 'open' else back.decision} again.", timeout=3)

    def action_relabel(self) -> None:
        """Relabel as suggested; without a suggestion, ask."""
        if self.story is not None and self.story.suggested is not None:
            self._decide("relabel", self.story.suggested)
        else:
            self.action_label()

    @work
    async def action_label(self) -> None:
        """Ask for a label, and relabel."""
        told, kind = self.story, self.store.kind
        if told is None:
            return
        if kinds.KINDS[kind].label is None:
            self.notify(f"Rows of kind {kind} have no label.")
            return
        names = (
            list(self.store.task.labels) if kinds.KINDS[kind].named == "row" else list(told.record.get("choices") or ())
        )
        if names:
            now = told.said or told.given
            at = names.index(now) if now in names else 0
            said = await self.push_screen_wait(Choose("The right label:", [(name, name) for name in names], at))
        else:
            title = (
                "Tags, one a word:"
                if kind == "tags"
                else f"The answer as it stands in the text, or {labels.NO_ANSWER}:"
            )
            said = await self.push_screen_wait(Write(title, told.said or told.given or ""))
        if said is None:
            return
        try:
            value = labels.parse(kind, said, told.record, self.store.task.labels, told.record["id"])
        except CairnError as error:
            self.notify(str(error), severity="error", timeout=12, markup=False)
            return
        self._decide("relabel", value)
