"""Stage ``subset``: which rows an arm trains on, as a manifest with a machine-checked proof.

Reads ``data/intermediate``, ``data/quality``, ``data/translated``; writes ``data/subset/manifest.parquet`` (every train
row in every listed language: rank, kept, reason) and ``reports/subset.json``. A claim of the proof that does not hold
is an error. Training materialises the rows with :func:`rows`.

The size counts rows. An id is taken in all of ``languages`` at once (``[en, de]`` of size 1000 is 500 ids twice), so
the size is a multiple of their number, and an id whose translation was dropped in one of them is not eligible.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Literal

import pyarrow as pa
import pydantic

from curation.core import files, paths, registry
from curation.core.errors import CairnError
from curation.core.params import Experiment, Section, experiment, load, path, read
from curation.core.seeds import derive
from curation.subset import pool
from curation.subset.kept import rows
from curation.subset.proof import prove
from curation.subset.strata import Stratum, apportion, arrange, taking_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Params", "budgets", "manifest", "order", "rows", "run"]

Mixture = Literal["proportional", "square_root", "equal"]

MANIFEST = pa.schema(
    [("task", pa.string()), ("id", pa.string()), ("lang", pa.string()), ("rank", pa.int32()),
     ("stratum", pa.string()), ("kept", pa.bool_()), ("reason", pa.string())]
)  # fmt: skip


class Params(Section):
    """Section ``subset``."""

    size: int | None = pydantic.Field(gt=0)
    """Rows in all, over tasks and languages; null = every eligible row."""
    stratum: Stratum
    """Which end of the selector's ranking: top, middle, bottom; random = a seeded shuffle of it."""
    selector: str
    """A module of ``curation/subset/selectors``: ranks the eligible rows of a task, most wanted first."""
    languages: tuple[str, ...] = pydantic.Field(min_length=1)
    """Languages that every chosen id comes in."""
    also_in: tuple[str, ...]
    """Languages that a chosen id must exist in without being taken; keeps arms over languages comparable."""
    mixture: Mixture
    """How tasks share the size: in proportion to their eligible rows, to the square root of these, or equally.

    ``square_root`` is temperature 2 of Raffel et al. (2020, T5), but no row is taken twice: what a small task cannot
    give goes to the others.
    """
    length_bins: int = pydantic.Field(ge=1, le=100)
    """Length classes (quantiles of characters, per task) in which arms hold equally many rows; 1 = labels only."""
    deduplicate: bool
    """Keep one row of each near-duplicate group: the one of highest quality."""
    decontaminate: bool
    """Leave out rows that quality flags as leaks of a target's dev or test rows."""


