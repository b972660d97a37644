"""The answer of a study as a page, a table and numbers, in ``reports/studies``."""

from __future__ import annotations

import base64
import functools
import hashlib
import math
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from curation.core import files
from curation.results import charts, figure, scaling, wording
from curation.results.changes import differences
from curation.results.statistics import ALL
from training import published
from training.comparison.comparable import same_encoder
from training.study import answer as answering
from training.study import speed
from training.study.threats import runs, threats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.results.effects import Effect
    from training.study.answer import Answer, Compared
    from training.study.arms import Arm
    from training.study.plan import Plan

FOLDER = Path("reports/studies")
_TONES: tuple[charts.Tone, ...] = ("muted", "b", "a", "c", "d")


@dataclass(frozen=True)
class Written:
    """What was written."""

    sentence: str
    minded: tuple[str, ...]
    """What to mind about the sentence: arms that have not run, arms of other code or parameters."""
    numbers: Mapping[str, Any]
    paths: tuple[Path, ...]


def write(plan: Plan) -> Written:
    """Answer the question and write page, table and numbers; arms that have not run are named in each."""
    found = answering.gather(plan)
    stem = FOLDER / f"{plan.name}-{plan.place.size}"
    numbers = answering.plain(found) | {"convergence": speed.plain(speed.speeds(found))}
    paths = tuple(stem.with_suffix(suffix) for suffix in (".html", ".csv", ".json"))
    files.write_text(paths[0], html(found))
    files.write_text(paths[1], table(found))
    files.write_json(paths[2], numbers)
    return Written(answering.headline(found), tuple(text for _, text in runs(found)), numbers, paths)


def table(found: Answer) -> str:
    """Return one CSV line per arm, target and language, and per comparison and language."""
    from curation.report.numbers import table as csv

    lines: list[list[Any]] = []
    for one in (*found.tables, *found.retrieval):
        for name in one.runs:
            for at, effect in one.level(name).items():
                lines.append(["level", name, one.task, one.primary, at, *_numbers(effect)])
    for compared in found.compared:
        says, metric = compared.contrast.says, found.plan.study.metric
        lines.append(["difference", says, "", metric, ALL, *_numbers(compared.effect)])
        lines.append(["difference", says, "", metric, "without_english", *_numbers(compared.without_english)])
        lines += [
            ["difference", says, task, metric, lang, *_numbers(effect)]
            for (task, lang), effect in compared.by_language.items()
        ]
    return csv(["what", "name", "target", "metric", "language", "value", "low", "high", "p", "seeds"], lines)


def _numbers(effect: Effect) -> list[Any]:
    given = (effect.value, effect.low, effect.high, effect.p)
    return [*(None if math.isnan(one) else one for one in given), effect.seeds]


def html(found: Answer) -> str:
    """Return the page: self-contained; everything shown is escaped but our own style sheet, script and drawings."""
    plan, script = found.plan, _resource("sort.js")
    first = plan.arms[0]
    facts = {
        "question": plan.study.question, "about": plan.study.about, "next": plan.study.next, "name": plan.name,
        "size": plan.place.size, "size_about": plan.size.about, "profile": plan.size.profile,
        "metric": answering.said(plan.study.metric),
        "equivalent": f"{plan.study.equivalent:g}", "targets": list(plan.size.targets), "seeds": len(plan.size.seeds),
        "first": found.first, "headline": answering.headline(found),
        "count": len(plan.arms), "arms": plan.arms, "missing": found.missing, "tables": found.tables,
        "retrieval": found.retrieval, "compared": found.compared, "undone": found.undone, "charts": drawings(found),
        "fits": fits(found), "speeds": speed.speeds(found), "speed_charts": speed.charts(found),
        "rows_of": speed.COLUMNS,
        "threats": threats(found), "published": _published(found),
        "experiments": {arm.name: plan.experiment(arm) for arm in plan.arms},
        "changes": {arm.name: _changes(first.values, arm.values) for arm in plan.arms},
        "style": Markup(_resource("style.css", "curation.report")),  # noqa: S704 - ours
        "script": Markup(script),  # noqa: S704 - ours
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }  # fmt: skip
    return _environment().get_template("page.html.j2").render(**facts) + "\n"


def _resource(name: str, package: str = "training.study") -> str:
    return resources(package).joinpath(name).read_text(encoding="utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_resource), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "points": wording.points,
        "interval": wording.interval,
        "p": lambda p: "–" if math.isnan(p) else answering.chance(p).removeprefix("p ").removeprefix("= "),
        "over_languages": over_languages,
        "factor": wording.factor,
        "said": answering.said,
    }
    return environment


