"""Everything that the files say about one row."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING, Any, get_args

from curation.cli import _tables
from curation.core import kinds, paths
from curation.core.errors import CairnError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    import pyarrow as pa

    from curation.core.params import Experiment
    from curation.core.task import Task

NEIGHBOURS = 5
SPLITS = ("train", "dev", "test")


def nearest(name: str, ids: Iterable[str], count: int = 3) -> list[str]:
    """Return the ids that share the longest beginning plus end with ``name``: a mistyped character costs little.

    >>> nearest("nli-ab3", ["nli-ab4", "nli-xy3", "pos-zz9"], 1)
    ['nli-ab4']
    """

    def same(one: Iterable[str], other: Iterable[str]) -> int:
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))

    def alike(other: str) -> int:
        return same(name, other) + same(reversed(name), reversed(other))

    return heapq.nlargest(count, sorted(set(ids)), key=alike)


def _rows(path: Path, id_: str) -> tuple[pa.Table | None, list[dict[str, Any]]]:
    """Return the table of ``path`` and its rows with that id; nothing when the file is not there."""
    import pyarrow.compute as pc

    from curation.core import files

    if not path.exists():
        return None, []
    table = files.read_parquet(path)
    return table, table.filter(pc.equal(table["id"], id_)).to_pylist() if "id" in table.column_names else []


def find(id_: str, setup: Experiment) -> tuple[str, paths.Role, str]:
    """Return task, role and split of ``id_``; raise :class:`CairnError` with the nearest ids when nobody has it."""
    named = id_.rsplit("-", 1)[0]
    known = list(dict.fromkeys((*setup.intermediate, *setup.targets, *setup.retrieval)))
    if named in known:  # an id begins with its task's name; look there first
        known.remove(named)
        known.insert(0, named)
    seen: list[str] = []
    for task in known:
        for role in _tables.role_of(task, setup):
            for split in SPLITS if role == "intermediate" else reversed(SPLITS):
                table, rows = _rows(paths.fetched(role, task) / f"{split}.parquet", id_)
                if rows:
                    return task, role, split
                if table is not None:
                    seen += table["id"].to_pylist()
    if not seen:
        raise CairnError("nothing is fetched yet. Run `dvc repro` to make the data.")
    raise CairnError(f"no row has the id {id_!r}. Nearest: {', '.join(nearest(id_, seen))}.")


def record(row: Mapping[str, Any], kind: Any, task: Task) -> dict[str, Any]:
    """Return a record's fields with its label in words."""
    from curation.core.records import content_fields

    told = {name: row[name] for name in ("lang", "key", "group")}
    told |= {name: row[name] for name in content_fields(kind)}
    return told | {"label": kinds.shown(kind, row, task.labels)}


def _source(folder: Path, split: str) -> dict[str, Any]:
    """Return what ``fetch`` wrote about the source of ``split``; the first language's, which gives the rows ids."""
    from curation.core import files

    path = folder / "manifest.json"
    if not path.exists():
        return {}
    manifest = files.read_json(path)
    languages = manifest.get("splits", {}).get(split, {})
    first: dict[str, Any] = languages.get("en") or next(iter(languages.values()), {})
    told = {key: first.get(key) for key in ("source", "revision", "served_by")}
    return {**told, "licence": manifest.get("licence")}


def _scores(task: str, id_: str, setup: Experiment) -> dict[str, Any]:
    found = {}
    for scorer in setup.judges:
        _, rows = _rows(paths.scores(task, scorer), id_)
        if rows:
            found[scorer] = {name: value for name, value in rows[0].items() if name != "id"}
    return found


def _quality(task: str, id_: str) -> dict[str, Any]:
    table, rows = _rows(paths.quality(task), id_)
    if table is None or not rows:
        return {}
    told = {name: rows[0].get(name) for name in ("quality", "rank", "flags", "why")}
    return told | {"rows": len(table)}


