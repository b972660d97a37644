"""The few numbers of ``reports/metrics.json`` and the tables behind ``dvc plots``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.core import output
from curation.report.curated import EDGES
from curation.results.statistics import ALL, WITHOUT_ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from curation.results.comparison import Comparison


def _mean(comparisons: Sequence[Comparison], arm: str, name: str = ALL) -> float | None:
    """Return the mean over tasks of an arm's value; every task counts the same."""
    if not comparisons:
        return None
    values: list[float] = [getattr(one, arm)[name].value for one in comparisons]
    return round(sum(values) / len(values), 6)


def metrics(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return flat numbers for ``dvc exp show``; values 0..1, what an experiment does not have is left out.

    With one target, ``gain_low`` and ``gain_high`` bound the gain; with several, the report has each one's.
    """
    zero_shot, retrieval = facts["zero_shot"], facts["retrieval"]
    found: dict[str, Any] = {
        "score_without": _mean(zero_shot, "a"),
        "score_with": _mean(zero_shot, "b"),
        "gain": _mean(zero_shot, "difference"),
        "gain_without_english": _mean(zero_shot, "difference", WITHOUT_ENGLISH),
        "retrieval_without": _mean(retrieval, "a"),
        "retrieval_with": _mean(retrieval, "b"),
        "retrieval_gain": _mean(retrieval, "difference"),
        "degenerate_runs": len(facts["degenerate"]),
        "rows_kept": (facts["subset"] or {}).get("rows"),
        "rows_flagged": sum(one["any_flag"] for one in facts["scored"]) if facts["scored"] else None,
    }
    if len(zero_shot) == 1:
        effect = zero_shot[0].difference[ALL]
        found |= {"gain_low": round(effect.low, 6), "gain_high": round(effect.high, 6)}
    for one in facts["planted"]:
        for line in one["lines"]:
            if line["average_precision"] is not None:
                found.setdefault(f"found_{line['defect']}", round(line["average_precision"], 6))
    return {name: value for name, value in found.items() if value is not None}


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return a CSV text; floats with six places, nothing for ``None``."""
    lines = ([f"{v:.6f}" if isinstance(v, float) else v for v in row] for row in rows)
    return output.csv_lines([columns, *lines])


def _levels(comparisons: Sequence[Comparison]) -> str:
    names = ("pretrained", "intermediate", "difference")
    columns = ["task", "metric", "language"]
    for name in names:
        columns += [name, f"{name}_low", f"{name}_high"]
    rows = []
    for one in comparisons:
        for lang in [*one.languages, *one.means]:
            effects = (one.a[lang], one.b[lang], one.difference[lang])
            rows.append([one.task, one.primary, lang, *(v for e in effects for v in (e.value, e.low, e.high))])
    return table(columns, rows)


def plots(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return file name to CSV text; a part that the experiment does not have is a table without rows."""
    curves = [
        [stage, task, step, starts.get("pretrained"), starts.get("intermediate")]
        for stage, task, step, starts in facts["mean_curves"]
        if stage == "target"
    ]
    quality = [
        [one["task"], low, high, kept, rest]
        for one in facts["scored"]
        for low, high, kept, rest in zip(
            EDGES[:-1], EDGES[1:], one["histogram"]["kept"], one["histogram"]["not_kept"], strict=True
        )
    ]
    return {
        "zero_shot.csv": _levels(facts["zero_shot"]),
        "retrieval.csv": _levels(facts["retrieval"]),
        "learning_curves.csv": table(["stage", "task", "step", "pretrained", "intermediate"], curves),
        "quality.csv": table(["task", "quality", "quality_high", "kept", "not_kept"], quality),
    }
