"""Fine-tuning speed beside Hugging Face's ``Trainer``: the same rows, as many steps, the same dev rows.

    python benchmarks/finetuning.py --out benchmarks/results/finetuning.json
    python benchmarks/finetuning.py --task squad --rows 96 --epochs 1 --out benchmarks/results/finetuning_squad.json
    python benchmarks/finetuning.py --together --ways "cairn fp32" --out benchmarks/results/finetuning_together.json

The packaged six-layer MiniLM under a fresh head, on rows of the mirror (``CAIRN_HUB_MIRROR``): pairs of SNLI, or
questions of SQuAD. The ways:

* ``trainer padded``: every input padded to full length, 128 and 384 tokens, in batches of 32 and 12, as the GLUE and
  the question answering example of ``transformers`` do; float32.
* ``trainer best``: dynamic padding, batches of like length, fused AdamW; in float32 and in bfloat16. Attention is what
  ``transformers`` takes by itself.
* ``cairn``: the loop of the stages, in float32 and in bfloat16; its token budget is set so that an epoch has as many
  steps as the peer's, to within one.

Tokens are those of a way's own inputs, padding not counted (contexts are cut into windows at other places). Seconds are
those of the steps: loading, tokenising and evaluation are not counted. CPU seconds are given too, since wall time on a
machine that does other work says little. Every way is a process of its own, and has ``--rounds`` turns.

``--together`` runs the first of ``--ways`` twice side by side and twice in turn, a thread each, and gives the wall
seconds of the steps of both. It needs two idle cores.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import training  # isort: skip - it settles how threads wait, before PyTorch is loaded

import numpy as np
import pyarrow as pa
import torch

from curation import metrics
from curation.core import files, models, records
from curation.core.task import Answer, Example
from training.evaluate.gold import gold
from training.finetune import Params, jobs, loop, schedule
from training.finetune.jobs import Job
from training.model import encoder as encoders

assert training
MODEL = "package:all-MiniLM-L6-v2"
RATE = 1e-4
WAYS = ("trainer padded", "trainer best fp32", "trainer best bf16", "cairn fp32", "cairn bf16")


@dataclass(frozen=True)
class Set:
    """Rows, and how the example of ``transformers`` trains on them."""

    folder: str
    kind: str
    metric: str
    labels: tuple[str, ...]
    batch: int
    longest: int


SETS = {
    "snli": Set("stanfordnlp/snli/plain_text", "pair", "accuracy", ("entailment", "neutral", "contradiction"), 32, 128),
    "squad": Set("rajpurkar/squad/plain_text", "span", "squad", (), 12, 384),
}
OVERLAP, CANDIDATES, LONGEST = 128, 20, 30
"""Tokens that windows share, candidates for each end, most tokens of an answer: the example's."""


def example(name: str, row: dict[str, Any]) -> Example | None:
    """Return an upstream row; ``None`` for one without a label."""
    if name == "snli":
        pair = Example(text_a=row["premise"], text_b=row["hypothesis"], label=row["label"])
        return pair if row["label"] >= 0 else None
    found = zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True)
    answers = tuple(Answer(text, start) for text, start in found)
    return Example(question=row["question"], context=row["context"], answers=answers)


def rows(name: str, split: str, count: int) -> pa.Table:
    """Return the first rows of a split as records; of SQuAD every tenth, since its neighbours share a paragraph."""
    (file,) = (Path(os.environ["CAIRN_HUB_MIRROR"]) / SETS[name].folder).glob(f"{split}-*.parquet")
    step = 10 if name == "squad" else 1
    some = files.read_parquet(file).slice(0, 2 * step * count).to_pylist()[::step]
    made = [one for one in (example(name, row) for row in some) if one is not None][:count]
    hashes = [records.content_hash(SETS[name].kind, vars(one)) for one in made]
    return records.table(SETS[name].kind, records.make_ids(name, hashes), ["en"] * len(made), made)


class Clock:
    """Wall and CPU seconds between two points, taken apart from what lies outside them."""

    def __enter__(self) -> Clock:
        self._from = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall, self.cpu = time.perf_counter() - self._from[0], time.process_time() - self._from[1]


@dataclass(frozen=True)
class Done:
    """What a way came to."""

    clock: Clock
    steps: int
    tokens: int
    """Real ones, of all epochs."""
    dev: float
    """The task's primary value."""


