"""Seconds and peak memory of the scorers that read words, each in a process of its own, at several sizes.

    CAIRN_HUB_MIRROR=... python benchmarks/scorers_size.py --rows 20000 200000 [--code OTHER_CHECKOUT ...] --out FILE

Rows are the premises of SNLI and MNLI, each with hypotheses of its own and, beyond the rows there are, of other
premises of its data set. The kNN graph is made up: the neighbours of a row are ten rows of the same premise or of the
next ones, at a cosine of 0.85, so that all have to be looked at. Vectors are random (contamination's candidates by
vector are then few); its target is XNLI's English dev and test. ``--code`` measures other checkouts in the same run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SCORERS = ("near_duplicates", "conflicts", "contamination", "surface")
NLI = ("stanfordnlp/snli/plain_text", "nyu-mll/glue/mnli_pooled")
SECTIONS: dict[str, dict[str, Any]] = {
    "near_duplicates": {"similarity": 0.8, "edits": 0.02},
    "conflicts": {"similarity": 0.8, "edits": 0.02},
    "contamination": {"splits": ("dev", "test"), "similarity": 0.8, "edits": 0.02, "ngram": 8, "containment": 0.8},
    "surface": {"min_tokens": 2, "max_tokens": 256},
}


def table(name: str, pairs: list[tuple[str, str, int]]) -> Any:
    """Return records of pairs of texts with a label."""
    from curation.core import records
    from curation.core.task import Example

    rows = [Example(text_a=a, text_b=b, label=label, key=str(i)) for i, (a, b, label) in enumerate(pairs)]
    hashes = [records.content_hash("pair", {"text_a": a, "text_b": b}) for a, b, _ in pairs]
    return records.table("pair", records.make_ids(name, hashes), ["en"] * len(rows), rows)


def read(folder: str) -> list[tuple[str, str, int]]:
    """Return the labelled rows of a data set of the mirror."""
    import pyarrow.parquet as pq

    found = []
    for file in sorted((Path(os.environ["CAIRN_HUB_MIRROR"]) / folder).glob("*.parquet")):
        rows = pq.read_table(file, columns=["premise", "hypothesis", "label"]).to_pylist()
        found += [(row["premise"], row["hypothesis"], row["label"]) for row in rows if row["label"] in (0, 1, 2)]
    return found


def rows_of(size: int) -> Any:
    """Return ``size`` records."""
    real = [read(folder) for folder in NLI]
    pairs: list[tuple[str, str, int]] = []
    turn = 0
    while len(pairs) < size:
        for some in real:
            pairs += [(a, some[(i + 7919 * turn) % len(some)][1], label) for i, (a, _, label) in enumerate(some)]
        turn += 1
    return table("made", pairs[:size])


def child(scorer: str, size: int) -> None:
    """Score and print what it took beyond the rows themselves."""
    import numpy as np

    from curation.core.task import Task
    from curation.embed import Vectors
    from curation.score import scorers
    from curation.search import knn

    module = importlib.import_module(f"curation.score.scorers.{scorer}")
    records = rows_of(size)
    rng = np.random.default_rng(1)

    def vectors(n: int) -> Any:
        found = rng.standard_normal((n, 64)).astype(np.float32)
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float16)

    premise = np.array([hash(text) for text in records["text_a"].to_pylist()])
    order = np.argsort(premise, kind="stable")
    near = np.empty((size, 10), np.int32)
    near[order] = np.stack([np.roll(order, -shift) for shift in range(1, 11)], axis=1)
    graph = knn.Neighbours(indices=near, similarity=np.full(near.shape, 0.85, np.float32))
    targets = {"xnli": {"test": table("xnli", read("facebook/xnli/en"))}}
    loaders = {
        "vectors": lambda: Vectors([], vectors(size), {}), "encode": lambda texts: vectors(len(texts)),
        "neighbours": lambda: graph, "targets": lambda: targets,
    }  # fmt: skip
    task = Task(kind="pair", metric="accuracy", labels=("entailment", "neutral", "contradiction"))
    inputs = scorers.Inputs("made", task, records, 17, loaders)
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    found = module.score(inputs, module.Params(**SECTIONS[scorer]))
    after = resource.getrusage(resource.RUSAGE_SELF)
    low = sum(value is not None and value < 0.5 for value in found["score"].to_pylist())
    told = {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(after.ru_utime - before.ru_utime, 2),
        "peak_mib": round(after.ru_maxrss / 1024),
        "above_rows_mib": round((after.ru_maxrss - before.ru_maxrss) / 1024),
        "low": low,
    }
    print(json.dumps(told))


def main() -> None:
    """Print a line per scorer, size and checkout, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--scorers", nargs="+", default=SCORERS, choices=SCORERS)
    parser.add_argument("--code", type=Path, nargs="*", default=[])
    parser.add_argument("--child")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.rows[0])
        return
    results: list[dict[str, Any]] = []
    for size in options.rows:
        for scorer in options.scorers:
            for name, code in (("this", ROOT), *((f"other {i}", code) for i, code in enumerate(options.code, 1))):
                cache = options.out.parent / "cache" if options.out else Path(".cairn/cache")
                environment = {**os.environ, "PYTHONPATH": str(code), "PYTHONHASHSEED": "1", "CAIRN_CACHE": str(cache)}
                command = [sys.executable, __file__, "--child", scorer, "--rows", str(size)]
                done = subprocess.run(command, env=environment, capture_output=True, text=True)
                if done.returncode:
                    sys.exit(done.stderr[-3000:])
                told = json.loads(done.stdout.splitlines()[-1])
                results.append({"rows": size, "scorer": scorer, "code": name, **told})
                print(
                    f"{size:>9,} rows  {scorer:16} {name:8} " + "  ".join(f"{k} {v}" for k, v in told.items()),
                    flush=True,
                )
    if options.out:
        options.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
