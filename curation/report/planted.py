"""How well planted defects were found: the bundled data know what is wrong with them, the pipeline did not.

A planted copy makes a pair with its twin, and a scorer may mark either; such a pair counts as one item with the lower
score of the two. Negatives are the rows without any planted defect: to mark a row that is wrong in another way (a
conflict seen by label quality, a garbled row among the outliers) is no mistake, and no merit. How the average precision
comes out when every other row counts as a negative stands beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from curation import tasks
from curation.core import files, paths, records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.params import Experiment

FINDER: Mapping[str, str] = {
    "label_noise": "label_quality",
    "near_duplicates": "near_duplicates",
    "conflicts": "conflicts",
    "off_topic": "outliers",
    "garbled": "surface",
    "leaks": "contamination",
}
"""Defect to the scorer that is there to find it."""


def average_precision(score: np.ndarray[Any, Any], positive: np.ndarray[Any, Any]) -> float | None:
    """Return the average precision of "lower score = more likely positive", 0..1; ``None`` without positives.

    Ties count as one step, as in scikit-learn: no order is made up among equal scores.

    >>> average_precision(np.array([0.1, 0.2, 0.3, 0.4]), np.array([True, False, True, False]))
    0.8333333333333333
    >>> average_precision(np.zeros(4), np.array([True, False, False, False]))
    0.25
    """
    if not positive.any():
        return None
    order = np.argsort(score, kind="stable")
    hits, ranks = np.cumsum(positive[order]), np.arange(1, len(score) + 1)
    last = np.append(np.diff(score[order]) != 0, True)  # the last row of each run of equal scores
    recall, precision = hits[last] / positive.sum(), hits[last] / ranks[last]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def items(truth: Sequence[Mapping[str, Any]], defect: str, at: Mapping[str, int]) -> list[list[int]]:
    """Return the rows of each planted item of ``defect``: one row, or a copy and its twin; fetched rows only."""
    found = []
    for entry in truth:
        if entry["defect"] == defect and entry["key"] in at:
            twin: str = (entry.get("detail") or {}).get("twin", "")
            found.append([at[entry["key"]]] + ([at[twin]] if twin in at else []))
    return found


def judge(
    score: np.ndarray[Any, Any], flagged: np.ndarray[Any, Any], positives: Sequence[Sequence[int]], ignored: set[int]
) -> dict[str, Any]:
    """Return how well one scorer found ``positives``.

    Args:
        score: one per row, lower = worse; NaN = not applicable and counts as the best score.
        flagged: which rows were flagged.
        positives: the rows of each planted item.
        ignored: rows that are neither right nor wrong to mark.
    """
    score = np.where(np.isnan(score), 2.0, score)  # above every score, and finite: inf - inf is no tie
    own = {row for item in positives for row in item}
    rest = np.array([i for i in range(len(score)) if i not in own and i not in ignored], dtype=np.int64)
    worst = np.array([min(score[row] for row in item) for item in positives], dtype=np.float64)
    found = np.array([any(flagged[row] for row in item) for item in positives], dtype=bool)
    all_scores = np.concatenate([worst, score[rest]])
    is_positive = np.concatenate([np.ones(len(worst), dtype=bool), np.zeros(len(rest), dtype=bool)])
    right, wrong = int(found.sum()), int(flagged[rest].sum())
    return {
        "average_precision": average_precision(all_scores, is_positive),
        "recall": right / len(positives) if len(positives) else None,
        "precision": right / (right + wrong) if right + wrong else None,
    }


def _plant(name: str, values: Mapping[str, Any]) -> tuple[Any, Any, int, int] | None:
    """Return source, planted shares, rows and seed of a bundled intermediate task with planted defects."""
    source = tasks.load(name).train
    section = values.get("miniworld")
    if source is None or not source.repo.startswith("bundled:") or not isinstance(section, dict):
        return None
    rows = values["fetch"]["rows"]["intermediate"]["train"]
    return (source, section["plant"], rows, section["seed"]) if section.get("plant") and rows else None


def found(name: str, setup: Experiment, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return per planted defect how each scorer found it; ``None`` where nothing was planted."""
    planted = _plant(name, values)
    if planted is None or not paths.quality(name).exists():
        return None
    from curation import miniworld

    source, plant, rows, seed = planted
    truth = miniworld.truth(source.config, source.split, rows, seed, plant)
    keys = records.read(paths.fetched("intermediate", name) / "train.parquet")["key"].to_pylist()
    at = {key: i for i, key in enumerate(keys)}
    table = files.read_parquet(paths.quality(name))
    flags = table["flags"].to_pylist()
    defects = list(dict.fromkeys(entry["defect"] for entry in truth))
    placed = {defect: items(truth, defect, at) for defect in defects}
    any_flag = np.array([bool(row) for row in flags], dtype=bool)
    judged: dict[str, dict[str, Any]] = {}
    for scorer in setup.judges:
        score = table[scorer].to_numpy(zero_copy_only=False).astype(np.float64)
        flagged = np.array([scorer in row for row in flags], dtype=bool)
        judged[scorer] = {}
        for defect, positives in placed.items():
            ignored = {row for other, its in placed.items() if other != defect for item in its for row in item}
            strict = judge(score, flagged, positives, set())["average_precision"]
            judged[scorer][defect] = judge(score, flagged, positives, ignored) | {"among_all": strict}
    lines = []
    for defect, positives in placed.items():
        finder = FINDER.get(defect)
        own = judged[finder][defect] if finder in judged else {}
        any_found = [any(any_flag[row] for row in item) for item in positives]
        lines.append(
            {
                "defect": defect,
                "planted": len(positives),
                "finder": finder if finder in judged else None,
                "any_recall": float(np.mean(any_found)) if any_found else None,
                **{key: own.get(key) for key in ("average_precision", "among_all", "recall", "precision")},
                "by_scorer": {scorer: judged[scorer][defect]["average_precision"] for scorer in judged},
            }
        )
    section = values.get("translate")
    languages = section.get("languages", ()) if isinstance(section, dict) else ()
    translated = [line for lang in languages if (line := translation(name, lang, values))]
    return {"task": name, "rows": len(keys), "scorers": list(judged), "lines": lines, "translated": translated}