def budgets(available: Mapping[str, int], size: int | None, mixture: Mixture, languages: int = 1) -> dict[str, int]:
    """Return the rows of each task, whole ids only: an id is one row in each of so many ``languages``.

    ``available``: eligible rows of each task. Raises :class:`CairnError` when there are not enough, and for a size
    that is no multiple of ``languages``.

    >>> budgets({"a": 300, "b": 100}, 40, "proportional"), budgets({"a": 300, "b": 100}, 41, "equal")
    ({'a': 30, 'b': 10}, {'a': 21, 'b': 20})
    >>> budgets({"a": 300, "b": 100}, 42, "equal", languages=2)
    {'a': 22, 'b': 20}
    >>> budgets({"a": 900, "b": 100, "c": 1}, 41, "square_root")
    {'a': 30, 'b': 10, 'c': 1}
    """
    check_size(size, languages)
    total = sum(available.values())
    have = ", ".join(f"{task} {rows}" for task, rows in available.items())
    if size is None and total:
        return dict.fromkeys(available, min(available.values())) if mixture == "equal" else dict(available)
    if size is None or size > total:
        raise CairnError(
            f"subset.size is {size}, but {total} rows are eligible ({have}). Set it to at most {total}, null for all, "
            "or make more rows eligible: fetch more, or see subset.deduplicate, decontaminate and also_in."
        )
    if mixture == "equal":
        share, left = divmod(size // languages, len(available))
        shares = {task: (share + (i < left)) * languages for i, task in enumerate(available)}
        short = [task for task, rows in shares.items() if rows > available[task]]
        if short:
            raise CairnError(
                f"subset.size {size} with mixture equal needs {shares[short[0]]} rows of {short[0]}, eligible: {have}. "
                f"Set size to at most {min(available.values()) * len(available)}, or take mixture: "
                "proportional or square_root."
            )
        return shares
    ids = {task: rows // languages for task, rows in available.items()}
    given = Counter(apportion(ids, size // languages, math.sqrt if mixture == "square_root" else float))
    return {task: given[task] * languages for task in available}


def check_size(size: int | None, languages: int) -> None:
    """Raise :class:`CairnError` for a size that is no multiple of the number of ``languages``."""
    if size is not None and size % languages:
        below = size - size % languages
        near = " or ".join(str(allowed) for allowed in (below, below + languages) if allowed)
        raise CairnError(
            f"subset.size is {size}, but every chosen id takes {languages} rows, one for each of subset.languages. "
            f"Set it to {near}."
        )


def order(source: pool.Pool, selector: str, stratum: Stratum, seed: int) -> list[str]:
    """Return the eligible ids of a task in the order of taking."""
    choose = registry.load("selectors", selector, "params.yaml: subset.selector").select
    own = derive(seed, "subset", source.task)
    ranking = choose(source.eligible, source.eligible.num_rows, own)
    return taking_order(arrange(ranking, stratum, own), source.cells)


def manifest(
    pools: Sequence[pool.Pool], orders: Mapping[str, Sequence[str]], shares: Mapping[str, int], stratum: str
) -> pa.Table:
    """Return the manifest: by task, id and language; ``rank`` counts rows, all languages of an id follow each other."""
    table: dict[str, list[object]] = {name: [] for name in MANIFEST.names}
    for source in pools:
        place = {id_: i for i, id_ in enumerate(orders[source.task])}
        for (id_, lang), reason in sorted(source.reasons.items(), key=lambda item: item[0]):
            rank = None if reason else place[id_] * len(source.languages) + source.languages.index(lang) + 1
            kept = rank is not None and rank <= shares[source.task]
            row = (source.task, id_, lang, rank, stratum, kept, None if kept else reason or "over_budget")
            for name, value in zip(MANIFEST.names, row, strict=True):
                table[name].append(value)
    return pa.table(table, schema=MANIFEST)


def check(given: Params, chosen: Experiment, where: str) -> None:
    """Raise :class:`CairnError` when the section does not go with the rest of ``where``, the params file."""
    registry.check("selectors", given.selector, f"{where}: subset.selector")
    for key, scorer in (("deduplicate", "near_duplicates"), ("decontaminate", "contamination")):
        if getattr(given, key) and scorer not in chosen.scorers:
            raise CairnError(
                f"{where}: subset.{key} needs the scorer {scorer}: add it to scorers, or set {key}: false."
            )
    for key in ("languages", "also_in"):
        if len(set(getattr(given, key))) != len(getattr(given, key)):
            raise CairnError(f"{where}: subset.{key} names a language twice: {', '.join(getattr(given, key))}.")


def leak_threshold(given: Params, file: Path) -> float | None:
    """Return the score below which a row counts as a leak; ``None`` when leaks may stay.

    Raises :class:`CairnError` when leaks are to go and ``file`` flags none.
    """
    if not given.decontaminate:
        return None
    limit = (load(file).get("quality") or {}).get("flags", {}).get("contamination", 0)
    if not isinstance(limit, int | float) or not limit > 0:
        raise CairnError(
            f"{file}: subset.decontaminate leaves out the rows that quality flags as leaks, but "
            f"quality.flags.contamination is {limit!r}, so none is ever flagged. Set it to 0.5, or set "
            "subset.decontaminate: false."
        )
    return float(limit)


def run() -> None:
    """Choose the rows of this arm and prove what the manifest promises."""
    chosen = experiment()
    given = read(Params, "subset")
    check(given, chosen, str(path()))
    threshold = leak_threshold(given, path())
    pools = [
        pool.build(
            task, given.languages, given.also_in, deduplicate=given.deduplicate, decontaminate=given.decontaminate,
            length_bins=given.length_bins, seed=derive(chosen.seed, "pool", task), where=f"{path()}: subset.languages",
            translated=load().get("translate", {}).get("languages", []),
        )
        for task in chosen.intermediate
    ]  # fmt: skip
    available = {source.task: source.rows for source in pools}
    shares = budgets(available, given.size, given.mixture, len(given.languages))
    orders = {source.task: order(source, given.selector, given.stratum, chosen.seed) for source in pools}
    files.write_parquet(paths.subset(), manifest(pools, orders, shares, given.stratum))
    report = prove(
        files.read_parquet(paths.subset()), pools, given.size, given.deduplicate, threshold,
        divide=lambda size: budgets(available, size, given.mixture, len(given.languages)),
        arm=lambda source, stratum: order(source, given.selector, stratum, chosen.seed),
    )  # fmt: skip
    report["parameters"] = given.model_dump(mode="json")
    report["manifest_sha256"] = files.sha256(paths.subset())
    files.write_json(paths.report("subset"), report)
    failed = [proof for proof in report["proofs"] if not proof["holds"]]
    if failed:
        raise CairnError(
            "\n".join(f"{paths.subset()}: not true: {proof['claim']} ({proof['detail']})" for proof in failed)
        )