def _neighbours(task: str, id_: str, facts: Task) -> list[dict[str, Any]]:
    from curation.core import files, records

    table, _ = _rows(paths.fetched("intermediate", task) / "train.parquet", id_)
    folder = paths.neighbours(task)
    if table is None or not (folder / "indices.npy").exists():
        return []
    indices = files.open_array(folder / "indices.npy")
    similarity = files.open_array(folder / "similarity.npy")
    place = table["id"].to_pylist().index(id_)
    if len(indices) != len(table):
        raise CairnError(f"{folder} has {len(indices)} rows, {task} {len(table)}. Run `dvc repro neighbours`.")
    kind = records.kind_of(table)
    found: list[dict[str, Any]] = []
    for at, close in zip(indices[place], similarity[place], strict=True):
        if at >= 0 and len(found) < NEIGHBOURS:
            row = table.slice(int(at), 1).to_pylist()[0]
            text = records.text_of(kind, row)
            found.append(
                {
                    "id": row["id"],
                    "similarity": float(close),
                    "label": kinds.shown(kind, row, facts.labels),
                    "text": text,
                }
            )
    return found


def _probe(task: str, id_: str, kind: Any, facts: Task) -> dict[str, float]:
    """Return the probe's probability of each class; only for kinds with one label per row."""
    _, rows = _rows(paths.probe(task) / "probabilities.parquet", id_)
    if not rows or kind not in (*kinds.named("row"), "choice") or not rows[0].get("probabilities"):
        return {}
    values = rows[0]["probabilities"]
    names = facts.labels if len(facts.labels) == len(values) else [f"choice {i + 1}" for i in range(len(values))]
    return dict(zip(names, map(float, values), strict=True))


def _translations(task: str, id_: str, languages: Iterable[str], kind: Any, facts: Task) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for lang in languages:
        folder = paths.translated(task, lang)
        _, rows = _rows(folder / "train.parquet", id_)
        _, checks = _rows(folder / "checks.parquet", id_)
        if rows or checks:
            told = record(rows[0], kind, facts) if rows else {}
            found[lang] = {**told, "checks": {k: v for k, v in (checks or [{}])[0].items() if k not in ("id", "lang")}}
    return found


def _dynamics(id_: str, setup: Experiment) -> list[dict[str, Any]]:
    """Return, per seed and language, the row's confidence and correctness by epoch, where training logged them."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for seed in setup.seeds:
        _, rows = _rows(paths.start("intermediate", seed) / "dynamics.parquet", id_)
        for row in sorted(rows, key=lambda row: (row["lang"], row["epoch"])):
            empty = {"seed": seed, "lang": row["lang"], "confidence": [], "correct": []}
            told = found.setdefault((seed, row["lang"]), empty)
            told["confidence"].append(float(row["confidence"]))
            told["correct"].append(bool(row["correct"]))
    return list(found.values())


def _predictions(task: str, id_: str, setup: Experiment) -> list[dict[str, Any]]:
    found = []
    for start in get_args(paths.Start):
        for seed in setup.seeds:
            for row in _rows(paths.predictions(start, task, seed), id_)[1]:
                told = {name: row.get(name) for name in ("lang", "prediction", "gold")}
                found.append({"start": start, "seed": seed, **told})
    return found


def tell(id_: str) -> dict[str, Any]:
    """Return the whole story of a row as plain values; parts that nobody wrote are empty."""
    from curation.core import params, records

    setup = _tables.experiment()
    task, role, split = find(id_, setup)
    facts = _tables.task(task)
    folder = paths.fetched(role, task)
    table, rows = _rows(folder / f"{split}.parquet", id_)
    assert table is not None
    kind = records.kind_of(table)
    curated = role == "intermediate" and split == "train"
    translate = params.load().get("translate")
    languages = translate.get("languages", []) if isinstance(translate, dict) else []
    return {
        "id": id_,
        "task": task,
        "role": role,
        "split": split,
        "kind": kind,
        "source": _source(folder, split),
        "records": [record(row, kind, facts) for row in rows],
        "quality": _quality(task, id_) if curated else {},
        "scores": _scores(task, id_, setup) if curated else {},
        "probe": _probe(task, id_, kind, facts) if curated else {},
        "neighbours": _neighbours(task, id_, facts) if curated else [],
        "translations": _translations(task, id_, languages, kind, facts) if curated else {},
        "subset": _rows(paths.subset(), id_)[1] if curated else [],
        "dynamics": _dynamics(id_, setup) if curated else [],
        "predictions": [] if curated else _predictions(task, id_, setup),
    }
