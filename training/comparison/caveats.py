"""Why a number of ours and a published one may not be the same quantity."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, Any

from curation import tasks
from curation.results.effects import ONE_SEED
from curation.results.runs import sizes as sizes_of
from training import published
from training.comparison import comparable
from training.comparison.measured import GAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from training.comparison.measured import Measured
    from training.published import Row, Table

FEWER = 0.95
"""Fewer rows than this share of the published ones are worth a word; unusable rows alone are not."""
_MANY = 8


def reasons(own: Measured, table: Table, row: Row, start: str, task: str, over: comparable.Scope) -> Iterator[str]:
    """Yield why ours and the published value of ``task`` are not quite the same quantity."""
    if not comparable.same_encoder(table, row, own.encoder):
        yield f"another encoder: {own.encoder}, published {row.model}"
    if table.split == "dev" and task not in table.dev_is_test:
        easier = ", whose pools are far smaller and so easier to mine" if own.facts(task).metric == "mining" else ""
        yield f"another split: published on dev{easier}; ours on test"
    if row.intermediate == published.BEST:
        mixture = " + ".join(own.intermediate)
        yield f"published: the best of several intermediate tasks, chosen for each target; ours: {mixture}"
    if start != "pretrained":
        for stand_in in sorted(set(own.intermediate) & set(comparable.STAND_INS)):
            yield f"the intermediate task {stand_in} stands for {comparable.STAND_INS[stand_in]}"
        yield from _intermediate_rows(own)
    yield from _languages(over)
    yield from _rows(own, start, task)
    if own.stages[task] == "retrieve":
        yield from _retrieval(own, table, start, task)
    yield from _seeds(own, table, start, task)
    yield from _degenerate(own, start, task, over.have)
    if own.arm(start, task).rows is None:
        yield (
            "the predictions are not on this disk: intervals are from the reports, and left out where these have none "
            "(`dvc pull`, or `dvc repro`, brings them)"
        )


def _languages(over: comparable.Scope) -> Iterator[str]:
    if over.missing:
        absent = _listed(over.missing)
        known = len(over.have) + len(over.missing)
        if over.alike:
            yield f"compared over {len(over.have)} of {known} languages; not tested here (fetch.languages): {absent}"
        else:
            yield (
                f"no difference: the published mean is over {known} languages, not tested here (fetch.languages): "
                f"{absent}"
            )
    if over.extra:
        yield f"left out of our mean, since not in the published one: {_listed(over.extra)}"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MANY} more" if len(names) > _MANY else ""
    return " ".join(names[:_MANY]) + more


def _rows(own: Measured, start: str, task: str) -> Iterator[str]:
    """Yield where fewer rows were tested or trained on than there are."""
    facts = own.facts(task)
    told = next(iter(own.arm(start, task).reports.values()))
    sides = 2 if facts.kind == "bitext" and facts.metric != "ranking" else 1  # records of a pair; rows of other kinds
    sizes = {lang: size for lang, size in sizes_of(told).items() if size}
    whole = {lang: (facts.test.expected(lang) or 0) // sides for lang in sizes}
    cut = [lang for lang in sizes if facts.metric != "mining" and sizes[lang] < FEWER * whole[lang]]
    if cut:
        alike = len({(sizes[lang], whole[lang]) for lang in sizes}) == 1
        where = "per language" if alike else f"in {cut[0]}"
        yield f"test rows are capped: {sizes[cut[0]]:,} of {whole[cut[0]]:,} {where}"
    elif told.get("cap") is not None and max(sizes.values()) >= told["cap"]:
        yield f"test rows are capped: at most {told['cap']:,} per language"
    elif facts.metric == "mining" and (cap := own.values["fetch"]["rows"]["retrieval"]["test"]) is not None:
        yield f"the pools are cut to {cap:,} pairs, which is easier (fetch.rows.retrieval.test)"
    trained = [r for r in own.trainings if r.stage == "target" and r.task == task and r.start in _starts(start)]
    full = facts.train.expected("en") if facts.train else None
    if trained and full and trained[0].report["rows"] < FEWER * full:
        yield f"target training on {trained[0].report['rows']:,} of {full:,} rows"


def _starts(start: str) -> tuple[str, ...]:
    return ("pretrained", "intermediate") if start == GAIN else (start,)


def _intermediate_rows(own: Measured) -> Iterator[str]:
    trained = [run.report["rows"] for run in own.trainings if run.stage == "intermediate"]
    sources = [tasks.load(task).train for task in own.intermediate]
    full = [source.expected("en") if source else None for source in sources]
    whole = sum(count for count in full if count is not None)
    if trained and None not in full and trained[0] < FEWER * whole:
        yield f"intermediate step on {trained[0]:,} of {whole:,} rows"


def _retrieval(own: Measured, table: Table, start: str, task: str) -> Iterator[str]:
    told: Mapping[str, Any] = next(iter(own.arm(start, task).reports.values()))
    if told.get("dev_queries_in_test"):
        seen, asked = told["dev_queries_in_test"], told["dev_queries"]
        yield f"{seen:,} of the {asked:,} dev queries that it was tuned on are test queries"
    searches = [side for lang in told["languages"].values() for side in lang.get("search", {}).values()]
    recall = min((side["recall"] for side in searches), default=1)
    if recall < 1:
        yield f"approximate search, which found {100 * recall:.1f}% of the nearest neighbours (retrieve.index)"
    wanted = table.retrieval.get(task)
    if wanted is None:
        yield f"published with a layer and pooling that are not known; ours: layer {told['layer']}, {told['pooling']}"
        return
    other = [f"{key} {told[key]} (published {value})" for key, value in wanted.items() if told.get(key) != value]
    if other:
        yield f"other retrieval settings: {', '.join(other)}"


def _seeds(own: Measured, table: Table, start: str, task: str) -> Iterator[str]:
    arm = own.arm(start, task)
    lacking = [seed for seed in own.setup.seeds if seed not in arm.seeds]
    if lacking:
        yield f"no report yet of seed {', '.join(map(str, lacking))}"
    if own.stages[task] == "retrieve" and start == "pretrained":
        return  # nothing is trained: seeds do not differ
    if len(arm.seeds) == 1:
        yield f"{ONE_SEED}{f' (published: {kind(table)})' if (table.seeds or 1) > 1 else ''}"
    elif table.seeds not in (None, len(arm.seeds)):
        yield f"{len(arm.seeds)} seeds; published: {kind(table)}"


def kind(table: Table) -> str:
    """Return what a table's values are over seeds, in words."""
    if table.runs == "unknown":
        return "seeds not stated"
    return "single run" if table.runs == "single" else f"{table.runs} of {table.seeds} seeds"


def _degenerate(own: Measured, start: str, task: str, languages: Sequence[str]) -> Iterator[str]:
    """Yield the runs that learnt nothing, and our mean without their seeds."""
    behind = [r for r in own.trainings if r.stage == "target" and r.task == task and r.start in _starts(start)]
    if start != "pretrained":
        behind += [run for run in own.trainings if run.stage == "intermediate"]
    bad = {run.seed for run in behind if run.report.get("degenerate")}
    seeds = sorted(bad & set(own.arm(start, task).seeds))
    if not seeds:
        return
    text = f"degenerate: seed {', '.join(map(str, seeds))} learnt nothing somewhere on the way"
    if start != GAIN and languages:
        by_seed = own.by_seed(start, task, own.primary(task), languages)
        rest = [value for seed, value in by_seed.items() if seed not in bad]
        text += f"; {own.primary(task)} without it: {100 * fmean(rest):.1f}" if rest else "; no other seed is left"
    yield text
