"""The log of decisions, ``reviews/<task>.jsonl``: one line a decision, added at the end, never changed.

A line holds ``id``, ``row`` (a hash of the content and label that were looked at), ``decision``, ``label`` (the new
one, as the record would hold it), ``author``, ``time`` (ISO 8601, UTC) and ``note``. The last line of an id counts.
"""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from curation.core import files, kinds, paths, strict_json
from curation.core.errors import CairnError
from curation.core.locks import locked
from curation.core.task import Kind
from curation.review import VERDICTS


@dataclass(frozen=True)
class Decision:
    """What one person decided about one row."""

    id: str
    row: str
    """The row as it was then, from :func:`fingerprint`."""
    decision: str
    """One of :data:`curation.review.VERDICTS`, or ``open``: taken back."""
    label: Any = None
    """relabel: the value of the record's label column."""
    author: str = ""
    time: str = ""
    note: str = ""

    @property
    def said(self) -> tuple[str, Any]:
        """What was decided, whoever said it when."""
        return self.decision, json.dumps(self.label, sort_keys=True)


@dataclass(frozen=True)
class Outcome:
    """What became of decisions that were brought."""

    added: list[Decision]
    same: list[Decision]
    """Said already: the same decision on the same row."""
    conflicts: list[tuple[Decision, Decision]]
    """The new decision, and the other one that stands and was not overwritten."""
    changed: list[str]
    """Ids of rows that are not what was looked at any more."""
    gone: list[str]
    """Ids that the task does not have."""


def fingerprint(kind: Kind, row: Mapping[str, Any]) -> str:
    """Return 12 hex digits that change with the content or the label of ``row``.

    >>> one = fingerprint("pair", {"text_a": "a", "text_b": "b", "label": 0})
    >>> one == fingerprint("pair", {"text_a": "a", "text_b": "b", "label": 1})
    False
    """
    values = [row[name] for name, _ in kinds.KINDS[kind].fields]
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def author() -> str:
    """Return the name that decisions are signed with: that of git, else of the account."""
    import subprocess

    try:
        found = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True, check=False).stdout  # noqa: S607
    except OSError:
        found = ""
    return found.strip() or getpass.getuser()


def now() -> str:
    """Return the time to the second, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(task: str) -> list[Decision]:
    """Return all decisions of ``task`` in their order; none when there is no file.

    Raises :class:`CairnError` naming the line that is no decision, as after a bad merge.
    """
    file = paths.reviews(task)
    if not file.exists():
        return []
    found = []
    for number, line in enumerate(_text(file).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            one = Decision(**strict_json.loads(line))
        except (ValueError, TypeError) as error:
            raise CairnError(f"{file}: line {number} is no decision ({error}). Mend it, or delete the line.") from None
        if one.decision not in (*VERDICTS, "open"):
            raise CairnError(f"{file}: line {number}: decision is {one.decision!r}. Allowed: {', '.join(VERDICTS)}.")
        found.append(one)
    return found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise CairnError(f"{file}: line {line} is not valid UTF-8. Mend it, or take the file back from git.") from None


def standing(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """Return id to its last decision, without those taken back."""
    last = {one.id: one for one in decisions}
    return {id_: one for id_, one in last.items() if one.decision != "open"}


def append(task: str, decisions: Iterable[Decision]) -> Path:
    """Add ``decisions`` at the end of the log and return its path; those before stay as they are, byte for byte."""
    file = paths.reviews(task)
    lines = [json.dumps(asdict(one), ensure_ascii=False, sort_keys=True) for one in decisions]
    with locked(files.cache_folder("locks") / f"{task}.reviews", f"writes {file}"):
        before = _text(file) if file.exists() else ""
        files.write_text(file, before + "".join(f"{line}\n" for line in lines))
    return file


def bring(task: str, brought: Iterable[Decision], rows: Mapping[str, str], replace: bool = False) -> Outcome:
    """Add what is new in ``brought`` to the log; what contradicts a standing decision is only told.

    ``rows``: id to the fingerprint of the row as it is now. ``replace``: a new decision overwrites another one.
    """
    there = standing(read(task))
    found = Outcome([], [], [], [], [])
    for one in brought:
        if one.id not in rows:
            found.gone.append(one.id)
        elif one.row != rows[one.id]:
            found.changed.append(one.id)
        elif one.id not in there or (replace and there[one.id].said != one.said):
            found.added.append(one)
            there[one.id] = one
        elif there[one.id].said == one.said:
            found.same.append(one)
        else:
            found.conflicts.append((one, there[one.id]))
    if found.added:
        append(task, found.added)
    return found
