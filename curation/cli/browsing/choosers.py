"""What the interface asks in front of the table: a choice from a list, a line of text, the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

KEYS = """\
Decide (the next row follows)
  k  keep       the label is right
  r  relabel    as suggested; without a suggestion, choose
  l  label      choose another label, or write one
  d  drop       the row should not be used
  u  unsure     z  undo the last decision, and those before
Find
  /  filter     one SQL expression, as in curation show --where
  f  facets     flags, labels, decisions, with their counts
  s  sort       by another column    o  the other way round
  n  next       row that nobody has decided about
Read
  enter         the row on the whole screen, and back
  [  ]          scroll the row       tab  from part to part
  esc           back to the table    q  quit

Decisions are lines of reviews/TASK.jsonl, written at once,
with your name and the time. Afterwards: dvc repro"""


class Choose(ModalScreen[str]):
    """One of a list."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, title: str, options: Sequence[tuple[str, str]], at: int = 0):
        """Show ``options``, (value, text), the cursor on number ``at``."""
        super().__init__()
        self._title, self._options, self._at = title, options, at

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            # A value may be any text of the data, which an option's id may not.
            yield OptionList(*[Option(text) for _, text in self._options], markup=False)

    def on_mount(self) -> None:
        """Put the cursor where it was."""
        listed = self.query_one(OptionList)
        listed.highlighted = self._at if self._options else None
        listed.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(self._options[event.option_index][0])


class Write(ModalScreen[str]):
    """A line of text."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Back")]

    def __init__(self, title: str, value: str):
        super().__init__()
        self._title, self._value = title, value

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical(classes="box"):
            yield Static(self._title, classes="title", markup=False)
            yield Input(self._value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer."""
        self.dismiss(event.value)


class Keys(ModalScreen[None]):
    """The keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss(None)", "Back"),
    ]

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical(classes="box"):
            yield Static(KEYS, markup=False)
