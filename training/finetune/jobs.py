"""What is to be learnt in one phase: tasks with their rows, made ready for the loop, and the score on dev rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from curation import metrics
from curation.core import records
from curation.core.errors import CairnError
from training.evaluate.gold import gold
from training.finetune import health
from training.model import kind as kinds
from training.model import predict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from curation.core.task import Task
    from curation.metrics import Floats
    from training.model.batches import Features
    from training.model.encoder import Encoder
    from training.model.kind import Facts, Kind
    from training.model.sequences import Ints


@dataclass(frozen=True)
class Job:
    """One task of a phase."""

    name: str
    kind: str
    """A module of ``training/kinds``."""
    metric: str
    labels: tuple[str, ...]
    train: pa.Table
    dev: pa.Table | None
    """English rows that choose the checkpoint; ``None`` = this task has no say."""
    shares_head_of: str | None = None
    """Another job of the phase whose head this one uses."""
    options: Facts = field(default_factory=dict)
    """Facts that the kind would else set itself, such as the masked share of ``text``."""
    watched: Mapping[str, pa.Table] = field(default_factory=dict)
    """Other language to dev rows that are scored on the way and choose nothing."""


@dataclass(frozen=True)
class Prepared:
    """A job as tensors-to-be."""

    job: Job
    kind: Kind
    facts: Facts
    train: Features
    items: Ints
    """Items of ``train`` that can be trained on."""
    dev: Features | None
    watched: Mapping[str, Features] = field(default_factory=dict)


def of(
    name: str, task: Task, train: pa.Table, dev: pa.Table | None, watched: Mapping[str, pa.Table] | None = None
) -> Job:
    """Return the job of a task; dev rows are its labelled English ones (all languages where English is missing).

    Raises :class:`CairnError` for a metric that does not score tasks of its kind.
    """
    metrics.check_kind(task.metric, task.kind, f"task {name}: metric")
    if dev is not None:
        english = dev.filter(pc.equal(dev["lang"], "en"))
        dev = labelled(english if len(english) else dev)
    return Job(name, task.kind, task.metric, tuple(task.labels), train, dev, watched=watched or {})


def zero_shot(name: str, file: Path, languages: Sequence[str]) -> dict[str, pa.Table]:
    """Return the labelled dev rows of ``languages`` in ``file``, the split ``zero_shot`` of task ``name``.

    Raises :class:`CairnError` where there are none of one of them.
    """
    if not languages:
        return {}
    table = labelled(records.read(file)) if file.exists() else None
    there = [] if table is None else sorted(set(table["lang"].to_pylist()))
    for lang in languages:
        if table is None or lang not in there:
            raise CairnError(
                f"train.target.zero_shot_languages: task {name} has no dev rows in {lang!r}. "
                f"Fetched: {', '.join(there) or 'none'} (`zero_shot` in the task file says where they come from, and "
                "fetch.languages which of them are taken)."
            )
    assert table is not None
    return {lang: table.filter(pc.equal(table["lang"], lang)) for lang in languages}


def labelled(table: pa.Table) -> pa.Table:
    """Return the rows that have a gold label (all rows of a kind without labels)."""
    column = records.LABEL_FIELD.get(records.kind_of(table))
    return table if column is None else table.filter(pc.is_valid(table[column]))


def prepare(job: Job, encoder: Encoder, max_length: int) -> Prepared:
    """Return the job made ready; raise :class:`CairnError` when there is nothing to learn or to choose by."""
    kind = kinds.load(job.kind)
    try:
        facts = kind.facts(job.train, job.labels) | job.options
    except CairnError as error:
        raise CairnError(f"{job.name}: {error}") from None
    train = kind.features(job.train, encoder.tokenizer, max_length, facts)
    if job.dev is not None and not len(job.dev):
        raise CairnError(f"{job.name}: no dev row has a label, so no checkpoint can be chosen. Check fetch.rows.")
    dev = None if job.dev is None else kind.features(job.dev, encoder.tokenizer, max_length, facts)
    watched = {lang: kind.features(rows, encoder.tokenizer, max_length, facts) for lang, rows in job.watched.items()}
    return Prepared(job, kind, facts, train, np.flatnonzero(train.usable), dev, watched)


def idle(model: Any, part: Prepared, encoder: Encoder) -> bool:
    """Return whether weights of ``model`` take no part in a batch of ``part``; one item, forth and back, tells."""
    batch = part.kind.collate(part.train, part.items[:1], encoder.tokenizer, 0)
    torch.autograd.backward(part.kind.loss(model(part.job.name, batch), batch))
    found = any(weight.requires_grad and weight.grad is None for weight in model.parameters())
    model.zero_grad(set_to_none=True)
    return found


def counts(part: Prepared) -> dict[str, int]:
    """Return rows given, rows trained on, items (windows) trained on, items that were cut, rows without a target."""
    used = len(np.unique(part.train.row[part.items]))
    return {
        "rows": used,
        "items": len(part.items),
        "truncated": part.train.truncated,
        "unusable_rows": len(part.job.train) - used,
    }


def measure(job: Job, predictions: Sequence[Any]) -> dict[str, float]:
    """Return every value of the task's metric on its dev rows, in 0..1."""
    assert job.dev is not None
    if job.kind in ("text", "tlm"):
        right, masked = np.asarray(predictions).sum(0)
        return {"masked_accuracy": float(right / masked)}
    found = gold(job.dev, f"{job.name}, dev")
    return metrics.score(job.metric, found, predictions, lang=job.dev["lang"][0].as_py(), labels=job.labels)


