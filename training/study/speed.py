"""How fast the target is learnt in one arm of a study against another: what the page says of convergence.

Every declared comparison of two arms is a race (:mod:`curation.results.convergence`): on the English dev rows, and on
the dev rows of other languages where ``train.target.zero_shot_languages`` names some.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.results import curves, wording
from curation.results.charts import Line, lines
from training.study import arms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.results.charts import Tone
    from curation.results.convergence import Race
    from curation.results.curves import Races, Run
    from training.study.answer import Answer
    from training.study.arms import Arm

COLUMNS = {"dev": "English dev rows", "zero_shot": "dev rows of other languages"}


@dataclass(frozen=True)
class Speed:
    """One comparison as a race."""

    says: str
    a: str
    """How the arms are called."""
    b: str
    races: Races


def speeds(found: Answer) -> dict[tuple[str, str], list[Speed]]:
    """Return (target, column of :data:`COLUMNS`) to its races, in the order of the comparisons."""
    trained = {name: curves.runs(arms.setup(_arm(found, name)), one.place) for name, one in found.found.items()}
    made: dict[tuple[str, str], list[Speed]] = {}
    for task in found.plan.size.targets:
        for column in COLUMNS:
            several = [
                Speed(one.says, one.a.label, one.b.label, races)
                for one in found.plan.contrasts
                if one.minus is None and one.a.name in trained and one.b.name in trained
                if (
                    races := curves.between(
                        trained[one.a.name], one.a.start, trained[one.b.name], one.b.start, task, column,
                        f"where “{one.a.label}” ends",
                    )
                )
            ]  # fmt: skip
            if several:
                made[task, column] = several
    return made


def _arm(found: Answer, name: str) -> Arm:
    return next(arm for arm in found.plan.arms if arm.name == name)


def charts(found: Answer) -> list[tuple[str, Any]]:
    """Return captions and charts of the runs of the first comparison's two arms, per target and kind of dev rows."""
    first = next((one for one in found.plan.contrasts if one.minus is None), None)
    if first is None or not {first.a.name, first.b.name} <= set(found.found):
        return []
    sides: tuple[tuple[Arm, Tone], ...] = ((first.a, "a"), (first.b, "b"))
    made = []
    for task in found.plan.size.targets:
        for column, rows in COLUMNS.items():
            drawn = [
                line
                for arm, tone in sides
                for line in _drawn(curves.runs(arms.setup(arm), found.found[arm.name].place), arm, tone, task, column)
            ]
            if drawn:
                chart = lines(drawn, f"{task}: learning curves on {rows}", "optimizer steps", "dev value, percent")
                made.append((f"{task}: every run on {rows}", chart))
    return made


def _drawn(runs: Sequence[Run], arm: Arm, tone: Tone, task: str, column: str) -> list[Line]:
    chosen = [run for run in runs if (run.stage, run.task, run.start) == ("target", task, arm.start)]
    made = []
    for run in chosen:
        curve = curves.learning(run, runs, column)
        if curve is not None:
            made.append(Line(arm.label, tone, curve.cost["steps"].tolist(), curve.value.tolist()))
    return made


def plain(found: Mapping[tuple[str, str], Sequence[Speed]]) -> list[dict[str, Any]]:
    """Return every race as plain values, for scripts."""
    return [
        {
            "target": task, "rows": column, "comparison": speed.says, "level": name, "left_out": speed.races.left_out,
            "steps": _race(steps), "tokens_all_counted": _race(tokens), "seconds_all_counted": _race(seconds),
        }
        for (task, column), several in found.items()
        for speed in several
        for name, steps, tokens, seconds in speed.races.lines
    ]  # fmt: skip


def _race(race: Race) -> dict[str, Any]:
    told: dict[str, Any] = {"level": race.level, "bound": race.bound, "p_log_rank": wording.known(race.p)}
    told["horizon"] = race.a.horizon
    for side, arm in (("a", race.a), ("b", race.b)):
        told |= {f"{side}_mean": arm.mean, f"{side}_never": arm.never, f"{side}_runs": len(arm.times)}
    for name, one in (("speed_up", race.speed_up), ("saved", race.saved)):
        told[name] = {edge: wording.known(getattr(one, edge)) for edge in ("value", "low", "high")}
    return told
