"""Which table a command looks at: scores of a task with its text beside them, another table, or any parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from curation.cli._sql import Frame, frame, quote
from curation.core import kinds, paths
from curation.core.errors import CairnError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

    from curation.core.params import Experiment
    from curation.core.task import Task

TABLES = (
    "quality",
    "scores/SCORER",
    "subset",
    "dropped",
    "predictions",
    "train",
    "dev",
    "test",
    "translated/LANG",
    "checks/LANG",
)


def experiment() -> Experiment:
    """Return the experiment of params.yaml, with the user's task folder known to the registry."""
    from curation.core import experiment

    return experiment.read()


def task(name: str) -> Task:
    """Return the facts of task ``name``; raises :class:`CairnError` for an unknown one."""
    from curation import tasks

    found: Task = tasks.load(name, "curation")
    return found


def pick(name: str | None) -> str:
    """Return ``name``, or the one intermediate task of params.yaml; with several, ask for a name."""
    if name is not None:
        return name
    found = experiment().intermediate
    if len(found) > 1:
        raise CairnError(f"params.yaml names {len(found)} intermediate tasks; name one of {', '.join(found)}.")
    return found[0]


def ids(name: str, where: str, limit: int = 0) -> list[str]:
    """Return the ids of the train rows of ``name`` that satisfy ``where`` over its quality table, the worst first."""
    from curation.cli import _sql

    asked = open_frame(name, "quality")
    return [str(row[0]) for row in _sql.ask(asked, ["id"], where, asked.sort, limit)]


def is_file(what: str) -> bool:
    """Return whether ``what`` is meant as a path rather than as the name of a task."""
    return what.endswith(".parquet") or "/" in what


def open_frame(what: str | None, table: str | None) -> Frame:
    """Return the frame for a task (``None`` = the intermediate task) and a table name, or for a parquet file."""
    from curation.core import files

    if what is not None and is_file(what):
        if table is not None:
            raise CairnError(f"--table names a table of a task; {what} is a file already. Leave --table out.")
        if not Path(what).exists():
            raise CairnError(
                f"there is no file {what}. Name a parquet file or a task; a file that a stage makes is there after "
                "`dvc repro`."
            )
        return _frame(files.read_parquet(Path(what)), what, None)
    chosen, setup = pick(what), experiment()
    known = (*setup.intermediate, *setup.targets, *setup.retrieval)
    if chosen not in known:
        raise unknown("task", chosen, known, "params.yaml")
    if table is None:
        table = "quality" if chosen in setup.intermediate else "predictions"
    return _task_frame(chosen, table, setup)


def role_of(name: str, setup: Experiment) -> list[paths.Role]:
    """Return the roles that ``name`` has in params.yaml, in the order of the flow."""
    roles: dict[paths.Role, Sequence[str]] = {
        "intermediate": setup.intermediate,
        "target": setup.targets,
        "retrieval": setup.retrieval,
    }
    return [role for role in get_args(paths.Role) if name in roles[role]]


MADE: dict[paths.Role, tuple[str, ...]] = {
    "intermediate": ("quality", "scores", "subset", "translated", "checks", "train", "dev", "dropped"),
    "target": ("predictions", "train", "dev", "test", "dropped"),
    "retrieval": ("predictions", "dev", "test", "dropped"),
}
"""The tables that the stages make of a task in each role."""


def _role_with(name: str, kind: str, setup: Experiment) -> paths.Role:
    """Return the first role of ``name`` that has the table; raise :class:`CairnError` when none of them ever has."""
    roles = role_of(name, setup)
    for role in roles:
        if kind in MADE[role]:
            return role
    tables = sorted({table for role in get_args(paths.Role) for table in MADE[role]})
    if kind not in tables:
        raise unknown("table", kind, TABLES, "--table")
    having = dict.fromkeys(table for role in roles for table in TABLES if table.split("/")[0] in MADE[role])
    raise CairnError(
        f"--table {kind}: no stage makes it of {name}, which params.yaml names as {' and '.join(roles)}. "
        f"Tables: {', '.join(having)}."
    )


def _task_frame(name: str, table: str, setup: Experiment) -> Frame:
    from curation.core import files, params

    kind, _, part = table.partition("/")
    role = _role_with(name, kind, setup)
    if kind == "quality" or (kind == "scores" and part):
        path = paths.quality(name) if kind == "quality" else paths.scores(name, part)
        if kind == "scores" and part not in setup.judges:
            raise unknown("scorer", part, setup.judges, "--table scores/...")
        return _frame(
            files.read_parquet(path), str(path), name, _read(paths.fetched("intermediate", name) / "train.parquet")
        )
    if table == "subset":
        import pyarrow.compute as pc

        rows = files.read_parquet(paths.subset())
        records = _read(paths.fetched("intermediate", name) / "train.parquet")
        return _frame(rows.filter(pc.equal(rows["task"], name)), str(paths.subset()), name, records)
    if table == "predictions":
        return _predictions(name, setup, role)
    if table in ("train", "dev", "test", "dropped"):
        path = paths.fetched(role, name) / f"{table}.parquet"
        return _records_frame(path, name)
    if kind in ("translated", "checks") and part:
        made = (params.load().get("translate") or {}).get("languages") or []
        if part not in made:
            raise CairnError(
                f"--table {table}: no stage translates to {part}. Add {part} to translate.languages in params.yaml "
                f"and run `dvc repro`. There: {', '.join(map(str, made)) or 'none'}."
            )
        path = paths.translated(name, part) / ("train.parquet" if kind == "translated" else "checks.parquet")
        if kind == "translated":
            return _records_frame(path, name)
        return _frame(
            files.read_parquet(path), str(path), name, _read(paths.fetched("intermediate", name) / "train.parquet")
        )
    raise unknown("table", table, TABLES, "--table")


