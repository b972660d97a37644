"""``python -m curation.translate``: see the docstring of the package."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation import tasks
from curation.core import experiment, files, kinds, paths, records, registry
from curation.core.errors import CairnError
from curation.core.params import path, read
from curation.core.progress import say
from curation.core.stage import main
from curation.translate import (
    Params,
    agreement,
    answers,
    check_request,
    compared,
    drafts,
    judge,
    source_language,
    word_tags,
)
from curation.translate.alignment import Aligner
from curation.translate.sentences import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from curation.core.task import Task
    from curation.translate.drafts import Draft
    from curation.translate.estimates import Floats, Pairs

NAMED = 5
"""Rows named when some come with another label."""
CHUNK = 512
"""Sentences handed to a backend, and kept in the cache, at a time."""


def _source_rows(task: str, src: str) -> pa.Table:
    fetched = records.read(paths.fetched("intermediate", task) / "train.parquet")
    table = fetched.filter(pc.equal(fetched["lang"], src))
    if not table.num_rows:
        raise CairnError(f"{task} has no train rows in {src} to translate. Run `dvc repro`, or see its manifest.json.")
    return table


def _engine(backend: Any, src: str, tgt: str, given: Params) -> Engine:
    described = backend.describe(src, tgt, given)
    chunk = getattr(backend, "CHUNK", CHUNK)
    return Engine(partial(_translated, src, tgt, given), described, src, tgt, chunk)


def _translated(src: str, tgt: str, given: Params, texts: Sequence[str]) -> list[str]:
    """Return translations; the backend is found by its name, so that this can be sent to another process."""
    backend = registry.load("translators", given.backend)
    found: list[str] = backend.translate(texts, src, tgt, given)
    return found


def _drafts(
    facts: Task, rows: Sequence[Mapping[str, Any]], backend: Any, src: str, lang: str, given: Params
) -> list[Draft]:
    """Return a draft per row from a backend of sentences."""
    run = _engine(backend, src, lang, given)
    aligner = Aligner(given.aligner) if given.aligner is not None else None
    if facts.kind == "span":
        return answers.from_rows(rows, run, backend.MARKERS, aligner)
    if facts.kind == "tags":
        assert aligner is not None  # check_request has seen to it
        return word_tags.from_rows(rows, run, facts.labels, aligner)
    return drafts.from_texts(facts.kind, rows, run)


def _extra(
    backend: Any, src: str, lang: str, given: Params, encode: Callable[[Sequence[str]], Any] | None
) -> dict[str, Callable[[Pairs], Floats]]:
    """Return the estimates that params ask for beside the usual ones."""
    found: dict[str, Callable[[Pairs], Floats]] = {}
    if encode is not None:
        found["similarity"] = lambda pairs: compared.similarity(pairs, encode)
    if given.round_trip:
        run = _engine(backend, lang, src, given)

        def back(texts: Sequence[str]) -> list[str]:
            known = run.texts(texts)
            return [drafts.clean(known[text][0])[0] for text in texts]

        found["round_trip"] = lambda pairs: compared.round_trip(pairs, back)
    return found


def _encoder(given: Params) -> Callable[[Sequence[str]], Any] | None:
    """Return what gives sentence vectors across languages; ``None`` where params name no multilingual encoder."""
    if given.aligner is None:
        return None
    from curation.embed.encoder import Encoder

    return Encoder(given.aligner, None, 32, 256).encode


def run(task: str, lang: str) -> None:
    """Translate the train rows of ``task`` into ``lang``."""
    experiment.read()
    given = read(Params, "translate")
    backend: Any = registry.load("translators", given.backend, f"{path()}: translate.backend")
    facts: Task = tasks.load(task, f"{path()}: intermediate")
    check_request(task, facts, lang, backend, given, str(path()))
    src = source_language(facts)
    table = _source_rows(task, src)
    rows = table.to_pylist()
    if hasattr(backend, "examples"):
        provided = backend.examples(task, lang, [row["key"] for row in rows], given)
        made = drafts.from_examples(facts.kind, rows, provided)
    else:
        made = _drafts(facts, rows, backend, src, lang, given)
    encode = _encoder(given)
    by_row = {} if encode is None else {agreement.NAME: agreement.of_drafts(facts.kind, rows, made, encode)}
    estimates = judge.check(facts.kind, rows, made, src, lang, _extra(backend, src, lang, given, encode), by_row)
    reasons = judge.reasons(made, estimates, given.min_quality)
    kept = [
        {**row, **(draft.fields or {}), "lang": lang}
        for row, draft, reason in zip(rows, made, reasons, strict=True)
        if reason is None
    ]
    conflicts = [
        row["id"]
        for row, draft, reason in zip(rows, made, reasons, strict=True)
        if reason is None and draft.other_label is not None
    ]
    if not kept:
        counted = ", ".join(f"{count} {reason}" for reason, count in Counter(reasons).most_common(3))
        raise CairnError(
            f"no row of {task} has a usable translation into {lang}: {counted}. Nothing was written. In {path()}, take "
            f"{lang} out of translate.languages or set another translate.backend; where quality is low, lower "
            f"translate.min_quality ({given.min_quality})."
        )
    engine = backend.describe(src, lang, given)
    facts_of_run = {
        "task": task, "src": src, "lang": lang, "backend": given.backend, "engine": engine, "aligner": given.aligner,
    }  # fmt: skip
    out = paths.translated(task, lang)
    with files.replacing_folder(out) as aside:
        records.write(aside / "train.parquet", pa.Table.from_pylist(kept, schema=records.schema(facts.kind)))
        _write_checks(aside, facts, rows, made, reasons, estimates)
        summary = _summary(made, reasons, estimates, given.min_quality, lang)
        counts = {"rows": len(rows), "kept": len(kept), "other_label": len(conflicts)}
        files.write_json(aside / "manifest.json", facts_of_run | counts | summary)
    if conflicts:
        _tell(task, lang, conflicts, len(kept))


def _tell(task: str, lang: str, conflicts: Sequence[str], kept: int) -> None:
    """Say which translations come with another label than their row has."""
    more = f" and {len(conflicts) - NAMED} more" if len(conflicts) > NAMED else ""
    say(
        f"translate {task} {lang}: {len(conflicts)} of {kept} translations come with another label than their row; the "
        f"row's label stays. They are {', '.join(conflicts[:NAMED])}{more}. To see them, type: curation show {task} "
        f'--table checks/{lang} --where "other_label is not null" --columns id,label,other_label,text'
    )


def _write_checks(
    folder: Path,
    task: Task,
    rows: Sequence[Mapping[str, Any]],
    made: Sequence[Draft],
    reasons: Sequence[str | None],
    estimates: Mapping[str, Floats],
) -> None:
    others = [
        None
        if draft.other_label is None
        else kinds.shown(task.kind, {**(draft.fields or {}), "label": draft.other_label}, task.labels)
        for draft in made
    ]
    columns = {name: pa.array(values, from_pandas=True) for name, values in estimates.items()}
    listed = {
        "id": [row["id"] for row in rows],
        "kept": [reason is None for reason in reasons],
        "reason": pa.array(reasons, pa.string()),
        "other_label": pa.array(others, pa.string()),
    }
    files.write_parquet(folder / "checks.parquet", pa.table({**listed, **columns}))


def _summary(
    made: Sequence[Draft], reasons: Sequence[str | None], estimates: Mapping[str, Floats], least: float, lang: str
) -> dict[str, Any]:
    quality = estimates[judge.QUALITY]
    return {
        "dropped": dict(sorted(Counter(reason for reason in reasons if reason).items())),
        "projected": dict(sorted(Counter(draft.how for draft in made if draft.how).items())),
        "words": sum(draft.words for draft in made),
        "unknown_words": sum(draft.unknown for draft in made),
        "mean_quality": None if np.isnan(quality).all() else round(float(np.nanmean(quality)), 6),
        "min_quality": least,
        "drop_rate": judge.drop_rate(made, estimates, least, lang),
    }


if __name__ == "__main__":
    main(run)