def judge(job: Job, predictions: Sequence[Any]) -> Floats:
    """Return the primary value of each dev row on its own, 0..1."""
    assert job.dev is not None
    metric, found = metrics.load(job.metric), gold(job.dev, f"{job.name}, dev")
    rows = metric.statistics(found, predictions, lang=job.dev["lang"][0].as_py(), labels=job.labels)
    return np.asarray(metric.values(rows, job.labels)[metric.PRIMARY], dtype=np.float64)


def primary(job: Job) -> str:
    """Return the name of the value that chooses the checkpoint (0..1, higher is better)."""
    return "masked_accuracy" if job.kind in ("text", "tlm") else metrics.load(job.metric).PRIMARY


def evaluate(
    model: Any, part: Prepared, encoder: Encoder, batch_tokens: int, target: Any, precision: str
) -> tuple[dict[str, float], Facts, str | None]:
    """Return the metric of a model's predictions for the dev rows, the facts tuned for them, and their only answer.

    The answer is ``None`` where there are several (:func:`health.only_answer`).
    """
    job, kind, dev = part.job, part.kind, part.dev
    assert dev is not None
    assert job.dev is not None
    tokenizer = encoder.tokenizer
    pieces = predict.run(model, job.name, kind, dev, tokenizer, batch_tokens, part.facts, target, computed_in=precision)
    tuned = kind.tune(predict.grouped(pieces, dev, len(job.dev)), job.dev, part.facts, partial(judge, job))
    predictions = predict.together(kind, pieces, dev, job.dev, part.facts | tuned)
    wanted = [] if job.kind in ("text", "tlm") else gold(job.dev, f"{job.name}, dev")
    return measure(job, predictions), tuned, health.only_answer(predictions, wanted)


def watch(
    model: Any, part: Prepared, encoder: Encoder, batch_tokens: int, target: Any, precision: str, tuned: Facts
) -> dict[str, float]:
    """Return the primary value on the dev rows of each other language; with what was tuned on English, not on these."""
    job, kind, found = part.job, part.kind, {}
    for lang, features in part.watched.items():
        rows, facts = job.watched[lang], part.facts | tuned
        pieces = predict.run(
            model, job.name, kind, features, encoder.tokenizer, batch_tokens, facts, target, computed_in=precision
        )
        guessed = predict.together(kind, pieces, features, rows, facts)
        values = metrics.score(job.metric, gold(rows, f"{job.name}, {lang} dev"), guessed, lang=lang, labels=job.labels)
        found[lang] = values[primary(job)]
    return found


def baseline(part: Prepared) -> float | None:
    """Return the primary value of always giving the most frequent answer; ``None`` where there is no such answer."""
    if part.job.dev is None or (guess := part.kind.majority(part.job.train, part.job.dev)) is None:
        return None
    return measure(part.job, guess)[primary(part.job)]
