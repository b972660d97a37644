"""The self-test of one task: plant, score, judge. The labels of the rows as they are count as right.

So a row whose label is wrong already counts as a mistake of a scorer that finds it: on data with many errors of its
own the values are too low, for cleanlab's scores as for ours.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from curation.core import kinds, params, records, registry, seeds
from curation.core.errors import CairnError
from curation.core.task import Answer, Example
from curation.score import in_memory
from curation.score.scorers import label_quality
from curation.selftest import judge, noise, rivals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Task

LEAST = 5
"""Planted rows of a defect at least: fewer say nothing."""
OWN = {"boundary": "boundary", "type": "type", "cut": "boundary", "shifted": "boundary"}
"""Defect to the evidence of ``label_quality`` that is there to find it, beside the score."""


def sample(table: pa.Table, rows: int, seed: int) -> pa.Table:
    """Return at most ``rows`` rows of one language, in record order; English if there are any, else the first."""
    langs = table["lang"].to_pylist()
    lang = "en" if "en" in langs else langs[0]
    own = np.flatnonzero(np.array(langs) == lang)
    chosen = np.sort(np.random.default_rng(seeds.derive(seed, "selftest")).permutation(own)[:rows])
    return table.take(pa.array(chosen))


def test(
    name: str, task: Task, table: pa.Table, file: Path, share: float, seed: int, budget: int | None
) -> list[dict[str, Any]]:
    """Return one result per defect and finder; see :func:`curation.selftest.judge.judge` for what each holds.

    ``budget``: rows that a person will look at, all where there are fewer; the share of wrong ones among them is the
    precision. ``None`` = as many as are planted.
    Raises :class:`CairnError` where the rows cannot be judged: too few, unlabelled, or of a kind without labels.
    """
    if task.kind not in noise.LABELS:
        raise CairnError(f"{name}: {task.kind} rows have no labels that could be wrong.")
    label = kinds.KINDS[task.kind].label or ""
    labelled = table.filter(pa.array([value is not None for value in table[label].to_pylist()]))
    if share * labelled.num_rows < LEAST:
        raise CairnError(
            f"{name}: {labelled.num_rows} labelled rows, of which a share of {share:g} is fewer than {LEAST}. "
            "Raise --share, or fetch more rows."
        )
    with tempfile.TemporaryDirectory() as folder:
        whole = in_memory.inputs(name, task, labelled, Path(folder) / "as-they-are", file, seed)
        results = labels(name, task, labelled, whole.vectors, file, share, seed, budget)
        return results + texts(name, task, labelled, Path(folder) / "damaged", file, share, seed, budget)


def looked_at(budget: int | None, planted: int, rows: int) -> int:
    """Return how many rows are looked at, of ``rows`` with so many ``planted`` ones.

    >>> looked_at(None, 30, 500), looked_at(100, 30, 500), looked_at(900, 30, 500)
    (30, 100, 500)
    """
    return min(planted if budget is None else budget, rows)


def labels(
    name: str, task: Task, table: pa.Table, vectors: Any, file: Path, share: float, seed: int, budget: int | None
) -> list[dict[str, Any]]:
    """Return what ``label_quality`` finds of every kind of wrong label, and cleanlab on the same probabilities."""
    rows, results = table.to_pylist(), []
    section = params.read(label_quality.Params, "score.label_quality", file)
    for defect in noise.LABELS[task.kind]:
        rng = np.random.default_rng(seeds.derive(seed, "selftest", defect))
        changed, wrong = noise.plant(rows, task, defect, share, rng)
        if wrong.sum() < LEAST:
            continue
        given = pa.Table.from_pylist(changed, schema=table.schema)
        inputs = in_memory.inputs(name, task, given, Path(), file, seed, vectors=vectors)
        found = label_quality.score(inputs, section)
        score = _numbers(found["score"])
        first = looked_at(budget, int(wrong.sum()), len(wrong))
        results.append({"defect": defect, "finder": "label_quality", **judge.judge(score, wrong, first)})
        own = OWN.get(defect)
        if own is not None:
            evidence = _numbers(found[own])
            results.append({"defect": defect, "finder": f"label_quality.{own}", **judge.judge(evidence, wrong, first)})
        other = rivals.cleanlab(task, changed, inputs.probe.probabilities)
        ahead = judge.difference(score, other, wrong)
        results.append({"defect": defect, "finder": "cleanlab", **judge.judge(other, wrong, first), "ahead": ahead})
    return results


def texts(
    name: str, task: Task, table: pa.Table, folder: Path, file: Path, share: float, seed: int, budget: int | None
) -> list[dict[str, Any]]:
    """Return what the other scorers find of copies with slips, of such copies with another label, and of garbled rows.

    All are planted at once, into rows of their own; a copy and its twin are one item with the lower score of the two,
    and rows with another defect are left out where one is judged.
    """
    rng = np.random.default_rng(seeds.derive(seed, "selftest", "texts"))
    rows, each = table.to_pylist(), max(LEAST, round(share * table.num_rows / 3))
    if 3 * each > len(rows):
        return []
    picked = np.split(rng.permutation(len(rows))[: 3 * each], 3)
    made: list[tuple[dict[str, Any], str, int]] = [(dict(row), "", at) for at, row in enumerate(rows)]
    for at in picked[0].tolist():
        made[at] = (_damaged(task, rows[at], "garbled", rng), "garbled", at)
    for defect, chosen in (("duplicate", picked[1]), ("conflict", picked[2])):
        for at in chosen.tolist():
            copy = _damaged(task, rows[at], "keyboard" if rng.random() < 0.5 else "scanned", rng)
            if defect == "conflict":
                copy |= noise.LABELS[task.kind][_other(task)](rows[at], task, rng) or {}
            made.append((copy, defect, at))
    ids = [f"{name}-selftest-{number:07}" for number in range(len(made))]
    given = records.table(task.kind, ids, [row["lang"] for row, _, _ in made], [_example(row) for row, _, _ in made])
    inputs, results = in_memory.inputs(name, task, given, folder, file, seed), []
    groups: dict[str, list[list[int]]] = {"garbled": [], "duplicate": [], "conflict": []}
    for number, (_, defect, at) in enumerate(made):
        if defect:
            groups[defect].append([number] if defect == "garbled" else [number, at])
    for defect, finder in (("garbled", "surface"), ("duplicate", "near_duplicates"), ("conflict", "conflicts")):
        module = registry.load("scorers", finder, "selftest")
        found = _numbers(module.score(inputs, params.read(module.Params, f"score.{finder}", file))["score"])
        spoilt = {number for own in groups.values() for item in own for number in item}
        worst = [np.nanmin(found[item]) if np.isfinite(found[item]).any() else np.nan for item in groups[defect]]
        rest = np.array([number for number in range(len(made)) if number not in spoilt])
        score = np.concatenate([worst, found[rest]])
        wrong = np.arange(len(score)) < len(worst)
        first = looked_at(budget, len(worst), len(wrong))
        results.append({"defect": defect, "finder": finder, **judge.judge(score, wrong, first)})
    return results


def _other(task: Task) -> str:
    return "elsewhere" if task.kind == "span" else "uniform"


def _damaged(task: Task, row: Mapping[str, Any], how: str, rng: np.random.Generator) -> dict[str, Any]:
    """Return the row with one of its texts damaged; a context stays, for its answers stand at places in it."""
    make, changed = noise.TEXTS[how], dict(row)
    fields = [f for f in records.content_fields(task.kind) if f not in ("choices", "context")]
    field = fields[int(rng.integers(len(fields)))]
    if field == "tokens":
        tokens = list(row["tokens"])
        places = range(len(tokens)) if how == "garbled" else [int(rng.integers(len(tokens)))] if tokens else []
        for at in places:
            tokens[at] = make(tokens[at], rng)
        return changed | {"tokens": tokens}
    return changed | {field: make(row[field] or "", rng)}


def _example(row: Mapping[str, Any]) -> Example:
    values = {name: row[name] for name in Example.__dataclass_fields__ if name in row}
    for name in ("choices", "tokens", "tags"):
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    if values.get("answers") is not None:
        values["answers"] = tuple(Answer(one["text"], one["start"]) for one in values["answers"])
    return Example(**values)


def _numbers(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.float64]]:
    found: np.ndarray[Any, np.dtype[np.float64]] = column.to_numpy().astype(np.float64)
    return found


def lines(results: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the results as rows of a table: defect, finder, planted, average precision, AUROC, precision, ahead."""
    table = []
    for one in results:
        ahead = one.get("ahead")
        low, high = ahead["difference_interval"] if ahead else (0.0, 0.0)
        table.append([
            one["defect"], one["finder"], str(one["wrong"]),
            *(_with_interval(one, name) for name in ("average_precision", "auroc", "precision")),
            f"{ahead['difference']:+.3f} [{low:+.3f}, {high:+.3f}]" if ahead else "",
        ])  # fmt: skip
    return table


def _with_interval(one: Mapping[str, Any], name: str) -> str:
    low, high = one[f"{name}_interval"]
    return f"{one[name]:.3f} [{low:.3f}, {high:.3f}]"
