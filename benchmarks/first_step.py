"""What a training does before its first step, in CPU seconds and memory: what would a cache of tokenised rows save?

    python benchmarks/first_step.py --out benchmarks/results/first_step.json

SNLI pairs of the mirror (``CAIRN_HUB_MIRROR``), as often over as it takes to come to ``--rows``, and the packaged
six-layer MiniLM. ``prepare`` is what such a cache would spare: rows to token ids; ``read`` is what it would cost
instead: the same arrays from mapped files, held against a checksum. ``epoch`` is what training on all rows once would
take, from the time of ``--steps`` steps.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import training  # isort: skip - it settles how threads wait, before PyTorch is loaded

import finetuning
import numpy as np
import psutil
import pyarrow as pa

from curation.core import checksums, models
from training.finetune import Params, jobs, loop, schedule
from training.finetune.jobs import Job
from training.model import encoder as encoders

assert training


class Enough(Exception):
    """So many steps have been taken."""


class Parts:
    """CPU seconds and memory of named pieces of work."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, float]] = {}

    def note(self, name: str, seconds: float, times: int = 1) -> None:
        """Write down what a piece took, and the memory of the process after it."""
        megabytes = round(psutil.Process().memory_info().rss / 2**20)
        self.found[name] = {"cpu_seconds": round(seconds / times, 3), "rss_mb": megabytes}
        print(f"{name:<12} {seconds / times:8.3f} s of CPU, then {megabytes} MB", flush=True)

    def watch(self, owner: Any, name: str) -> None:
        """Note what each call of ``owner.name`` takes."""
        real = getattr(owner, name)

        def run(*given: Any) -> Any:
            begun = time.process_time()
            found = real(*given)
            self.note(name.strip("_"), time.process_time() - begun)
            return found

        setattr(owner, name, run)


def many(count: int) -> pa.Table:
    """Return so many rows, each with an id of its own."""
    some = finetuning.rows("snli", "train", count)
    table = pa.concat_tables([some] * -(-count // len(some))).slice(0, count)
    ids = pa.array([f"r{number}" for number in range(count)])
    at = table.schema.get_field_index("id")
    return table.set_column(at, table.schema.field(at), ids).combine_chunks()


def read(part: jobs.Prepared) -> float:
    """Return the CPU seconds of mapping and checking the arrays of prepared rows."""
    one = part.train
    arrays = {"ids": one.sequences.ids, "types": one.sequences.types, "starts": one.sequences.starts,
              "origin": one.sequences.origin, "items": one.items, "row": one.row, "usable": one.usable}  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        for name, values in {**arrays, **one.per_item, **one.per_token}.items():
            if values is not None:
                np.save(Path(folder) / name, values)
        begun = time.process_time()
        for file in Path(folder).iterdir():
            checksums.of_file(file)
            np.load(file, mmap_mode="r")
        return time.process_time() - begun


def main() -> None:
    """Print a line per piece of work, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    parts = Parts()
    parts.note("import", time.process_time())
    train, dev = many(given.rows), finetuning.rows("snli", "validation", 100)
    begun = time.process_time()
    encoder = encoders.load(Path(models.model(finetuning.MODEL).path))
    parts.note("load", time.process_time() - begun)
    prepared: list[jobs.Prepared] = []
    real, step = jobs.prepare, loop._Run.step
    spent: list[float] = []

    def prepare(*rows: Any) -> jobs.Prepared:
        begun = time.process_time()
        prepared.append(real(*rows))
        parts.note("prepare", time.process_time() - begun)
        return prepared[0]

    def steps(run: Any, *batch: Any) -> None:
        begun = time.process_time()
        step(run, *batch)
        spent.append(time.process_time() - begun)
        if len(spent) == given.steps:
            parts.note("step", sum(spent), len(spent))
            parts.found["epoch"] = {"cpu_seconds": round(parts.found["step"]["cpu_seconds"] * run.total)}
            raise Enough

    jobs.prepare, loop._Run.step = prepare, steps
    for owner, name in ((loop._Run, "_key"), (schedule, "total_steps"), (loop._Run, "evaluate")):
        parts.watch(owner, name)
    section = {
        "steps": None, "epochs": 1, "batch_tokens": 1024, "max_length": 128, "learning_rate": 1e-4, "warmup": 0.1,
        "weight_decay": 0.01, "clip": 1.0, "evaluate_every": 10**6, "precision": "fp32",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CAIRN_CACHE"] = cache
        try:
            loop.train(
                encoder,
                [Job("snli", "pair", "accuracy", finetuning.SETS["snli"].labels, train, dev)],
                Params(**section),
                1,
                "benchmark",
            )
        except Enough:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    parts.note("read", read(prepared[0]))
    print(f"an epoch would take {parts.found['epoch']['cpu_seconds']} s of CPU; peak memory {peak} MB")
    if given.out:
        document = {"rows": given.rows, "model": finetuning.MODEL, "peak_mb": peak, "parts": parts.found}
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
