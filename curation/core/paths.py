"""Where every stage reads and writes, in one place; all paths are relative to the repository root."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Role = Literal["intermediate", "target", "retrieval"]
Start = Literal["pretrained", "intermediate"]


def fetched(role: Role, task: str) -> Path:
    """Folder of ``fetch``: ``{train,dev,test}.parquet`` (as the role needs), ``dropped.parquet``, ``manifest.json``.

    Of an intermediate task that reads the user's own files also ``brought.parquet``: their rows, by id.
    """
    return Path("data") / role / task


def vectors(task: str) -> Path:
    """Folder of ``embed``: float16 arrays of an intermediate task's train rows and their manifest."""
    return Path("data/vectors") / task


def probe(task: str) -> Path:
    """Folder of ``probe``: out-of-fold probabilities of an intermediate task's train rows."""
    return Path("data/probe") / task


def crossfit(task: str) -> Path:
    """Folder of ``crossfit``: probabilities as those of ``probe``, from fine-tuned encoders, and training dynamics."""
    return Path("data/crossfit") / task


def neighbours(task: str) -> Path:
    """Folder of ``neighbours``: the kNN graph of an intermediate task's train rows."""
    return Path("data/neighbours") / task


def scores(task: str, scorer: str) -> Path:
    """File of ``score``, or of the stage ``contamination``: one row per train row, in record order."""
    return Path("data/contamination", f"{task}.parquet") if scorer == "contamination" else scored(task, scorer)


def scored(task: str, scorer: str) -> Path:
    """File that ``score`` makes for every name in params.yaml: ``scorers``; see :func:`scores` for where to read."""
    return Path("data/scores") / task / f"{scorer}.parquet"


def quality(task: str) -> Path:
    """File of ``quality``: all scores of a task side by side, the combined ``quality`` and the flags."""
    return Path("data/quality") / f"{task}.parquet"


def reviews(task: str) -> Path:
    """The log of people's decisions about rows, in git: one line a decision."""
    return Path("reviews") / f"{task}.jsonl"


def reviewed(task: str) -> Path:
    """File of ``review``: the decisions that count, one row an id."""
    return Path("data/reviewed") / f"{task}.parquet"


def translated(task: str, lang: str) -> Path:
    """Folder of ``translate``: ``train.parquet`` (records in ``lang``), ``checks.parquet``, ``manifest.json``."""
    return Path("data/translated") / task / lang


def subset() -> Path:
    """File of ``subset``: the manifest (id, lang, task, rank, stratum, kept, reason)."""
    return Path("data/subset/manifest.parquet")


def start(name: Start, seed: int) -> Path:
    """Folder of the encoder that target training starts from: ``pretrained``: a pointer; ``intermediate``: weights."""
    return Path("models") / name / f"seed-{seed}"


def target_model(name: Start, task: str, seed: int) -> Path:
    """Folder of a fine-tuned target model."""
    return Path("models/target") / name / task / f"seed-{seed}"


def predictions(name: Start, task: str, seed: int) -> Path:
    """File of ``evaluate``/``retrieve``: one row per test row with prediction and per-row metric statistics."""
    return Path("data/predictions") / name / task / f"seed-{seed}.parquet"


def report(stage: str, *names: str) -> Path:
    """A small JSON report under ``reports/``, kept in git, e.g. ``reports/evaluate/pretrained/xnli/seed-1.json``."""
    return Path("reports", stage, *names[:-1], f"{names[-1]}.json") if names else Path("reports") / f"{stage}.json"
