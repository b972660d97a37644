"""A step over the features of span questions: made at every step, kept in memory, and never made (probe/crossed.py).

    python benchmarks/crossed.py --out benchmarks/results/crossed.json

Made-up word vectors of 384 numbers in float16 from a mapped file, 18 numbers beside each (786 features), paragraphs of
150 words with three questions each, five folds and two heads (ten columns), blocks of 4,096 words as in the stage. CPU
seconds are those of one gradient over all words, the least of the rounds; memory is the peak above what the process had
when the vectors lay on the disk. Each way runs in a process of its own, on one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

WIDTH, NUMBERS, WORDS, QUESTIONS, COLUMNS = 384, 18, 150, 3, 10
WAYS = ("made at every step", "kept in memory", "never made")


def child(way: str, file: Path, rounds: int) -> None:
    """Compute gradients, and print what they took."""
    import numpy as np
    import torch
    from neighbours import resident

    from curation.embed.cache import Ragged
    from curation.probe.crossed import Crossed
    from curation.probe.problems import BLOCK
    from curation.probe.solver import Features, even_blocks

    torch.set_num_threads(1)
    values = np.load(file, mmap_mode="r")
    paragraphs = len(values) // WORDS
    rows = paragraphs * QUESTIONS
    entry = np.repeat(np.arange(paragraphs), QUESTIONS)
    words = Ragged(values, np.arange(paragraphs + 1) * WORDS, entry)
    offsets = np.arange(rows + 1) * (WORDS + 1)
    draw = np.random.default_rng(1)
    beside = draw.normal(size=(rows, WIDTH)).astype(np.float32) / WIDTH**0.5
    numbers = draw.normal(size=(int(offsets[-1]), NUMBERS)).astype(np.float32)
    delta = torch.from_numpy(draw.normal(size=(2 * BLOCK, COLUMNS)).astype(np.float32))
    weights = torch.from_numpy(draw.normal(size=(2 * WIDTH + NUMBERS, COLUMNS)).astype(np.float32))
    before = resident(anew=True)
    if way == "never made":
        design: Any = Crossed(words, entry, beside, numbers, offsets)
    else:
        row_of = np.repeat(np.arange(rows), WORDS + 1)
        inside = np.arange(offsets[-1]) - offsets[row_of]
        place = words.offsets[entry[row_of]] + np.maximum(inside - 1, 0)

        def make(index: Any) -> Any:
            here = values[place[index]].astype(np.float32) * (inside[index][:, None] > 0)
            return np.concatenate([here, here * beside[row_of[index]], numbers[index]], 1)

        design = Features(len(place), make, 1e9 if way == "kept in memory" else 0.0)
    blocks = even_blocks(offsets, BLOCK)
    design.prepare(blocks, "cpu")
    found, took = torch.zeros_like(weights), []
    for _ in range(rounds):
        began = time.process_time()
        found.zero_()
        for start, stop in blocks:
            held, _sums = design.scores((start, stop), weights, torch.zeros(COLUMNS))
            found += design.pull((start, stop), held, delta[: stop - start])
        took.append(time.process_time() - began)
    np.save(file.with_name(f"{way}.npy"), found.numpy())
    print(json.dumps({"cpu_seconds": round(min(took), 3), "above_mib": round(resident() - before)}))


def main() -> None:
    """Measure every way, and say how far their gradients differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paragraphs", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child[0], Path(given.child[1]), given.rounds)
        return
    import numpy as np

    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "vectors.npy"
        made = np.random.default_rng(0).normal(size=(given.paragraphs * WORDS, WIDTH)) / WIDTH**0.5
        np.save(file, made.astype(np.float16))
        for way in WAYS:
            command = [sys.executable, __file__, "--child", way, str(file), "--rounds", str(given.rounds)]
            done = subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
            if done.returncode:
                sys.exit(done.stderr[-3000:])
            found[way] = json.loads(done.stdout.splitlines()[-1])
            print(f"{way:20}", found[way], flush=True)
        gradients = {way: np.load(file.with_name(f"{way}.npy")) for way in WAYS}
    whole = float(np.abs(gradients["kept in memory"]).max())
    apart = float(np.abs(gradients["never made"] - gradients["kept in memory"]).max()) / whole
    told = {
        "made / never made": round(found[WAYS[0]]["cpu_seconds"] / found[WAYS[2]]["cpu_seconds"], 2),
        "kept / never made": round(found[WAYS[1]]["cpu_seconds"] / found[WAYS[2]]["cpu_seconds"], 2),
        "largest difference of gradients, of the largest gradient": float(f"{apart:.1e}"),
    }
    print(told)
    if given.out:
        document = {
            "what": "benchmarks/crossed.py", "words": given.paragraphs * WORDS * QUESTIONS,
            "features": 2 * WIDTH + NUMBERS, "columns": COLUMNS, "threads": 1, "python": platform.python_version(),
            "ways": found, "ratios": told,
        }  # fmt: skip
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
