"""What can be run ahead of DVC, and what DVC will likely come to: functions of what DVC has said so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from curation.check.flow import GATES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from curation.check.flow import Run


@dataclass
class Course:
    """How far DVC is, and what was run ahead of it. Names are those that DVC has for runs."""

    runs: Mapping[str, Run]
    """In the order in which DVC comes to them."""
    known: frozenset[str] = frozenset()
    """What dvc.lock held at the start: DVC may find that it did not change."""
    ran: set[str] = field(default_factory=set)
    """DVC started them; the last one may be at work still."""
    passed: set[str] = field(default_factory=set)
    """Their outputs lie there, and DVC is past them."""
    begun: set[str] = field(default_factory=set)
    """Begun ahead, however they ended."""
    made: set[str] = field(default_factory=set)
    """Run ahead to their end."""
    now: str | None = None

    def heard(self, name: str, runs: bool) -> None:
        """DVC comes to ``name``, which ``runs`` or is as it was: what it was at before is done."""
        if self.now is not None:
            self.passed.add(self.now)
        self.now = name if runs else None
        (self.ran if runs else self.passed).add(name)

    def ready(self) -> Iterator[str]:
        """Yield what can be run ahead and is likely wanted, the last that DVC comes to first.

        DVC begins at the front: so the two meet, and the one does not wait for the other at every run.
        """
        for name in reversed(list(self.runs)):
            if name not in self.ran | self.passed | self.begun and self._can(name) and self._likely(name):
                yield name

    def _can(self, name: str) -> bool:
        """Tell whether all that a run reads is there; outputs made ahead count where they are read as a whole."""
        reads = self.runs[name].reads
        return bool(reads) and all(
            set(makers) <= self.passed
            or all(one in self.passed or (one in self.made and dep in self.runs[one].outs) for one in makers)
            for dep, makers in reads.items()
        )

    def _likely(self, name: str) -> bool:
        """Tell whether DVC will run it: it has not before, or what it reads or another run of its stage was run now."""
        run = self.runs[name]
        fresh = {one for one in self.ran | self.made if self.runs[one].stage.name not in GATES}
        like = {one for one in fresh if self.runs[one].stage is run.stage}
        return bool(self.ran) and (name not in self.known or bool(like or fresh & set(run.needs)))

    def above(self, name: str) -> dict[str, str]:
        """Return each dependency of a run that was made ahead and that DVC has not come to, and by which run."""
        reads = self.runs[name].reads
        return {dep: one for dep, makers in reads.items() for one in makers if one not in self.passed}
