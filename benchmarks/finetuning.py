"""Fine-tuning speed beside Hugging Face's ``Trainer``: the same rows, as many steps, the same dev rows.

    python benchmarks/finetuning.py --out benchmarks/results/finetuning.json

SNLI pairs from the mirror, the packaged six-layer MiniLM under a fresh three-way classifier. The ways:

* ``trainer padded``: every input padded to 128 tokens, as the GLUE example of ``transformers`` does; float32.
* ``trainer best``: dynamic padding, batches of like length, fused AdamW; in float32 and in bfloat16.
* ``cairn``: the loop of the stages, in float32 and in bfloat16; its token budget is set so that an epoch has as many
  steps as the peer's, to within one.

Tokens are those of the texts, padding not counted. Seconds are those of the steps: loading, tokenising and evaluation
are not counted. CPU seconds are given too, since wall time on a machine that does other work says little. ``--rounds``
runs every way so often, in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from curation.core import files, models, records
from curation.core.task import Example
from training.finetune import Params, jobs, loop, schedule
from training.finetune.jobs import Job
from training.model import encoder as encoders

MODEL = "package:all-MiniLM-L6-v2"
SNLI = Path("stanfordnlp/snli/plain_text")
LABELS = ("entailment", "neutral", "contradiction")
RATE, BATCH = 1e-4, 32
WAYS = ("trainer padded", "trainer best fp32", "trainer best bf16", "cairn fp32", "cairn bf16")


def rows(split: str, count: int) -> pa.Table:
    """Return the first labelled rows of a split as records."""
    (file,) = (Path(os.environ["CAIRN_HUB_MIRROR"]) / SNLI).glob(f"{split}-*.parquet")
    found = [row for row in files.read_parquet(file).to_pylist() if row["label"] >= 0][:count]
    made = [Example(text_a=row["premise"], text_b=row["hypothesis"], label=row["label"]) for row in found]
    hashes = [records.content_hash("pair", vars(one)) for one in made]
    return records.table("pair", records.make_ids("snli", hashes), ["en"] * len(made), made)


class Clock:
    """Wall and CPU seconds between two points, taken apart from what lies outside them."""

    def __enter__(self) -> Clock:
        self._from = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall, self.cpu = time.perf_counter() - self._from[0], time.process_time() - self._from[1]


def theirs(way: str, train: pa.Table, dev: pa.Table, epochs: int, seed: int) -> tuple[Clock, int, float]:
    """Return the time of ``Trainer.train``, its steps and its dev accuracy."""
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        default_data_collator,
        set_seed,
    )  # fmt: skip

    set_seed(seed)
    folder = models.model(MODEL).path
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=3, dtype=torch.float32)
    padded = way == "trainer padded"

    def items(table: pa.Table, *, whole: bool) -> list[dict[str, Any]]:
        found = tokenizer(
            table["text_a"].to_pylist(), table["text_b"].to_pylist(), truncation=True, max_length=128,
            padding="max_length" if whole else False,
        )  # fmt: skip
        names = [name for name in ("input_ids", "attention_mask", "token_type_ids") if name in found]
        return [
            {**{name: found[name][i] for name in names}, "labels": label}
            for i, label in enumerate(table["label"].to_pylist())
        ]

    with tempfile.TemporaryDirectory() as folder_out:
        arguments = TrainingArguments(
            output_dir=folder_out, num_train_epochs=epochs, per_device_train_batch_size=BATCH, learning_rate=RATE,
            per_device_eval_batch_size=BATCH, warmup_steps=0.1, weight_decay=0.01, seed=seed, report_to=[],
            save_strategy="no", logging_strategy="no", disable_tqdm=True, bf16=way.endswith("bf16"),
            optim="adamw_torch" if padded else "adamw_torch_fused",
            train_sampling_strategy="random" if padded else "group_by_length",
            use_cpu=not torch.cuda.is_available(),
        )  # fmt: skip
        collator = default_data_collator if padded else DataCollatorWithPadding(tokenizer)
        trainer = Trainer(model, arguments, collator, items(train, whole=padded))
        with Clock() as clock:
            done = trainer.train()
        right = trainer.predict(items(dev, whole=False) if not padded else items(dev, whole=True)).predictions
    accuracy = float((right.argmax(1) == np.array(dev["label"].to_pylist())).mean())
    return clock, done.global_step, accuracy


def ours(way: str, train: pa.Table, dev: pa.Table, epochs: int, seed: int, steps: int) -> tuple[Clock, int, float]:
    """Return the time of the loop's steps, their number, and the last dev accuracy."""
    encoder = encoders.load(Path(models.model(MODEL).path))
    job = Job("snli", "pair", "accuracy", LABELS, train, dev)
    section = {
        "steps": steps, "epochs": None, "batch_tokens": budget(job, encoder, seed, steps // epochs), "max_length": 128,
        "learning_rate": RATE, "warmup": 0.1, "weight_decay": 0.01, "clip": 1.0, "evaluate_every": steps,
        "precision": way.rpartition(" ")[2],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CAIRN_CACHE"] = cache
        with Steps() as clock:
            outcome = loop.train(encoder, [job], Params(**section), seed, "benchmark")
        outcome.run.finish()
    return clock, outcome.summary["steps"], outcome.summary["last_dev"]


class Steps(Clock):
    """Seconds of the loop's steps: what its evaluations take is left out, as the peer's clock leaves it out."""

    def __enter__(self) -> Steps:
        self.wall = self.cpu = 0.0
        self._real = loop._Run.walk, loop._Run.evaluate

        def timed(call: Any, sign: int) -> Any:
            def run(*given: Any) -> None:
                with Clock() as clock:
                    call(*given)
                self.wall, self.cpu = self.wall + sign * clock.wall, self.cpu + sign * clock.cpu

            return run

        loop._Run.walk, loop._Run.evaluate = timed(self._real[0], 1), timed(self._real[1], -1)
        return self

    def __exit__(self, *_: object) -> None:
        loop._Run.walk, loop._Run.evaluate = self._real


def budget(job: Job, encoder: Any, seed: int, steps: int) -> int:
    """Return the token budget whose epochs come nearest to ``steps`` steps."""
    part = jobs.prepare(job, encoder, 128)
    sizes = range(256, 8192, 16)
    return min(sizes, key=lambda size: abs(len(schedule.epoch([part], size, seed, 0)) - steps))


def main() -> None:
    """Print a line per way, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=512)
    parser.add_argument("--dev", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    train, dev = rows("train", given.rows), rows("validation", given.dev)
    encoder = encoders.load(Path(models.model(MODEL).path))
    part = jobs.prepare(Job("snli", "pair", "accuracy", LABELS, train, dev), encoder, 128)
    tokens = int(part.train.sequences.lengths().sum()) * given.epochs
    steps = -(-given.rows // BATCH) * given.epochs
    ways: dict[str, list[dict[str, float]]] = {way: [] for way in given.ways}
    for round_ in range(given.rounds):
        for way in given.ways:
            if way.startswith("trainer"):
                clock, done, accuracy = theirs(way, train, dev, given.epochs, 1 + round_)
            else:
                clock, done, accuracy = ours(way, train, dev, given.epochs, 1 + round_, steps)
            one = {
                "steps": done, "seconds": round(clock.wall, 2), "cpu_seconds": round(clock.cpu, 2),
                "tokens_per_second": round(tokens / clock.wall, 1),
                "tokens_per_cpu_second": round(tokens / clock.cpu, 1), "dev_accuracy": round(accuracy, 4),
            }  # fmt: skip
            ways[way].append(one)
            print(
                f"{way:<18} {done:3d} steps, {one['tokens_per_second']:7.1f} tokens/s, "
                f"{one['tokens_per_cpu_second']:7.1f} per CPU second, dev {accuracy:.3f}",
                flush=True,
            )
    if given.out:
        document = {
            "machine": {"cores": os.cpu_count(), "threads": torch.get_num_threads(), "torch": torch.__version__},
            "model": MODEL, "rows": given.rows, "epochs": given.epochs, "tokens": tokens, "ways": ways,
        }  # fmt: skip
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
