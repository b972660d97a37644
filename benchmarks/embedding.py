"""Sentences per second of Cairn's embedding beside sentence-transformers' own defaults, on the same texts.

    python benchmarks/embedding.py --out benchmarks/results/embedding.json

The peer is ``SentenceTransformer.encode`` as its documentation has it: float32, batches of 32. Ours is what the stage
``embed`` runs, with an empty cache that it writes to, in each precision. Texts are read in blocks, every way on each
block in turn, so that other work on the machine falls on all of them; the order rotates. Loading and a short warm-up
are not counted. The cosine is that of our vector of a text and the peer's.
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
import torch

from curation.core import files, models
from curation.embed.encoder import Encoder

MODEL = "package:all-MiniLM-L6-v2"
SNLI = Path("stanfordnlp/snli/plain_text")
PEER = "sentence-transformers"


def sentences(count: int) -> list[str]:
    """Return distinct sentences of SNLI's train rows, in their order."""
    (file,) = (Path(os.environ["CAIRN_HUB_MIRROR"]) / SNLI).glob("train-*.parquet")
    rows = files.read_parquet(file).to_pylist()
    return list(dict.fromkeys(row[name] for row in rows for name in ("premise", "hypothesis")))[:count]


def main() -> None:
    """Print a line per way, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=4000)
    parser.add_argument("--block", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    from sentence_transformers import SentenceTransformer

    texts = sentences(given.sentences)
    peer = SentenceTransformer(models.model(MODEL).path, local_files_only=True)
    ours = {f"cairn {name}": Encoder(MODEL, None, 256, 256, name) for name in ("fp32", "bf16")}
    ways: dict[str, Any] = {PEER: lambda some: peer.encode(some, show_progress_bar=False)}
    ways |= {name: one.encode for name, one in ours.items()}
    seconds = {name: [0.0, 0.0] for name in ways}
    found: dict[str, list[Any]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CAIRN_CACHE"] = cache
        for way in ways.values():
            way([f"Warm up number {i}." for i in range(32)])
        blocks = [texts[at : at + given.block] for at in range(0, len(texts), given.block)]
        for number, block in enumerate(blocks):
            names = list(ways)
            for name in names[number % len(names) :] + names[: number % len(names)]:
                wall, cpu = time.perf_counter(), time.process_time()
                found[name].append(np.asarray(ways[name](block), np.float64))
                seconds[name][0] += time.perf_counter() - wall
                seconds[name][1] += time.process_time() - cpu
    vectors = {name: np.concatenate(parts) for name, parts in found.items()}
    vectors = {name: one / np.linalg.norm(one, axis=1, keepdims=True) for name, one in vectors.items()}
    document: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "threads": torch.get_num_threads(), "torch": torch.__version__},
        "model": MODEL,
        "sentences": len(texts),
        "block": given.block,
        "ways": {},
    }
    for name, (wall, cpu) in seconds.items():
        cosine = (vectors[name] * vectors[PEER]).sum(1)
        one = {
            "sentences_per_second": round(len(texts) / wall, 1),
            "of_peer": round(seconds[PEER][0] / wall, 2),
            "sentences_per_cpu_second": round(len(texts) / cpu, 1),
            "of_peer_cpu": round(seconds[PEER][1] / cpu, 2),
            "cosine": {"min": round(float(cosine.min()), 6), "mean": round(float(cosine.mean()), 6)},
        }
        document["ways"][name] = one
        print(
            f"{name:<22} {one['sentences_per_second']:7.1f} sentences/s, {one['of_peer']:.2f} times the peer's "
            f"({one['of_peer_cpu']:.2f} by CPU time); cosine to it {cosine.min():.6f} to {cosine.max():.6f}"
        )
    if given.out:
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
