"""What was curated: sources and drops, scores and their agreement, flagged examples, and the subset."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from curation import tasks
from curation.core import facts, files, paths
from curation.report import scatter
from curation.report.flagged import classes, examples, matrix, seen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from curation.core.params import Experiment

BINS = 20
EDGES: list[float] = [i / BINS for i in range(BINS + 1)]


def sources(setup: Experiment) -> list[dict[str, Any]]:
    """Return one entry per task and role from the manifests of ``fetch``; languages served alike share a line."""
    found = []
    roles: dict[paths.Role, Sequence[str]] = {
        "intermediate": setup.intermediate,
        "target": setup.targets,
        "retrieval": setup.retrieval,
    }
    for role, names in roles.items():
        for name in names:
            path = paths.fetched(role, name) / "manifest.json"
            manifest = files.read_json(path) if path.exists() else {}
            facts = {key: manifest.get(key) for key in ("kind", "licence", "citation", "note")}
            splits = manifest.get("splits", {})
            order = [split for split in ("train", "dev", "test") if split in splits]
            lines = [line for split in order for line in _lines(split, splits[split])]
            found.append({"role": role, "task": name, **facts, "lines": lines, "missing": not manifest})
    return found


SAME = ("revision", "served_by", "cap")
_PLACE = re.compile(r"(?P<repo>.*), config (?P<config>.*), split (?P<split>.*)")


def place(sources: Sequence[str]) -> str:
    """Return one name for the places of several languages; what differs in their configs becomes ``{…}``.

    >>> place(["org/x, config a.de, split test", "org/x, config a.ru, split test"])
    'org/x, config a.{…}, split test'
    """
    found = [match for match in map(_PLACE.fullmatch, sources) if match is not None]
    several = sorted({match["config"] for match in found})
    if len(found) < len(sources) or len({(match["repo"], match["split"]) for match in found}) > 1:
        return "; ".join(sorted(set(sources)))
    if len(several) == 1:
        return sources[0]
    start = commonprefix(several)
    end = commonprefix([config[len(start) :][::-1] for config in several])[::-1]
    return f"{found[0]['repo']}, config {start}{{…}}{end}, split {found[0]['split']}"


def commonprefix(texts: Sequence[str]) -> str:
    """Return the longest beginning that all ``texts`` share."""
    first, last = min(texts), max(texts)
    return first[: next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))]


def _lines(split: str, langs: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], list[str]] = {}
    for lang, entry in langs.items():
        repo = str(entry.get("source", "")).split(", config ")[0]
        groups.setdefault((repo, *(entry.get(key) for key in SAME)), []).append(lang)
    lines = []
    for key, members in groups.items():
        entries = [langs[lang] for lang in members]
        drops: Counter[str] = Counter()
        for entry in entries:
            drops.update(entry.get("dropped_for") or {})
        lines.append(
            {
                "split": split,
                "languages": sorted(members, key=lambda lang: (lang != "en", lang)),
                "source": place([str(entry.get("source", "")) for entry in entries]),
                **dict(zip(SAME, key[1:], strict=True)),
                "found": sum(int(entry.get("rows_found") or 0) for entry in entries),
                "dropped": sum(int(entry.get("rows_dropped") or 0) for entry in entries),
                "dropped_for": dict(sorted(drops.items())),
                "kept": sum(int(entry.get("rows_kept") or 0) for entry in entries),
            }
        )
    return lines


def scored(name: str, setup: Experiment, values: Mapping[str, Any], count: int) -> dict[str, Any] | None:
    """Return scorers, agreement, histogram and flagged examples of an intermediate task; ``None`` without quality."""
    path = paths.quality(name)
    if not path.exists():
        return None
    table, task = files.read_parquet(path), tasks.load(name)
    quality = table["quality"].to_numpy(zero_copy_only=False).astype(np.float64)
    kept = _kept_ids(name)
    is_kept = np.array([id_ in kept for id_ in table["id"].to_pylist()], dtype=bool)
    scorers = [scorer for scorer in setup.judges if scorer in table.column_names]
    scores = {s: table[s].to_numpy(zero_copy_only=False).astype(np.float64) for s in scorers}
    flags = table["flags"].to_pylist()
    section: Mapping[str, Any] = values.get("quality") or {}
    flagged = {scorer: np.array([scorer in row for row in flags], dtype=bool) for scorer in scorers}
    return {
        "task": name,
        "rows": table.num_rows,
        "unscored": int(np.isnan(quality).sum()),
        "any_flag": int(sum(bool(row) for row in flags)),
        "kept": int(is_kept.sum()),
        "histogram": {"kept": _counts(quality[is_kept]), "not_kept": _counts(quality[~is_kept])},
        "scorers": [_scorer(s, scores[s], flagged[s], is_kept, section) | {"facts": _facts(name, s)} for s in scorers],
        "agreement": agreement(scores),
        "examples": (shown := examples(name, table, scores, flagged, count) if count else {}),
        "seen": seen(shown),
        "matrix": matrix(table) if classes(task.kind) else None,
        "map": scatter.of(name, task, setup.seed),
    }


def _kept_ids(name: str) -> set[str]:
    if not paths.subset().exists():
        return set()
    rows = files.read_parquet(paths.subset())
    return set(rows.filter(pc.and_(pc.equal(rows["task"], name), rows["kept"]))["id"].to_pylist())


def _counts(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[int]:
    return [int(n) for n in np.histogram(values[~np.isnan(values)], bins=np.array(EDGES))[0]]


def _facts(task: str, scorer: str) -> list[str]:
    path = paths.scores(task, scorer)
    return facts.of(files.read_parquet(path).schema) if path.exists() else []


def _scorer(name: str, score: Any, flagged: Any, kept: Any, section: Mapping[str, Any]) -> dict[str, Any]:
    applies = ~np.isnan(score)
    return {
        "name": name,
        "weight": (section.get("weights") or {}).get(name),
        "limit": (section.get("flags") or {}).get(name),
        "applies": int(applies.sum()),
        "mean": float(score[applies].mean()) if applies.any() else None,
        "flagged": int(flagged.sum()),
        "flagged_kept": int((flagged & kept).sum()),
    }


def agreement(scores: Mapping[str, Any]) -> list[list[float | None]]:
    """Return Spearman's rank correlation of every two scorers over the rows that both judge, -1..1.

    ``None`` where one of the two is constant or fewer than three rows are judged by both.

    >>> agreement({"a": np.array([0.1, 0.5, 0.9, np.nan]), "b": np.array([3.0, 2.0, 1.0, 9.0])})
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    from scipy.stats import rankdata

    def one(a: Any, b: Any) -> float | None:
        both = ~np.isnan(a) & ~np.isnan(b)
        if both.sum() < 3:
            return None
        x, y = rankdata(a[both]), rankdata(b[both])
        if x.std() == 0 or y.std() == 0:
            return None
        return round(float(np.corrcoef(x, y)[0, 1]), 6)

    return [[one(a, b) for b in scores.values()] for a in scores.values()]


def translations(setup: Experiment, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return per task and language how many rows were translated and why the others were not."""
    section = values.get("translate")
    languages = section.get("languages", ()) if isinstance(section, dict) else ()
    found = []
    for name in setup.intermediate:
        for lang in languages:
            path = paths.translated(name, lang) / "checks.parquet"
            if not path.exists():
                continue
            checks = files.read_parquet(path)
            kept = checks["kept"].to_pylist()
            reasons = Counter(r for r, ok in zip(checks["reason"].to_pylist(), kept, strict=True) if not ok)
            found.append(
                {
                    "task": name,
                    "lang": lang,
                    "rows": len(kept),
                    "kept": sum(kept),
                    "reasons": dict(sorted(reasons.items())),
                    "other_label": _other_labels(checks),
                }
            )
    return found


def _other_labels(checks: pa.Table) -> int:
    """Return how many kept translations come with another label than their row has."""
    if "other_label" not in checks.column_names:  # written before there was such a column
        return 0
    return pc.sum(pc.and_(checks["kept"], pc.is_valid(checks["other_label"]))).as_py() or 0


def subset() -> dict[str, Any] | None:
    """Return the report of stage ``subset``, or ``None``."""
    path = paths.report("subset")
    return files.read_json(path) if path.exists() else None
