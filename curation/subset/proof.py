"""What a subset manifest promises, checked on the manifest that was written, and how far apart the arms are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.subset.choose import Order
from curation.subset.pool import Pool
from curation.subset.strata import STRATA

Key = tuple[str, str]


def histogram(values: Iterable[str]) -> dict[str, int]:
    """Return counts by value, sorted by value."""
    return dict(sorted(Counter(values).items()))


def total_variation(a: Mapping[str, int], b: Mapping[str, int]) -> float:
    """Return half the L1 distance between two histograms as shares: 0 = equal, 1 = disjoint.

    >>> total_variation({"x": 2, "y": 2}, {"x": 3, "y": 1})
    0.25
    """
    size_a, size_b = sum(a.values()) or 1, sum(b.values()) or 1
    return sum(abs(a.get(key, 0) / size_a - b.get(key, 0) / size_b) for key in {*a, *b}) / 2


def kolmogorov_smirnov(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the largest gap between the two distribution functions, 0..1; 0 where one is empty.

    >>> kolmogorov_smirnov([1, 2, 3, 4], [3, 4, 5, 6])
    0.5
    """
    if not len(a) or not len(b):
        return 0.0
    grid = np.union1d(a, b)
    share_a = np.searchsorted(np.sort(a), grid, side="right") / len(a)
    share_b = np.searchsorted(np.sort(b), grid, side="right") / len(b)
    return float(np.abs(share_a - share_b).max())


def _claim(text: str, problems: Sequence[Any], checked: str) -> dict[str, Any]:
    detail = f"{len(problems)} violations, first: {problems[0]}" if problems else checked
    return {"claim": text, "holds": not problems, "detail": detail}