def _predictions(name: str, setup: Experiment, role: paths.Role) -> Frame:
    import pyarrow as pa

    from curation.core import files

    tables, missing = [], None
    for start in get_args(paths.Start):
        for seed in setup.seeds:
            path = paths.predictions(start, name, seed)
            if not path.exists():
                missing = missing or path
                continue
            rows = files.read_parquet(path)
            rows = rows.append_column("start", pa.array([start] * len(rows), pa.string()))
            tables.append(rows.append_column("seed", pa.array([seed] * len(rows), pa.int64())))
    if not tables:
        raise CairnError(f"{missing} is missing. Run `dvc repro` to make it.")
    joined = pa.concat_tables(tables, promote_options="default")
    return _frame(joined, f"predictions of {name}", name, _read(paths.fetched(role, name) / "test.parquet"))


def _read(path: Path) -> pa.Table | None:
    from curation.core import records

    return records.read(path) if path.exists() else None


def _records_frame(path: Path, name: str) -> Frame:
    from curation.core import files

    rows = files.read_parquet(path)
    if b"cairn.kind" not in (rows.schema.metadata or {}):
        return _frame(rows, str(path), name)
    keys = [column for column in ("id", "lang") if column in rows.column_names]
    return _frame(rows.select(keys), str(path), name, rows)


LABELS = "given → suggested"
"""A column for people: the label, and the one that label_quality suggests."""
ROW = ("id", "quality", "flags", LABELS, "text")
SHOWN = (
    ("quality", ROW),
    ("prediction", ("id", "lang", "start", "seed", "prediction", "gold")),
    ("rank", ("id", "lang", "rank", "kept", "reason", "text")),
    ("score", ("id", "score", "why", "text")),
    ("kept", ("id", "kept", "reason", "text")),
    ("row", ("split", "lang", "key", "reason", "row")),
    ("text", ("id", "lang", "label", "text")),
)
"""A column that tells what a table is, and the columns of it that fit 80 characters."""


def _frame(rows: pa.Table, title: str, name: str | None, records: pa.Table | None = None) -> Frame:
    """Return a frame of ``rows`` with the text, label and content fields of ``records`` joined by id (and lang)."""
    tables = {"rows": rows}
    select = "SELECT * FROM rows"
    if records is not None and "id" in rows.column_names:
        keys = [key for key in ("id", "lang") if key in rows.column_names]
        tables["records"] = records
        added = [
            f"{sql} AS {quote(column)}" for column, sql in content(records, name) if column not in rows.column_names
        ]
        if "quality" in rows.column_names:
            said = [dict(content(records, name))["label"], "NULL"]
            for at, column in enumerate(("label_quality.given_label", "label_quality.suggested_label")):
                if column in rows.column_names:  # of tags it speaks of the worst word
                    said[at] = f"coalesce(rows.{quote(column)}, {said[at]})"
            added.append(f"concat_ws(' → ', {said[0]}, {said[1]}) AS {quote(LABELS)}")
        # A subset holds translated rows too; their text is that of the original unless asked with translated/LANG.
        match = " AND ".join(
            f"rows.{key} = records.{key}" for key in (keys if _same_languages(rows, records) else ["id"])
        )
        select = f"SELECT rows.*, {', '.join(added)} FROM rows LEFT JOIN records ON {match}"  # noqa: S608
    known = {*rows.column_names, *(("text",) if "records" in tables else ())}
    shown = next((columns for column, columns in SHOWN if column in known), ())
    order = "quality" if "quality" in rows.column_names else "score" if "score" in rows.column_names else ""
    order = "rank NULLS LAST" if "kept" in rows.column_names and "rank" in rows.column_names else order
    return frame(tables, select, title, shown, f"{order}, id" if order and "id" in rows.column_names else order)


def _same_languages(rows: pa.Table, records: pa.Table) -> bool:
    import pyarrow.compute as pc

    if "lang" not in rows.column_names:
        return False
    return set(pc.unique(rows["lang"]).to_pylist()) <= set(pc.unique(records["lang"]).to_pylist())


def content(table: pa.Table, name: str | None) -> list[tuple[str, str]]:
    """Return (column, SQL) of what a record says: language, group, text, gold label in words, and its own fields."""
    from curation.core import records

    kind = records.kind_of(table)
    fields = records.content_fields(kind)
    labels: Iterable[Any] = task(name).labels if name else ()
    names = "CAST([" + ", ".join("'" + str(label).replace("'", "''") + "'" for label in labels) + "] AS VARCHAR[])"
    parts = []
    for field in fields:
        if field in ("pool", "side"):
            continue
        joint = " " if field == "tokens" else " / "
        parts.append(
            f"array_to_string(records.{field}, '{joint}')" if field in ("tokens", "choices") else f"records.{field}"
        )
    gold = {
        **dict.fromkeys(kinds.named("row"), f"list_extract({names}, records.label + 1)"),
        "choice": "records.choices[records.label + 1]",
        "span": "CASE WHEN records.answers IS NULL THEN NULL WHEN len(records.answers) = 0 THEN '(no answer)' "
        "ELSE records.answers[1].text END",
        "tags": f"array_to_string(list_transform(records.tags, lambda t: list_extract({names}, t + 1)), ' ')",
        "bitext": "array_to_string(records.gold, ' ')",
        "text": "NULL::VARCHAR",
    }[kind]
    text = f"concat_ws(' | ', {', '.join(parts)})"
    own = [(field, f"records.{field}") for field in fields if field != "text"]
    return [
        ("lang", "records.lang"),
        ("key", "records.key"),
        ("group", 'records."group"'),
        ("label", gold),
        ("text", text),
        *own,
    ]
