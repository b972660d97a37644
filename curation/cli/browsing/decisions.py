"""What one person decides at one task, written to its log as it is decided, and taken back in turn."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError
from curation.review import VERDICTS, log
from curation.review.log import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping


class Desk:
    """The decisions that stand, and those made here, the newest last."""

    def __init__(self, name: str, author: str):
        self.name, self.author = name, author
        self.standing = log.standing(log.read(name))
        self._before: list[tuple[Decision, Decision | None]] = []

    def decide(self, mark: str, id_: str, verdict: str, label: Any = None) -> Decision:
        """Write a decision about a row whose fingerprint is ``mark``.

        Raises :class:`CairnError` when somebody else has decided about the row since it was last looked at; what they
        said then stands here too.
        """
        before = self.standing.get(id_)
        now = log.standing(log.read(self.name))
        if now.get(id_) != before:
            self.standing = now
            there = now.get(id_)
            said = f"{there.decision} by {there.author}, {there.time}" if there else "taken back"
            raise CairnError(f"{id_} was decided elsewhere meanwhile: {said}. Look again, and press the key once more.")
        made = Decision(id_, mark, verdict, label, self.author, log.now())
        self._write(made)
        self._before.append((made, before))
        return made

    def undo(self) -> Decision | None:
        """Take back the last decision made here; return what stands now, ``None`` when none is left."""
        if not self._before:
            return None
        made, before = self._before.pop()
        back = before or Decision(made.id, made.row, "open", None, self.author, log.now())
        self._write(back)
        return back

    def _write(self, one: Decision) -> None:
        log.append(self.name, [one])
        if one.decision == "open":
            self.standing.pop(one.id, None)
        else:
            self.standing[one.id] = one

    @property
    def made(self) -> int:
        """How many decisions were made here and stand."""
        return len(self._before)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many rows stand at each verdict, in the order of the verdicts."""
        found = Counter(one.decision for one in self.standing.values())
        return {verdict: found[verdict] for verdict in VERDICTS}
