"""What stands between a study's numbers and its question, read from the reports of its arms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from curation.core import paths
from curation.results.effects import ALIKE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from curation.results.arms import Named
    from training.study.answer import Answer


def threats(answer: Answer) -> list[tuple[str, str]]:
    """Return (kind, what is to be minded) in words, the gravest first."""
    return [
        *runs(answer),
        *_degenerate(answer),
        *_contamination(answer),
        *_encoders(answer),
        *_seeds(answer),
        *_caps(answer),
        (
            "checkpoints",
            "Each run's checkpoint is the best on English dev rows, which is not the best for every language.",
        ),
    ]


def runs(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield what to mind about the arms themselves: those that have not run, and those of other code or parameters."""
    if answer.missing:
        yield "missing arms", f"Not run, or not on every target with every seed: {_labels(answer, answer.missing)}."
    if answer.stale:
        yield (
            "older arms",
            f"Made by other code or parameters than those of now: {_labels(answer, answer.stale)}. "
            f"`training study run {answer.plan.name} --size {answer.plan.place.size}` makes them again.",
        )


def _labels(answer: Answer, names: Collection[str]) -> str:
    return ", ".join(f"“{arm.label}”" for arm in answer.plan.arms if arm.name in names)


def _degenerate(answer: Answer) -> Iterator[tuple[str, str]]:
    found = []
    for name, arm in answer.found.items():
        for seed in answer.plan.size.seeds:
            if arm.start == "intermediate" and _idle(arm, "intermediate", f"seed-{seed}"):
                found.append(f"{name}, intermediate step, seed {seed}")
            found += [
                f"{name}, {task}, seed {seed}"
                for task in answer.plan.size.targets
                if _idle(arm, "target", arm.start, task, f"seed-{seed}")
            ]
    if found:
        yield "degenerate runs", f"{len(found)} learnt nothing, and are counted like any other: {'; '.join(found)}."


def _idle(arm: Named, *parts: str) -> bool:
    report = arm.place.read(paths.report(*parts))
    return bool(report and report.get("degenerate"))


def _contamination(answer: Answer) -> Iterator[tuple[str, str]]:
    off: set[str] = set()
    counts: dict[str, int] = {}
    for name, arm in answer.found.items():
        if arm.start != "intermediate":
            continue
        if not arm.at("subset.decontaminate"):
            off.add(name)
        report: dict[str, Any] = arm.place.read(paths.report("subset")) or {}
        for task, one in (report.get("tasks") or {}).items():
            leaks = sum(count for reason, count in one.get("not_kept", {}).items() if reason == "contaminated")
            counts[task] = max(leaks, counts.get(task, 0))
    if off:
        yield (
            "contamination",
            "Rows that hold a target's dev or test row were not left out (subset.decontaminate: false) in "
            f"{', '.join(sorted(off))}.",
        )
    told = [f"{count:,} of {task}" for task, count in counts.items() if count]
    if told:
        yield (
            "contamination",
            f"Rows that held a target's dev or test row were found and left out: {', '.join(told)}. What rephrases one "
            "stays unseen.",
        )
    elif counts and not off:
        yield (
            "contamination",
            "No intermediate row was found that holds a target's dev or test row; rephrased ones stay unseen.",
        )


def _encoders(answer: Answer) -> Iterator[tuple[str, str]]:
    named = {arm.at(key) for arm in answer.found.values() for key in ("embed.model", "probe.crossfit.model")}
    scorers = sorted(str(one) for one in named if one is not None)
    tested = sorted({str(arm.at("encoder.model")) for arm in answer.found.values()})
    same = set(scorers) & set(tested)
    if same:
        yield "scorer", f"{', '.join(sorted(same))} scored the rows and is evaluated too, so quality may favour it."
    elif scorers:
        yield "scorer", f"Rows were scored by {', '.join(scorers)}; evaluated is {', '.join(tested)}: other weights."


def _seeds(answer: Answer) -> Iterator[tuple[str, str]]:
    count, spread = len(answer.plan.size.seeds), answer.spread
    if spread is None:
        yield "seeds", f"{count} seed: no verdict on the training."
    elif spread.agree:
        test = "" if spread.p is None else f" (Bartlett's test of equal variances: p = {spread.p:.2g})"
        yield (
            "seeds",
            f"{count} seeds per arm, their variance pooled over {spread.arms} arms: {spread.freedom} degrees of "
            f"freedom{test}.",
        )
    else:
        yield (
            "seeds",
            f"{count} seeds per arm, and the arms vary differently (Bartlett: p = {spread.p:.2g} < {ALIKE}), so "
            "nothing is pooled and intervals are wide.",
        )


def _caps(answer: Answer) -> Iterator[tuple[str, str]]:
    seed = answer.plan.size.seeds[0]
    capped = {
        task
        for arm in answer.found.values()
        for task in answer.plan.size.targets
        if (arm.place.read(paths.report("evaluate", arm.start, task, f"seed-{seed}")) or {}).get("cap")
    }
    rows = [count for table in answer.tables if table.task in capped for count in table.rows.values()]
    if rows:
        yield (
            "caps",
            f"Test rows are a sample of {', '.join(sorted(capped))}, {_range(rows)} per language: arms may be "
            "compared with each other, not with published numbers.",
        )


def _range(values: Collection[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
