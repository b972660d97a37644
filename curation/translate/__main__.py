"""``python -m curation.translate``: see the docstring of the package."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from curation import tasks
from curation.core import experiment, files, paths, records, registry
from curation.core.errors import CairnError
from curation.core.params import path, read
from curation.translate.drafts import from_examples, from_sentences

if TYPE_CHECKING:
    from curation.core.task import Task
from curation.core.stage import main
from curation.translate import Params, check_request, source_language
from curation.translate.judge import _mean, _reasons, check


def _source_rows(task: str, src: str) -> pa.Table:
    fetched = records.read(paths.fetched("intermediate", task) / "train.parquet")
    table = fetched.filter(pc.equal(fetched["lang"], src))
    if not table.num_rows:
        raise CairnError(f"{task} has no train rows in {src} to translate. Run `dvc repro`, or see its manifest.json.")
    return table


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
    engine = backend.describe(src, lang, given)
    if hasattr(backend, "examples"):
        drafts = from_examples(facts.kind, rows, backend.examples(task, lang, [row["key"] for row in rows], given))
    else:
        drafts = from_sentences(facts.kind, rows, backend, engine, src, lang, given)
    estimates = check(facts.kind, rows, drafts, src, lang)
    reasons = _reasons(drafts, estimates, given.min_quality)
    kept = [
        {**row, **(draft.fields or {}), "lang": lang}
        for row, draft, reason in zip(rows, drafts, reasons, strict=True)
        if reason is None
    ]
    if not kept:
        counted = ", ".join(f"{count} {reason}" for reason, count in Counter(reasons).most_common(3))
        raise CairnError(f"no row of {task} has a usable translation into {lang}: {counted}. Nothing was written.")
    columns = {name: pa.array(values, from_pandas=True) for name, values in estimates.items()}
    listed = {
        "id": table["id"],
        "kept": [reason is None for reason in reasons],
        "reason": pa.array(reasons, pa.string()),
    }
    facts_of_run = {
        "task": task, "src": src, "lang": lang, "backend": given.backend, "engine": engine,
        "rows": len(rows), "kept": len(kept),
        "dropped": dict(sorted(Counter(reason for reason in reasons if reason).items())),
        "projected": dict(sorted(Counter(draft.how for draft in drafts if draft.how).items())),
        "words": sum(draft.words for draft in drafts), "unknown_words": sum(draft.unknown for draft in drafts),
        "mean_quality": _mean(estimates["translation_quality"]), "min_quality": given.min_quality,
    }  # fmt: skip
    with files.replacing_folder(paths.translated(task, lang)) as out:
        records.write(out / "train.parquet", pa.Table.from_pylist(kept, schema=records.schema(facts.kind)))
        files.write_parquet(out / "checks.parquet", pa.table({**listed, **columns}))
        files.write_json(out / "manifest.json", facts_of_run)


if __name__ == "__main__":
    main(run)