def theirs(way: str, name: str, train: pa.Table, dev: pa.Table, epochs: int, seed: int) -> Done:
    """Return what ``Trainer.train`` comes to."""
    from transformers import (
        AutoModelForQuestionAnswering,
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        default_data_collator,
        set_seed,
    )  # fmt: skip

    set_seed(seed)
    task, folder = SETS[name], models.model(MODEL).path
    tokenizer = AutoTokenizer.from_pretrained(folder)
    head = AutoModelForSequenceClassification if task.kind == "pair" else AutoModelForQuestionAnswering
    labels = {"num_labels": len(task.labels)} if task.labels else {}
    model = head.from_pretrained(folder, dtype=torch.float32, **labels)
    padded = way == "trainer padded"
    make = pairs if task.kind == "pair" else windows
    learnt, (asked, where) = make(tokenizer, train, task.longest, padded)[0], make(tokenizer, dev, task.longest, padded)
    with tempfile.TemporaryDirectory() as folder_out:
        arguments = TrainingArguments(
            output_dir=folder_out, num_train_epochs=epochs, per_device_train_batch_size=task.batch, learning_rate=RATE,
            per_device_eval_batch_size=task.batch, warmup_steps=0.1, weight_decay=0.01, seed=seed, report_to=[],
            save_strategy="no", logging_strategy="no", disable_tqdm=True, bf16=way.endswith("bf16"),
            optim="adamw_torch" if padded else "adamw_torch_fused",
            train_sampling_strategy="random" if padded else "group_by_length",
            use_cpu=not torch.cuda.is_available(),
        )  # fmt: skip
        collator = default_data_collator if padded else DataCollatorWithPadding(tokenizer)
        trainer = Trainer(model, arguments, collator, learnt)
        with Clock() as clock:
            done = trainer.train()
        arguments.train_sampling_strategy = "random"  # else predictions come in the order of lengths
        found = trainer.predict(asked).predictions
    guesses = found.argmax(1).tolist() if task.kind == "pair" else answers(found, where, dev)
    value = metrics.score(task.metric, gold(dev, "dev"), guesses, lang="en", labels=task.labels)
    tokens = epochs * sum(sum(one["attention_mask"]) for one in learnt)
    return Done(clock, done.global_step, tokens, value[metrics.load(task.metric).PRIMARY])


def pairs(tokenizer: Any, table: pa.Table, longest: int, padded: bool) -> tuple[list[dict[str, Any]], None]:
    """Return the inputs of text pairs, as the GLUE example makes them."""
    found = tokenizer(
        table["text_a"].to_pylist(), table["text_b"].to_pylist(), truncation=True, max_length=longest,
        padding="max_length" if padded else False,
    )  # fmt: skip
    labels = table["label"].to_pylist()
    return [{**{name: found[name][i] for name in found}, "labels": label} for i, label in enumerate(labels)], None


def windows(tokenizer: Any, table: pa.Table, longest: int, padded: bool) -> tuple[list[dict[str, Any]], Any]:
    """Return the windows of questions with their contexts, and each one's row and characters, as the example does."""
    found = tokenizer(
        table["question"].to_pylist(), table["context"].to_pylist(), truncation="only_second", max_length=longest,
        stride=OVERLAP, return_overflowing_tokens=True, return_offsets_mapping=True,
        padding="max_length" if padded else False,
    )  # fmt: skip
    row, offsets = found.pop("overflow_to_sample_mapping"), found.pop("offset_mapping")
    gold_answers, items, where = table["answers"].to_pylist(), [], []
    for i, number in enumerate(row):
        inside = [part == 1 for part in found.sequence_ids(i)]
        low = gold_answers[number][0]["start"]
        high = low + len(gold_answers[number][0]["text"])
        hit = [at for at, (a, b) in enumerate(offsets[i]) if inside[at] and b > low and a < high]
        whole = bool(hit) and offsets[i][hit[0]][0] <= low and offsets[i][hit[-1]][1] >= high
        begin, end = (hit[0], hit[-1]) if whole else (0, 0)
        items.append({**{name: found[name][i] for name in found}, "start_positions": begin, "end_positions": end})
        where.append((number, inside, offsets[i]))
    return items, where


def answers(found: Any, where: Any, table: pa.Table) -> list[str]:
    """Return the best answer per row from start and end scores, as the QA example's post-processing does."""
    best = [(-np.inf, "")] * len(table)
    texts = table["context"].to_pylist()
    for start, end, (number, inside, offsets) in zip(*found, where, strict=True):
        here = np.flatnonzero(inside)
        first, last = (here[np.argsort(-scores[here])[:CANDIDATES]] for scores in (start, end))
        for a in first.tolist():
            for b in last.tolist():
                if a <= b < a + LONGEST and start[a] + end[b] > best[number][0]:
                    best[number] = start[a] + end[b], texts[number][offsets[a][0] : offsets[b][1]]
    return [text for _, text in best]