def _arms(source: Pool, share: int, order: Order, kept: Sequence[str]) -> dict[str, Any]:
    """Return per arm at this size: labels, mean quality, overlap and distances to the pool and to the kept ids."""
    ids_of_pool: list[str] = source.eligible["id"].to_pylist()
    quality = dict(zip(ids_of_pool, source.eligible["quality"].to_pylist(), strict=True))
    worth = _column(source, "translation_quality")
    everything = histogram(cell[0] for cell in source.cells.values())
    count = -(-share // len(source.languages))
    found = {}
    arms: list[tuple[str, Sequence[str]]] = [
        ("kept", kept),
        *((stratum, order.arm(stratum, count)) for stratum in STRATA),
    ]
    for name, ids in arms:
        labels = histogram(source.cells[id_][0] for id_ in ids)
        found[name] = {
            "ids": len(ids),
            "labels": labels,
            "label_distance_to_pool": round(total_variation(labels, everything), 6),
            "length_distance_to_pool": _length_distance(source, ids, list(source.cells)),
            "length_distance_to_kept": _length_distance(source, ids, kept),
            "overlap_with_kept": round(len(set(ids) & set(kept)) / max(1, len(ids)), 6),
            "mean_quality": round(float(np.mean([quality[id_] for id_ in ids])), 6) if len(ids) else None,
        }
        if worth is not None:
            found[name]["mean_translation_quality"] = (
                round(float(np.mean([worth[id_] for id_ in ids])), 6) if len(ids) else None
            )
    return found


def _column(source: Pool, name: str) -> dict[str, float] | None:
    """Return id to a column of the eligible rows; ``None`` where there is no such column."""
    if name not in source.eligible.column_names:
        return None
    return dict(zip(source.eligible["id"].to_pylist(), source.eligible[name].to_pylist(), strict=True))


def _length_distance(source: Pool, a: Sequence[str], b: Sequence[str]) -> float:
    return round(kolmogorov_smirnov([source.lengths[id_] for id_ in a], [source.lengths[id_] for id_ in b]), 6)


@dataclass(frozen=True)
class Written:
    """One task's part of the manifest as it was read back."""

    source: Pool
    share: int
    keys: list[Key]
    reasons: dict[Key, str | None]
    ranks: dict[Key, int | None]
    kept: set[Key]
    order: Order

    @cached_property
    def ranked(self) -> list[Key]:
        """The keys that have a rank, in its order."""
        found = [(rank, key) for key, rank in self.ranks.items() if rank is not None]
        return [key for _, key in sorted(found)]

    @cached_property
    def ids(self) -> list[str]:
        """The kept ids in the order of their ranks."""
        return list(dict.fromkeys(id_ for id_, lang in self.ranked if (id_, lang) in self.kept))

    def lost(self) -> list[Key]:
        """Keys listed never or twice, and keys that are neither kept nor have a reason, or both."""
        unclear = [key for key in self.keys if (key in self.kept) == (self.reasons[key] is not None)]
        twice = [key for key, times in Counter(self.keys).items() if times > 1]
        return sorted(set(self.source.reasons) ^ set(self.keys)) + unclear + twice

    def gaps(self) -> list[str]:
        """What is wrong with the ranks."""
        problems = []
        if sorted(rank for rank in self.ranks.values() if rank is not None) != list(range(1, self.source.rows + 1)):
            problems.append(f"{self.source.task}: ranks are not 1..{self.source.rows}")
        if self.kept != set(self.ranked[: self.share]):
            problems.append(f"{self.source.task}: kept is not rank <= {self.share}")
        return problems

    def not_nested(self, shares: Mapping[int, int]) -> list[str]:
        """Sizes (to the rows of this task) whose rows, the first by rank, are not all kept."""
        bad = [size for size, share in shares.items() if not self.kept.issuperset(self.ranked[:share])]
        return [f"size {size} of {self.source.task}" for size in bad]

    def unplanned(self, shares: Mapping[int, int]) -> list[str]:
        """Sizes whose rows are not of the labels and lengths that the pool plans for them, whatever the stratum."""
        bad = []
        for size, share in shares.items():
            ids = dict.fromkeys(id_ for id_, _ in self.ranked[:share])
            if Counter(self.source.cells[id_] for id_ in ids) != Counter(self.order.plan[: len(ids)]):
                bad.append(f"size {size} of {self.source.task}")
        return bad

    def partial(self) -> list[str]:
        """Ids that are kept in some languages only."""
        times = Counter(id_ for id_, _ in self.kept)
        return sorted(id_ for id_, count in times.items() if count != len(self.source.languages))

    def copies(self) -> list[str]:
        """Near-duplicate groups with more than one kept id."""
        groups = Counter(self.source.duplicates[id_] for id_ in self.ids if id_ in self.source.duplicates)
        return [group for group, times in groups.items() if times > 1]

    def summary(self) -> dict[str, Any]:
        """Counts, and the arms of this size side by side."""
        return {
            "kept": len(self.kept),
            "eligible": self.source.rows,
            "listed": len(self.keys),
            "kept_by_language": histogram(lang for _, lang in self.kept),
            "not_kept": histogram(reason for reason in self.reasons.values() if reason),
            "labels_of_pool": histogram(label for label, _ in self.source.cells.values()),
            "arms": _arms(self.source, self.share, self.order, self.ids),
        }


def _read(manifest: pa.Table, source: Pool, share: int, order: Order) -> Written:
    part = manifest.filter(pc.equal(manifest["task"], source.task))
    keys: list[Key] = list(zip(part["id"].to_pylist(), part["lang"].to_pylist(), strict=True))
    kept = {key for key, flag in zip(keys, part["kept"].to_pylist(), strict=True) if flag}
    reasons = dict(zip(keys, part["reason"].to_pylist(), strict=True))
    ranks = dict(zip(keys, part["rank"].to_pylist(), strict=True))
    return Written(source, share, keys, reasons, ranks, kept, order)


def prove(
    manifest: pa.Table, pools: Sequence[Pool], orders: Mapping[str, Order], size: int | None, deduplicate: bool,
    leaks_below: float | None, divide: Callable[[int | None], Mapping[str, int]],
) -> dict[str, Any]:  # fmt: skip
    """Return the report: counts and arms per task, and ``proofs`` (claim, holds, detail).

    Everything is proven of the ranks that were written. ``divide`` gives the rows of each task at a size. All strata
    take the cells (label and length class) that ``orders`` plan for the pool, so a subset that holds exactly these has
    the labels of every other stratum's.
    ``leaks_below``: the contamination score below which a row was left out, or ``None`` where leaks may stay.
    """
    shares = divide(size)
    total = sum(shares.values())
    languages = len(pools[0].languages)
    units = total // languages
    sizes = sorted({max(1, count) * languages for count in (units // 4, units // 2, units)})
    divided = {at: shares if at == total else divide(at) for at in sizes}
    written = [_read(manifest, source, shares[source.task], orders[source.task]) for source in pools]
    tasks = {part.source.task: part.summary() for part in written}
    got = sum(task["kept"] for task in tasks.values())
    unlike = [
        f"{task}, {name}"
        for task, found in tasks.items()
        for name, at in found["arms"].items()
        if at["labels"] != found["arms"]["kept"]["labels"]
    ]
    own = {w.source.task: {at: divided[at][w.source.task] for at in sizes} for w in written}
    nested = [bad for w in written for bad in w.not_nested(own[w.source.task])]
    unlike += [bad for w in written for bad in w.unplanned(own[w.source.task])]
    proofs = [
        _claim("the subset has the requested size", [] if got == total == (size or total) else [got], f"{got} rows"),
        _claim(
            "every train row is listed once per language, kept or with a reason",
            [key for w in written for key in w.lost()],
            f"{manifest.num_rows} rows",
        ),
        _claim(
            "kept rows are the first of one gapless order", [gap for w in written for gap in w.gaps()], f"{got} rows"
        ),
        _claim(
            "each kept id is kept in every language",
            [id_ for w in written for id_ in w.partial()],
            ", ".join(pools[0].languages),
        ),
        _claim("smaller sizes are prefixes of larger ones", nested, f"sizes {', '.join(map(str, sizes))}"),
        _claim("arms of all strata at this size have equal label histograms", unlike, ", ".join(STRATA)),
    ]
    if deduplicate:
        copies = [group for w in written for group in w.copies()]
        proofs.append(_claim("no two kept rows are near-duplicates", copies, f"{got} rows"))
    if leaks_below is not None:
        leaks = [id_ for w in written for id_ in w.ids if id_ in w.source.contaminated]
        out = sum(len({id_ for (id_, _), why in w.reasons.items() if why == "contaminated"}) for w in written)
        detail = f"{got} rows kept, {out} left out with a contamination score below {leaks_below:g}"
        proofs.append(_claim("no kept row is flagged as a leak of a target", leaks, detail))
    return {"rows": got, "stratum": manifest["stratum"][0].as_py(), "tasks": tasks, "proofs": proofs}
