"""A map of the rows: their vectors in two dimensions, with flags."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from curation import embed
from curation.core import files, kinds, paths, records
from curation.core.seeds import derive
from curation.results import charts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa
    from markupsafe import Markup

    from curation.core.task import Task

PLAIN, FLAGGED = 1200, 400
"""Rows that are drawn at most: without a flag, and with one."""
FITTED = 20_000
"""Rows that the axes are computed on."""
TONES: Sequence[charts.Tone] = ("b", "d", "c", "a")
"""The marks of the flags that are most frequent; the others share the last."""


def drawn(name: str, flags: Sequence[Sequence[str]], table: pa.Table, task: Task, seed: int) -> dict[str, Any] | None:
    """Return the chart of task ``name`` and the share of variance in it; ``None`` where there are no vectors.

    ``flags``: those of each row of ``table``, the records. The two axes are the first principal components of the whole
    rows' vectors: linear, so that far apart is far apart, and the same in every run.
    """
    if not (paths.vectors(name) / "manifest.json").exists() or len(flags) < 3:
        return None
    vectors = embed.load(name).row
    if len(vectors) != len(flags):
        return None
    rng = np.random.default_rng(derive(seed, "map", name))
    marked = np.array([bool(found) for found in flags])
    rows = np.concatenate(
        [_some(np.flatnonzero(mask), most, rng) for mask, most in ((~marked, PLAIN), (marked, FLAGGED))]
    )
    place, share = principal(vectors, _some(np.arange(len(vectors)), FITTED, rng), rows)
    return {
        "chart": _chart(name, place, rows, flags, table, task),
        "share": share,
        "shown": len(rows),
        "of": len(flags),
    }


def _some(rows: npt.NDArray[np.int64], most: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def principal(vectors: Any, fitted: Any, rows: Any) -> tuple[npt.NDArray[np.float64], float]:
    """Return ``rows`` on the first two principal components of ``fitted``, (n, 2), and their share of the variance.

    Signs are fixed: the entry of an axis that is largest in size is positive.

    >>> place, share = principal(np.array([[0.0, 0.0], [2.0, 0.0], [4.0, 0.0]]), np.arange(3), np.array([0, 2]))
    >>> place.round(3).tolist(), round(share, 3)
    ([[-2.0, 0.0], [2.0, 0.0]], 1.0)
    """
    sample = np.asarray(vectors[fitted], np.float64)
    mean = sample.mean(0)
    values, axes = np.linalg.eigh(np.cov(sample, rowvar=False))
    two = axes[:, [-1, -2]]
    two = two * np.sign(two[np.abs(two).argmax(0), [0, 1]])
    total = float(values.sum())
    place: npt.NDArray[np.float64] = (np.asarray(vectors[rows], np.float64) - mean) @ two
    return place, float(values[-2:].sum()) / total if total > 0 else 0.0


def _chart(name: str, place: Any, rows: Any, flags: Sequence[Sequence[str]], table: pa.Table, task: Task) -> Markup:
    counts: dict[str, int] = {}
    for at in rows.tolist():
        for flag in flags[at][:1]:
            counts[flag] = counts.get(flag, 0) + 1
    ranked = sorted(counts, key=lambda flag: (-counts[flag], flag))
    tones = {flag: TONES[min(number, len(TONES) - 1)] for number, flag in enumerate(ranked)}
    low, high = place.min(0), place.max(0)
    span = np.where(high > low, high - low, 1.0)
    top = 16.0 + 18.0 * (min(len(ranked), len(TONES)) + 1)
    size = charts.WIDTH - 24.0
    at = (place - low) / span * [size, size * 0.8] + [12.0, top]
    plain = [i for i, row in enumerate(rows.tolist()) if not flags[row]]
    dots = "".join(f"M{x:.0f} {y:.0f}h0" for x, y in at[plain].tolist())
    body = [f'<path d="{dots}" class="dots"/>']
    for i, row in enumerate(rows.tolist()):
        if flags[row]:
            x, y = at[i].tolist()
            given = kinds.shown(task.kind, table.slice(row, 1).to_pylist()[0], task.labels) or "no label"
            told = escape(f"{given}: {', '.join(flags[row])}")
            body.append(f"<g>{charts.mark(x, y, tones[flags[row][0]])}<title>{told}</title></g>")
    # Flags that share a mark share a line.
    marks = list(dict.fromkeys(tones.values()))
    for number, tone in enumerate(marks):
        names = [f"{flag} ({counts[flag]})" for flag in ranked if tones[flag] == tone]
        body.append(charts.legend([(", ".join(names), tone)], 14 + 18 * number))
    body.append(charts.text(8, 14 + 18 * len(marks), f"· no flag ({len(plain)})", css="soft"))
    return charts.drawing(top + size * 0.8 + 12, f"{name}: rows on a map of their vectors, flagged ones marked", body)


def of(name: str, task: Task, seed: int) -> dict[str, Any] | None:
    """Return the map of a scored task, from its files."""
    flags = files.read_parquet(paths.quality(name))["flags"].to_pylist()
    rows = records.read(paths.fetched("intermediate", name) / "train.parquet")
    return drawn(name, [found or [] for found in flags], rows, task, seed)