def ours(way: str, name: str, train: pa.Table, dev: pa.Table, epochs: int, seed: int) -> Done:
    """Return what the loop comes to."""
    task, encoder = SETS[name], encoders.load(Path(models.model(MODEL).path))
    job = Job(name, task.kind, task.metric, task.labels, train, dev)
    part = jobs.prepare(job, encoder, task.longest)
    each = -(-len(part.items) // task.batch)
    steps = each * epochs
    section = {
        "steps": steps, "epochs": None, "batch_tokens": budget(part, seed, each), "max_length": task.longest,
        "learning_rate": RATE, "warmup": 0.1, "weight_decay": 0.01, "clip": 1.0, "evaluate_every": steps,
        "precision": way.rpartition(" ")[2],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CAIRN_CACHE"] = cache
        with Steps() as clock:
            outcome = loop.train(encoder, [job], Params(**section), seed, "benchmark")
        outcome.run.finish()
    found = outcome.summary
    return Done(clock, found["steps"], found["tokens"], found["last_dev"])


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


def budget(part: jobs.Prepared, seed: int, steps: int) -> int:
    """Return the token budget whose epochs come nearest to ``steps`` steps."""
    sizes = range(256, 8192, 16)
    return min(sizes, key=lambda size: abs(len(schedule.epoch([part], size, seed, 0)) - steps))


def one(way: str, given: argparse.Namespace, seed: int) -> dict[str, float]:
    """Return what one way comes to in this process."""
    train, dev = (rows(given.task, split, count) for split, count in (("train", given.rows), ("validation", given.dev)))
    run = theirs if way.startswith("trainer") else ours
    done = run(way, given.task, train, dev, given.epochs, seed)
    wall, cpu, all_rows = done.clock.wall, done.clock.cpu, given.epochs * len(train)
    return {
        "steps": done.steps, "tokens": done.tokens, "seconds": round(wall, 2), "cpu_seconds": round(cpu, 2),
        "tokens_per_second": round(done.tokens / wall, 1), "tokens_per_cpu_second": round(done.tokens / cpu, 1),
        "rows_per_cpu_second": round(all_rows / cpu, 2), "dev": round(done.dev, 4),
    }  # fmt: skip


def started(way: str, given: argparse.Namespace, seed: int) -> subprocess.Popen[str]:
    """Return a process that runs one way and writes what it came to."""
    sizes = ("--task", given.task, "--rows", str(given.rows), "--dev", str(given.dev), "--epochs", str(given.epochs))
    command = [sys.executable, __file__, *sizes, "--one", way, "--seed", str(seed)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def result(process: subprocess.Popen[str]) -> dict[str, float]:
    """Return what a process wrote; leave with its status where it failed."""
    text, _ = process.communicate()
    if process.returncode:
        sys.exit(process.returncode)
    found: dict[str, float] = json.loads(text.splitlines()[-1])
    return found


def together(given: argparse.Namespace) -> dict[str, Any]:
    """Return the seconds of two trainings side by side, and of two in turn, whichever is first by turns."""
    os.environ["CAIRN_THREADS"] = "1"
    way = given.ways[0]
    found: dict[str, list[float]] = {"side by side": [], "in turn": []}
    for round_ in range(given.rounds):
        for name in sorted(found, reverse=bool(round_ % 2)):
            if name == "in turn":
                both = [result(started(way, given, seed)) for seed in (1, 2)]
                found[name].append(sum(one["seconds"] for one in both))
            else:
                running = [started(way, given, seed) for seed in (1, 2)]
                found[name].append(max(result(process)["seconds"] for process in running))
            print(f"{name}: {found[name][-1]:.1f} s", flush=True)
    each = {name: min(seconds) for name, seconds in found.items()}
    slower = round(2 * each["side by side"] / each["in turn"], 3)
    print(f"a training beside another takes {slower} times as long as alone")
    return {"way": way, "seconds": found, "beside_another": slower}


def in_turn(given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield what every way came to so far, after each of them in every round."""
    ways: dict[str, list[dict[str, float]]] = {way: [] for way in given.ways}
    for round_ in range(given.rounds):
        for way in given.ways:
            ways[way].append(found := result(started(way, given, 1 + round_)))
            print(
                f"{way:<18} {found['steps']:3.0f} steps, {found['tokens_per_second']:7.1f} tokens/s, "
                f"{found['tokens_per_cpu_second']:7.1f} per CPU second, dev {found['dev']:.3f}",
                flush=True,
            )
            yield {"ways": ways}


def main() -> None:
    """Print a line per way, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="snli", choices=SETS)
    parser.add_argument("--rows", type=int, default=512)
    parser.add_argument("--dev", type=int, default=500)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    parser.add_argument("--together", action="store_true")
    parser.add_argument("--seed", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(one(given.one, given, given.seed)))
        return
    machine = {
        "cores": os.cpu_count(), "usable": len(os.sched_getaffinity(0)), "threads": torch.get_num_threads(),
        "torch": torch.__version__, "load_before": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    sizes = {"task": given.task, "model": MODEL, "rows": given.rows, "epochs": given.epochs}
    for found in [together(given)] if given.together else in_turn(given):
        if given.out:  # as it goes: on a busy machine this takes long
            machine["load_after"] = round(os.getloadavg()[0], 1)
            document = {"machine": machine, **sizes, **found}
            given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
