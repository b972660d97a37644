"""The scored rows of a task, asked where they lie: DuckDB reads the columns of parquet files that a question needs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from curation.cli import _sql, _tables
from curation.core import files, kinds, paths, records
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from curation.review.log import Decision

MEGABYTES = 300
"""What DuckDB may take; what needs more goes to a temporary file."""
CELLS = ("id", "quality", "flags", "label", "text", "label_quality.given_label", "label_quality.suggested_label")
"""The columns of a line on the screen."""


class Store:
    """Train rows of one task with their scores, by place (0 = the first record)."""

    def __init__(self, name: str):
        """Open the files of task ``name``; raise :class:`CairnError` when a stage has not run."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.name = name
        self.task = _tables.task(name)
        self._files = {"rows": paths.quality(name), "records": paths.fetched("intermediate", name) / "train.parquet"}
        for file in self._files.values():
            if not file.exists():
                raise CairnError(f"{file} is missing. Run `dvc repro` to make it.")
        schemas = {part: pq.read_schema(file) for part, file in self._files.items()}
        self._names = {part: schema.names for part, schema in schemas.items()}
        shape = pa.Table.from_batches([], schemas["records"])
        self.kind = records.kind_of(shape)
        self._lock = threading.Lock()  # one connection, asked from the threads that keep the screen alive
        self.frame = self._open(shape)
        if self.frame.rows != pq.read_metadata(self._files["records"]).num_rows:
            raise CairnError(f"{self._files['rows']} scores other rows than {name} has. Run `dvc repro quality`.")

    def _open(self, shape: pa.Table) -> _sql.Frame:
        added = [
            f"{sql} AS {_sql.quote(column)}"
            for column, sql in _tables.content(shape, self.name)
            if column not in self._names["rows"]
        ]
        own = ", ".join(f"rows.{_sql.quote(name)}" for name in self._names["rows"] if name != "decision")
        # Both files have the same rows in the same order; decisions are those of the log, not of the last `dvc repro`.
        select = (
            f"SELECT {own}, decided.decision, decided.author, {', '.join(added)}, rows.file_row_number AS place "  # noqa: S608
            "FROM rows JOIN records ON rows.file_row_number = records.file_row_number "
            "LEFT JOIN decided ON decided.id = rows.id"
        )
        return _sql.file_frame(
            self._files,
            "CREATE TEMP TABLE decided (id VARCHAR, decision VARCHAR, author VARCHAR)",
            select,
            self.name,
            MEGABYTES,
        )

    def say(self, decisions: Iterable[Decision]) -> None:
        """Make the columns ``decision`` and ``author`` of these rows what was decided; ``open`` = nothing."""
        with self._lock:
            for one in decisions:
                self.frame.connection.execute("DELETE FROM decided WHERE id = $1", [one.id])
                if one.decision != "open":
                    self.frame.connection.execute(
                        "INSERT INTO decided VALUES ($1, $2, $3)", [one.id, one.decision, one.author]
                    )

    def places(self, where: str = "", sort: str = "quality", descending: bool = False) -> npt.NDArray[np.int64]:
        """Return the places of the rows that satisfy ``where``, by column ``sort``, nulls last, ties by place.

        Raises :class:`CairnError` for a mistake in the expression, as ``curation show --where`` does.
        """
        order = f"{_sql.quote(sort)} {'DESC' if descending else 'ASC'} NULLS LAST, place"
        with self._lock:
            return _sql.column(self.frame, "place", where, order)

    def count_decided(self, where: str = "") -> int:
        """Return how many of the rows that satisfy ``where`` somebody has decided about."""
        with self._lock:
            return _sql.count(self.frame, f"({where}\n) AND decision IS NOT NULL" if where else "decision IS NOT NULL")

    @property
    def sortable(self) -> list[str]:
        """Columns with one number or a short text a row: what one sorts by."""
        plain = ("quality", "label", "decision", "author", "id", "lang", "place")
        scores = [name for name in self._names["rows"] if f"{name}.why" in self._names["rows"]]
        return [name for name in (plain[0], *scores, *plain[1:]) if name in self.frame.columns]

    def lines(self, places: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return place to the cells of :data:`CELLS` (those that there are)."""
        return self._at(places, [name for name in CELLS if name in self.frame.columns])

    def _at(self, places: Sequence[int], columns: Sequence[str]) -> dict[int, dict[str, Any]]:
        if not len(places):
            return {}
        wanted = ", ".join(str(int(place)) for place in places)
        with self._lock:
            found = _sql.ask(self.frame, ["place", *columns], f"place IN ({wanted})")
        return {row[0]: dict(zip(columns, row[1:], strict=True)) for row in found}

    def scored(self, place: int) -> dict[str, Any]:
        """Return everything that the quality table says of a row."""
        return self._at([place], list(self._names["rows"]))[place]

    def record(self, place: int) -> dict[str, Any]:
        """Return the record of a row, as :mod:`curation.core.records` has it."""
        return self.all_records([place])[place]

    def all_records(self, places: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return place to record."""
        wanted = ", ".join(str(int(place)) for place in places)
        names = ", ".join(_sql.quote(name) for name in self._names["records"])
        query = f"SELECT file_row_number, {names} FROM records WHERE file_row_number IN ({wanted})"  # noqa: S608
        with self._lock:
            found = self.frame.connection.execute(query).fetchall()
        return {row[0]: dict(zip(self._names["records"], row[1:], strict=True)) for row in found}

    def place_of(self, ids: Sequence[str]) -> dict[str, int]:
        """Return id to place; ids that the task does not have are not there."""
        query = "SELECT id, file_row_number FROM rows WHERE list_contains($1, id)"
        with self._lock:
            return dict(self.frame.connection.execute(query, [list(ids)]).fetchall())

    def near(self, place: int, count: int) -> list[tuple[int, float]]:
        """Return the nearest rows and their cosine; none where no stage has looked for them."""
        folder = paths.neighbours(self.name)
        if not (folder / "indices.npy").exists():
            return []
        indices, similarity = (files.open_array(folder / name) for name in ("indices.npy", "similarity.npy"))
        if len(indices) != self.frame.rows:
            return []
        pairs = zip(indices[place].tolist(), similarity[place].tolist(), strict=True)
        return [(at, close) for at, close in pairs if at >= 0][:count]

    def facets(self, where: str = "") -> dict[str, list[tuple[str, int]]]:
        """Return the counts of flags, labels and decisions among the rows that satisfy ``where``, largest first."""
        found = {}
        for title, value in (("flag", "unnest(flags)"), ("label", "label"), ("decision", "decision")):
            if title == "label" and kinds.KINDS[self.kind].named != "row":
                continue
            with self._lock:
                counted = _sql.counts(self.frame, value, where)
            found[title] = [(str(name), count) for name, count in counted if name is not None]
        return found