def over_languages(one: Compared) -> str:
    """Return the range of a comparison over languages, as ``de −0.3 to en +2.1``."""
    ordered = sorted(one.by_language.items(), key=lambda item: item[1].value)
    if len(ordered) < 2:
        return "–"
    ends = (ordered[0], ordered[-1])
    return " to ".join(f"{lang} {wording.points(effect.value, True)}" for (_, lang), effect in ends)


def _changes(first: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    changed = differences(dict(first), dict(other))
    return ", ".join(f"{key} = {value}" for key, _, value in changed) or "–"


def drawings(found: Answer) -> list[tuple[str, Any]]:
    """Return captions and charts: arms along the study's axis or one by one, and every comparison's difference."""
    study, made = found.plan.study, []
    metric = answering.said(study.metric)
    measured = [arm for arm in found.plan.arms if arm.name in found.levels]
    title = f"{found.plan.name}: {metric} of every arm"
    series = _series(found, measured) if study.x is not None else []
    if series:
        chart = figure.against(series, title, str(study.x), f"{metric}, percent")
        made.append(("Mean over languages, with 95% intervals; lines join arms", chart))
    elif measured:
        rows = {arm.label: [_mark(found.levels[arm.name][ALL])] for arm in measured}
        chart = charts.intervals(rows, [("mean over languages", "b")], title, f"{metric}, percent")
        made.append(("Every arm, with 95% intervals", chart))
    if found.compared:
        gaps = {f"{i + 1}": [_mark(one.effect)] for i, one in enumerate(found.compared)}
        names = "; ".join(f"{i + 1}: {one.contrast.says}" for i, one in enumerate(found.compared))
        title = f"{found.plan.name}: declared comparisons"
        chart = charts.intervals(gaps, [("difference", "b")], title, "points, with 95% intervals", zero=True)
        made.append((f"Declared comparisons; the line marks 0. {names}", chart))
    return made


def _lines(found: Answer, measured: Sequence[Arm]) -> dict[str, list[tuple[int, Arm]]]:
    """Return (x, arm) by line: a group and its place on the other axes. Arms without a number at x are left out."""
    lines: dict[str, list[tuple[int, Arm]]] = {}
    for arm in measured:
        x = found.found[arm.name].at(str(found.plan.study.x))
        rest = [str(value) for key, value in arm.axes.items() if key != found.plan.study.x]
        if isinstance(x, int):
            label = found.plan.study.arms[arm.group].label or arm.group
            lines.setdefault(" ".join([label, *rest]), []).append((x, arm))
    return lines


def _series(found: Answer, measured: Sequence[Arm]) -> list[figure.Series]:
    made = []
    for i, (name, several) in enumerate(_lines(found, measured).items()):
        marks = [(float(x), found.levels[arm.name][ALL]) for x, arm in sorted(several, key=lambda one: one[0])]
        made.append(figure.Series(name, _TONES[i % len(_TONES)], marks, marks if len(marks) > 1 else ()))
    return made


def fits(found: Answer) -> list[str]:
    """Return what the curve over nested sizes predicts, for every line of three sizes or more, or that it does not."""
    said = []
    for name, several in _lines(found, [arm for arm in found.plan.arms if arm.name in found.levels]).items():
        sizes = {x: found.runs[arm.name] for x, arm in several if x > 0}
        if found.plan.study.x == "subset.size" and len(sizes) >= scaling.LEAST:
            curve = scaling.fit(sizes, ALL, seed=0)
            if not curve.follows:
                why = f"the scores over {len(sizes)} nested sizes follow no power law ({answering.chance(curve.p)})"
                said.append(f"{name}: {why}, so nothing is predicted for more rows.")
                continue
            gain = f"{wording.points(curve.doubling.value, True)} points {wording.interval(curve.doubling, True)}"
            said.append(
                f"{name}: by a power law over {len(sizes)} nested sizes, {2 * max(sizes):,} rows bring {gain} more."
            )
    return said


def _mark(effect: Effect) -> charts.Interval:
    known = not math.isnan(effect.low)
    return charts.Interval(effect.value, effect.low if known else None, effect.high if known else None)


def _published(found: Answer) -> list[dict[str, Any]]:
    """Return published means of the study's targets for an encoder that it tests."""
    encoders = {str(arm.values["encoder"]["model"]) for arm in found.plan.arms}
    lines = []
    for name in published.names():
        table = published.load(name)
        for label, row in table.rows.items():
            if not any(same_encoder(table, row, encoder) for encoder in encoders):
                continue
            for (task, metric, lang), cell in published.levels(table, label).items():
                if lang == "all" and task in found.plan.size.targets:
                    lines.append(
                        {
                            "table": table.title, "row": label, "task": task, "metric": metric,
                            "percent": f"{cell.percent:.1f}", "verified": cell.verified,
                        }
                    )  # fmt: skip
    return lines
