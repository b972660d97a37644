"""SQLite files that keep work between runs: one descriptor each, whole after a kill, shared by processes.

A damaged one is named, set aside and made again: what it kept is work, and can be done again.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from curation.core.aside import clear, set_aside
from curation.core.locks import locked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")
PAGE = 16384
"""Bytes per page: values are long."""
_ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)
"""The second: a message of SQLite's that quotes damaged bytes."""
SECONDS = 600.0
"""How long a process waits for another one's transaction."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_ERROR)
"""What SQLite reports of a damaged file; the last is an error in SQL, and ours is always the same."""


class Database:
    """A SQLite file with the tables of ``schema`` (``create table if not exists ...``), opened for each piece of work.

    Values are the caller's to check: SQLite notices damage of its structure, not of what it stores.
    """

    def __init__(self, path: Path, schema: str):
        self.path, self._schema = path, schema

    def do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return ``work(connection)``, done in one transaction: all of it or, after an error or a kill, nothing.

        When the file turns out to be damaged, the work is done again on an empty one.
        """
        try:
            return self._try(work)
        except _ERRORS as error:
            if not _damaged(error):
                raise
        with locked(self.path.with_name(f"{self.path.name}.lock"), "makes a damaged cache again"):
            try:  # another process may have made it again
                return self._try(work)
            except _ERRORS as error:
                if not _damaged(error):
                    raise
                self.set_aside(str(error))
            return self._try(work)

    def _try(self, work: Callable[[sqlite3.Connection], T]) -> T:
        clear(self.path)
        with closing(sqlite3.connect(self.path, timeout=SECONDS)) as database:
            database.text_factory = bytes  # of damaged values nothing is decoded before its checksum was looked at
            database.execute(f"pragma page_size={PAGE}")
            with database:
                database.executescript(self._schema)
                return work(database)

    def set_aside(self, why: str) -> None:
        """Give the file another name, and say so; the next work makes it again."""
        set_aside(self.path, why)
        self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)


def _damaged(error: Exception) -> bool:
    return isinstance(error, UnicodeDecodeError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
