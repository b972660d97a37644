"""SQL over one table in memory: one expression at a time, no files, no settings, errors that name the columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.core.errors import CairnError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import duckdb
    import numpy.typing as npt
    import pyarrow as pa

_QUOTED = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")""")


@dataclass(frozen=True)
class Frame:
    """A table ready to be asked: the view ``t`` of ``connection``."""

    connection: duckdb.DuckDBPyConnection
    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: int
    title: str
    shown: tuple[str, ...]
    """The columns that fit 80 characters and are shown unless others are asked for."""
    sort: str
    """The order to show rows in unless another is asked for; empty = as they lie."""


def quote(name: str) -> str:
    """Return ``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


_SEALED: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def connect(tables: dict[str, pa.Table]) -> duckdb.DuckDBPyConnection:
    """Return a database that holds ``tables`` and can reach nothing else: no files, no extensions, no settings."""
    import duckdb

    connection = duckdb.connect(":memory:", config={**_SEALED, "enable_external_access": "false"})
    for name, table in tables.items():
        connection.register(name, table)
    connection.execute("SET lock_configuration = true")
    return connection


def frame(tables: dict[str, pa.Table], select: str, title: str, shown: Iterable[str] = (), sort: str = "") -> Frame:
    """Return the frame whose rows are those of the query ``select`` over ``tables``."""
    return _described(connect(tables), select, title, shown, sort)


def _described(
    connection: duckdb.DuckDBPyConnection, select: str, title: str, shown: Iterable[str] = (), sort: str = ""
) -> Frame:
    connection.execute(f"CREATE TEMP VIEW t AS {select}")
    described = connection.execute("DESCRIBE t").fetchall()
    columns = tuple(str(row[0]) for row in described)
    counted = connection.execute("SELECT count(*) FROM t").fetchone()
    assert counted is not None
    wanted = tuple(name for name in shown if name in columns) or columns
    return Frame(connection, columns, tuple(str(row[1]) for row in described), int(counted[0]), title, wanted, sort)


def file_frame(files: dict[str, Path], tables: str, select: str, title: str, megabytes: int) -> Frame:
    """Return the frame of a query over parquet files that stay where they are, and empty tables that SQL makes.

    The files' rows have ``file_row_number``. Nothing else of the disk can be reached; DuckDB takes ``megabytes``.
    """
    import duckdb

    connection = duckdb.connect(":memory:", config={**_SEALED, "memory_limit": f"{megabytes}MB"})
    whole = {name: str(file.resolve()).replace("'", "''") for name, file in files.items()}
    allowed = ", ".join(f"'{file}'" for file in whole.values())
    connection.execute(f"SET allowed_paths = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    for name, file in whole.items():
        connection.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM read_parquet('{file}', file_row_number = true)")  # noqa: S608
    connection.execute(tables)  # not registered from Arrow: DuckDB then imports pandas, 50 MB and a third of a second
    connection.execute("SET lock_configuration = true")
    return _described(connection, select, title)


def quote_dotted(expression: str, columns: Sequence[str]) -> str:
    r"""Return ``expression`` with the names of ``columns`` that hold a dot quoted, outside quotes only.

    >>> quote_dotted("near.twin = 'near.twin' AND x > 0", ["near.twin", "x"])
    '"near.twin" = \'near.twin\' AND x > 0'
    """
    dotted = sorted((name for name in columns if not name.isidentifier()), key=len, reverse=True)
    if not dotted:
        return expression
    pattern = re.compile(r"(?<![\w.])(" + "|".join(map(re.escape, dotted)) + r")(?![\w.])")
    parts = _QUOTED.split(expression)
    return "".join(part if i % 2 else pattern.sub(lambda m: quote(m[1]), part) for i, part in enumerate(parts))


def ask(asked: Frame, columns: Sequence[str], where: str = "", sort: str = "", limit: int = 0) -> list[tuple[Any, ...]]:
    """Return the rows of ``columns`` that satisfy ``where``, in the order of ``sort``; ``limit`` 0 means all.

    Raises :class:`CairnError` for an unknown column or a mistake in an expression.
    """
    for name in columns:
        if name not in asked.columns:
            raise unknown("column", name, asked.columns, "--columns")
    query = f"SELECT {', '.join(map(quote, columns))} FROM t{_rest(asked, where, sort)}"  # noqa: S608 - checked, and nothing can be reached
    return _run(asked, query + (f" LIMIT {int(limit)}" if limit else ""), "--where" if where else "--sort").fetchall()


def column(asked: Frame, name: str, where: str = "", sort: str = "") -> npt.NDArray[Any]:
    """Return one column of the rows that :func:`ask` would give, as an array and no Python objects."""
    query = f"SELECT {quote(name)} FROM t{_rest(asked, where, sort)}"  # noqa: S608
    found: Any = _run(asked, query, "--where" if where else "--sort").fetchnumpy()[name]
    array: npt.NDArray[Any] = found
    return array


def counts(asked: Frame, value: str, where: str = "") -> list[tuple[Any, int]]:
    """Return how often each ``value`` (SQL of ours) occurs among the rows that satisfy ``where``, most often first."""
    query = f"SELECT v, count(*) n FROM (SELECT {value} v FROM t{_rest(asked, where)}) GROUP BY v ORDER BY n DESC, v"  # noqa: S608
    return [(row[0], int(row[1])) for row in _run(asked, query, "--where").fetchall()]


def _rest(asked: Frame, where: str, sort: str = "") -> str:
    _expression(asked, where, "--where", "SELECT 1 FROM t WHERE ({}\n)")
    _expression(asked, sort, "--sort", "SELECT 1 FROM t ORDER BY {}\n")
    said = f" WHERE ({quote_dotted(where, asked.columns)}\n)" if where else ""
    return said + (f" ORDER BY {quote_dotted(sort, asked.columns)}\n" if sort else "")


def count(asked: Frame, where: str = "") -> int:
    """Return how many rows satisfy ``where``."""
    found = _run(asked, f"SELECT count(*) FROM t{_rest(asked, where)}", "--where").fetchall()  # noqa: S608
    return int(found[0][0])


def _expression(asked: Frame, expression: str, option: str, query: str) -> None:
    """Raise unless ``expression`` is one expression: ``1) ; COPY ...`` would otherwise be three statements."""
    import duckdb

    if not expression:
        return
    try:
        statements = asked.connection.extract_statements(query.format(quote_dotted(expression, asked.columns)))
    except duckdb.Error as error:
        raise _explained(asked, error, option) from None
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise CairnError(f"{option}: give one SQL expression, not several statements: {expression}")


def _run(asked: Frame, query: str, option: str) -> duckdb.DuckDBPyConnection:
    import duckdb

    try:
        return asked.connection.execute(query)
    except duckdb.Error as error:
        raise _explained(asked, error, option) from None


def _explained(asked: Frame, error: Exception, option: str) -> CairnError:
    message = str(error).split("\n\nLINE ")[0].split("\n")[0]
    missing = re.search(r'Referenced (?:column|table) "([^"]+)" not found', message)
    if missing:
        return unknown("column", missing[1], asked.columns, option)
    message = re.sub(r"^\w+ Error: ", "", message)
    names = ", ".join(name if name.isidentifier() else quote(name) for name in asked.columns)
    return CairnError(f"{option}: {message}\nWrite one SQL expression over the columns {names}.")
