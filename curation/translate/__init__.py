"""Stage ``translate``: the same ids in another language, labels carried over, every drop with a reason.

Reads ``data/intermediate/<task>/train.parquet``; writes ``train.parquet`` (records), ``checks.parquet`` (every source
id: kept, reason, quality estimates) and ``manifest.json`` in ``data/translated/<task>/<lang>/``.

Labels of ``pair`` and ``choice`` are those of the original: what was mislabelled stays so. Answers of ``span`` are
projected (:mod:`curation.translate.projection`) or come with a provided translation; ``tags`` need a provided
translation, since no backend here says which word became which.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pydantic

from curation import fetch
from curation.core import files, paths, records, registry
from curation.core.errors import CairnError
from curation.core.params import Section, experiment, path, read
from curation.translate import checks
from curation.translate.drafts import Draft, from_examples, from_sentences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from curation.core.task import Kind, Task


class Params(Section):
    """Section ``translate``."""

    languages: tuple[str, ...]
    """Languages to translate the intermediate train rows into; may be empty."""
    backend: str
    """A module of ``curation/translate/translators``."""
    batch_size: int = pydantic.Field(gt=0)
    """marian, nllb: sentences per batch."""
    model: str | None
    """marian, nllb: a hub id or folder; ``{src}`` and ``{tgt}`` are replaced by the languages."""
    revision: str | None
    """marian, nllb: commit of a hub model; null = its newest, which the manifest records."""
    beams: int = pydantic.Field(ge=1)
    """marian, nllb: beams of the search; 1 = greedy."""
    min_quality: float = pydantic.Field(ge=0, le=1)
    """Rows whose translation is estimated below are dropped."""


def segments(kind: Kind, source: Mapping[str, Any], target: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the pairs of texts that translate each other; a row of tokens is one text.

    >>> segments("choice", {"prompt": "A", "choices": ["b", "c"]}, {"prompt": "X", "choices": ["y", "z"]})
    [('A', 'X'), ('b', 'y'), ('c', 'z')]
    """
    pairs: list[tuple[str, str]] = []
    for name in records.content_fields(kind):
        a, b = source[name], target[name]
        if name == "tokens":
            a, b = " ".join(a), " ".join(b)
        pairs += [(a, b)] if isinstance(a, str) else zip(a, b, strict=True)
    return pairs


def check(kind: Kind, rows: Sequence[Mapping[str, Any]], drafts: Sequence[Draft], src: str, tgt: str) -> dict[str, Any]:
    """Return ``translation_quality`` and every estimate, ``(n,)`` each, NaN where a row has no translation."""
    pairs: list[tuple[str, str]] = []
    row_of: list[int] = []
    for i, (row, draft) in enumerate(zip(rows, drafts, strict=True)):
        own = segments(kind, row, draft.fields) if draft.fields is not None else []
        own = [pair for pair in own if pair[0].strip() or pair[1].strip()]
        pairs += own
        row_of += [i] * len(own)
    sources, targets = [a for a, _ in pairs], [b for _, b in pairs]
    found = checks.rows(checks.estimate(sources, targets, src, tgt), row_of, len(rows))
    known = np.array([1 - draft.unknown / max(1, draft.words) for draft in drafts], dtype=np.float64)
    found["known_words"] = checks.ramp(known, good=0.9, bad=0.3)
    missing = np.array([draft.fields is None for draft in drafts], dtype=bool)
    quality = checks.combine(found)
    return {
        name: np.where(missing, np.nan, values) for name, values in {"translation_quality": quality, **found}.items()
    }


def worst(estimates: Mapping[str, Any], i: int) -> str:
    """Return the name of the lowest estimate of row ``i``."""
    own = {name: values[i] for name, values in estimates.items() if name != "translation_quality"}
    return min((name for name, value in own.items() if not np.isnan(value)), key=lambda name: (own[name], name))


def source_language(task: Task) -> str:
    """Return the language that a task is translated from: the one its train rows are fetched in."""
    return fetch.pivot(task.train) if task.train is not None else "en"


def check_request(task: str, facts: Task, lang: str, backend: Any, given: Params, where: str) -> None:
    """Raise :class:`CairnError` when ``backend`` cannot translate ``task`` into ``lang``; ``where``: the params file.

    It reads no rows and asks no network, so that `curation check` can say the same hours earlier.
    """
    src = source_language(facts)
    if lang == src:
        raise CairnError(f"{where}: translate.languages: {task} is in {src} already; take {src} out.")
    if facts.kind == "bitext" or (facts.kind == "tags" and not hasattr(backend, "examples")):
        why = "is parallel text already" if facts.kind == "bitext" else "has a label per word"
        raise CairnError(
            f"{where}: {task} {why}, and backend {given.backend} cannot carry that over. "
            f"Set translate.backend: provided where translations exist, or translate.languages: []."
        )
    if hasattr(backend, "check"):
        try:
            backend.check(task, src, lang, given)
        except CairnError as error:
            raise CairnError(f"{where}: {error}") from None


def _source_rows(task: str, src: str) -> pa.Table:
    fetched = records.read(paths.fetched("intermediate", task) / "train.parquet")
    table = fetched.filter(pc.equal(fetched["lang"], src))
    if not table.num_rows:
        raise CairnError(f"{task} has no train rows in {src} to translate. Run `dvc repro`, or see its manifest.json.")
    return table


def _reasons(drafts: Sequence[Draft], estimates: Mapping[str, Any], least: float) -> list[str | None]:
    quality = estimates["translation_quality"]
    return [
        draft.reason or (f"low quality: {worst(estimates, i)}" if quality[i] < least else None)
        for i, draft in enumerate(drafts)
    ]


def run(task: str, lang: str) -> None:
    """Translate the train rows of ``task`` into ``lang``."""
    experiment()
    given = read(Params, "translate")
    backend: Any = registry.load("translators", given.backend, f"{path()}: translate.backend")
    facts: Task = registry.load("tasks", task, f"{path()}: intermediate").TASK
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
    out = paths.translated(task, lang)
    records.write(out / "train.parquet", pa.Table.from_pylist(kept, schema=records.schema(facts.kind)))
    columns = {name: pa.array(values, from_pandas=True) for name, values in estimates.items()}
    listed = {
        "id": table["id"],
        "kept": [reason is None for reason in reasons],
        "reason": pa.array(reasons, pa.string()),
    }
    files.write_parquet(out / "checks.parquet", pa.table({**listed, **columns}))
    files.write_json(
        out / "manifest.json",
        {
            "task": task, "src": src, "lang": lang, "backend": given.backend, "engine": engine,
            "rows": len(rows), "kept": len(kept),
            "dropped": dict(sorted(Counter(reason for reason in reasons if reason).items())),
            "projected": dict(sorted(Counter(draft.how for draft in drafts if draft.how).items())),
            "words": sum(draft.words for draft in drafts), "unknown_words": sum(draft.unknown for draft in drafts),
            "mean_quality": _mean(estimates["translation_quality"]), "min_quality": given.min_quality,
        },
    )  # fmt: skip
    if not kept:
        counted = ", ".join(f"{count} {reason}" for reason, count in Counter(reasons).most_common(3))
        raise CairnError(f"no row of {task} has a usable translation into {lang} ({counted}); see {out}/manifest.json.")


def _mean(values: Any) -> float | None:
    return None if np.isnan(values).all() else round(float(np.nanmean(values)), 6)