def translation(name: str, lang: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how the checks of stage ``translate`` found planted translation errors; ``None`` where there are none.

    A row counts as flagged when its translation was dropped. Rows that are garbled or off topic in every language
    count as neither.
    """
    planted, path = _plant(name, values), paths.translated(name, lang) / "checks.parquet"
    if planted is None or not path.exists():
        return None
    from curation import miniworld

    source, plant, rows, seed = planted
    truth = miniworld.truth(source.config, source.split, rows, seed, plant, lang)
    table = records.read(paths.fetched("intermediate", name) / "train.parquet")
    checks = files.read_parquet(path)
    place = {id_: i for i, id_ in enumerate(checks["id"].to_pylist())}
    keys = zip(table["key"].to_pylist(), table["id"].to_pylist(), strict=True)
    at = {key: place[id_] for key, id_ in keys if id_ in place}
    errors = [entry for entry in truth if entry["defect"] == "translation_errors" and entry["key"] in at]
    if not errors:
        return None
    score = checks["translation_quality"].to_numpy(zero_copy_only=False).astype(np.float64)
    dropped = ~np.array(checks["kept"].to_pylist(), dtype=bool)
    spoilt = {row for defect in ("garbled", "off_topic") for item in items(truth, defect, at) for row in item}
    by_kind: dict[str, list[bool]] = {}
    for entry in errors:
        by_kind.setdefault(entry["detail"]["kind"], []).append(bool(dropped[at[entry["key"]]]))
    return {
        "lang": lang,
        "planted": len(errors),
        **judge(score, dropped, [[at[entry["key"]]] for entry in errors], spoilt),
        "kinds": {kind: float(np.mean(hits)) for kind, hits in sorted(by_kind.items())},
    }
