"""One training step by threads, precision and attention: why narrow encoders have one thread, and how CPUs do bf16.

    python benchmarks/step.py --out benchmarks/results/step.json

Encoders with random weights, of the shapes of ``bundled:tiny`` (which has no dropout) and MiniLM; no dropout in
attention, with which PyTorch has no fused kernel on a CPU. 64 sequences of 32 tokens, 28 of them real; forward and
backward, no optimizer. Every cell is a process of its own; the median of some steps. Run it on an idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

SHAPES = {
    "tiny, 128 wide": {
        "hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 512,
        "hidden_dropout_prob": 0.0,
    },
    "MiniLM, 384 wide": {
        "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536,
    },
}  # fmt: skip
WAYS = ("fp32", "bf16", "bf16, fused attention")


def one(shape: str, way: str, steps: int) -> float:
    """Return the median seconds of a step in this process."""
    import training  # isort: skip - it settles how threads wait, before PyTorch is loaded

    import torch
    from transformers import BertConfig, BertModel

    from training.model import predict

    assert training
    torch.manual_seed(1)
    model = BertModel(
        BertConfig(vocab_size=5200, attention_probs_dropout_prob=0.0, **SHAPES[shape]), add_pooling_layer=False
    ).train()
    ids, mask = torch.randint(5, 5000, (64, 32)), torch.ones(64, 32, dtype=torch.long)
    mask[:, 28:] = 0
    where = torch.device("cpu")

    def step() -> None:
        with (
            torch.autocast("cpu", dtype=torch.bfloat16, enabled=way != "fp32"),
            predict.attention(where, "bf16" if way == "bf16" else "fp32"),
        ):
            found = model(input_ids=ids, attention_mask=mask).last_hidden_state
        found.float().sum().backward()

    took = []
    for _ in range(steps + 2):
        began = time.perf_counter()
        step()
        took.append(time.perf_counter() - began)
    return statistics.median(took[2:])


def main() -> None:
    """Measure every cell in a process of its own, print the table and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--cell", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.cell:
        print(one(*given.cell, given.steps))
        return
    found = []
    for shape in SHAPES:
        for way in WAYS:
            for threads in (1, 2):
                done = subprocess.run(
                    [sys.executable, __file__, "--steps", str(given.steps), "--cell", shape, way],
                    env=os.environ | {"CAIRN_THREADS": str(threads)}, capture_output=True, text=True, check=True,
                )  # fmt: skip
                found.append({"shape": shape, "way": way, "threads": threads, "ms": round(float(done.stdout) * 1e3, 1)})
                print(json.dumps(found[-1]), flush=True)
    if given.out:
        import torch

        facts = {"cores": os.cpu_count(), "torch": torch.__version__, "load": os.getloadavg()[0]}
        given.out.write_text(json.dumps({"machine": facts, "cells": found}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
