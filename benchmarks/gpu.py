"""Everything of Cairn that a GPU runs, in one go of about ten minutes: tests, training, embedding, search, spread.

    python benchmarks/gpu.py --out benchmarks/results/gpu.json
    python benchmarks/gpu.py --tiny            # the same code with tiny shapes, on whatever is there

* ``tests``: ``pytest -m gpu``.
* ``rate``: what a large bfloat16 matrix product reaches, in TFLOP/s: the measure of the next.
* ``train``: the loop on the shapes of XLM-R-base and -large (random weights, made-up pairs) with 16k tokens a batch:
  real tokens per second, and the share of the matrix rate that the products of the encoder reach (6 FLOP per weight
  and token; attention and the embeddings are not counted in, so the true share is higher).
* ``embed``: sentences per second of the stage's encoder in each precision, and the cosine between them.
* ``search``: the 4 nearest of each of 100,000 vectors among as many, of width 1,024.
* ``spread``: three runs of one seed: how far their weights and dev values lie apart.

Every part is timed, may fail without the others, and is written as it is done. Stopped at ``--minutes``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from curation.core import models, records
from curation.core.task import Example
from curation.embed.encoder import Encoder as Sentences
from training import finetune
from training.finetune import loop
from training.finetune.jobs import Job
from training.model import encoder as encoders
from training.model import predict
from training.retrieve import search

SHAPES = {"xlmr-base": (12, 768, 12, 3072), "xlmr-large": (24, 1024, 16, 4096)}
TINY = {"xlmr-base": (2, 64, 2, 128), "xlmr-large": (3, 96, 3, 192)}
VOCABULARY = 250_002
WORDS = [
    "the",
    "a",
    "dog",
    "cat",
    "house",
    "river",
    "child",
    "old",
    "red",
    "runs",
    "sleeps",
    "sees",
    "under",
    "over",
    "with",
    "and",
    "then",
    "slowly",
    "never",
]


def made_up(count: int, longest: int) -> Any:
    """Return labelled text pairs of random words, of random lengths."""
    draw = np.random.default_rng(0)
    made = []
    for n in range(count):
        texts = [" ".join(draw.choice(WORDS, int(size))) for size in draw.integers(3, longest, 2)]
        made.append(Example(text_a=f"{n} {texts[0]}", text_b=texts[1], label=n % 3))
    hashes = [records.content_hash("pair", vars(one)) for one in made]
    return records.table("pair", records.make_ids("g", hashes), ["en"] * count, made)


def fresh(shape: tuple[int, int, int, int], vocabulary: int) -> encoders.Encoder:
    """Return an encoder of XLM-R's architecture with random weights, and the tokenizer of the bundled one."""
    from transformers import XLMRobertaConfig, XLMRobertaModel

    layers, width, heads, inner = shape
    tiny = encoders.load(Path(models.model("bundled:tiny").path))
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=max(vocabulary, len(tiny.tokenizer)), hidden_size=width,
        num_hidden_layers=layers, num_attention_heads=heads,
        intermediate_size=inner, max_position_embeddings=514, type_vocab_size=1,
        pad_token_id=tiny.tokenizer.pad_token_id,
    )  # fmt: skip
    model = XLMRobertaModel(config, add_pooling_layer=False).eval()
    return dataclasses.replace(tiny, model=model, origin={"shape": list(shape)})


def trained(shape: tuple[int, int, int, int], given: argparse.Namespace, steps: int, **changes: Any) -> loop.Outcome:
    """Return the outcome of so many steps of the loop."""
    section = {
        "steps": steps, "epochs": None, "batch_tokens": 512 if given.tiny else 16_384, "max_length": 128,
        "learning_rate": 1e-5, "warmup": 0.1, "weight_decay": 0.01, "clip": 1.0, "evaluate_every": steps,
        "precision": "auto",
    }  # fmt: skip
    rows, dev = made_up(200 if given.tiny else 20_000, 50), made_up(60, 50)
    job = Job("made-up", "pair", "accuracy", ("a", "b", "c"), rows, dev)
    encoder = fresh(shape, 5000 if given.tiny else VOCABULARY)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["CAIRN_CACHE"] = cache
        outcome = loop.train(encoder, [job], finetune.Params(**section | changes), 1, "gpu")
        outcome.run.finish()
    return outcome


def tests(given: argparse.Namespace, _: dict[str, Any]) -> dict[str, Any]:
    """Run every test marked ``gpu``."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "tests"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {"returncode": done.returncode, "end": done.stdout.strip().splitlines()[-1:]}


def rate(given: argparse.Namespace, _: dict[str, Any]) -> dict[str, Any]:
    """Measure a square bfloat16 matrix product."""
    target, size = predict.device(), 256 if given.tiny else 8192
    a, b = (torch.randn(size, size, device=target, dtype=torch.bfloat16) for _ in range(2))
    rounds, _ = 50, [a @ b for _ in range(5)]
    begun = clock()
    for _ in range(rounds):
        a @ b
    return {"size": size, "tflops": round(2 * size**3 * rounds / (clock() - begun) / 1e12, 3)}


def train(given: argparse.Namespace, before: dict[str, Any]) -> dict[str, Any]:
    """Fine-tune both shapes, after some steps that are not counted."""
    found = {}
    for name, shape in (TINY if given.tiny else SHAPES).items():
        layers, width, _, inner = shape
        weights = layers * (4 * width**2 + 2 * width * inner)
        trained(shape, given, 2)
        outcome = trained(shape, given, 4 if given.tiny else 60)
        tokens, seconds = outcome.summary["tokens"], outcome.summary["seconds"]
        reached = 6 * weights * tokens / seconds / 1e12
        found[name] = {
            "tokens_per_second": round(tokens / seconds, 1),
            "tflops": round(reached, 3),
            "share_of_matrix_rate": round(reached / before["rate"]["tflops"], 3) if "rate" in before else None,
            "precision": outcome.summary["precision"],
            "peak_memory_mb": outcome.summary["peak_memory_mb"],
        }
    return found


def embed(given: argparse.Namespace, _: dict[str, Any]) -> dict[str, Any]:
    """Encode made-up sentences in both precisions."""
    table = made_up(64 if given.tiny else 40_000, 40)
    texts, vectors, found = table["text_a"].to_pylist(), {}, {}
    for precision in ("fp32", "bf16"):
        with tempfile.TemporaryDirectory() as cache:
            os.environ["CAIRN_CACHE"] = cache
            encoder = Sentences("package:all-MiniLM-L6-v2", None, 2048, 256, precision)
            encoder.encode(["warm up"])
            begun = clock()
            vectors[precision] = encoder.encode(texts).astype(np.float32)
            found[precision] = {"sentences_per_second": round(len(texts) / (clock() - begun), 1)}
    cosine = (vectors["fp32"] * vectors["bf16"]).sum(1)
    return found | {"cosine": {"min": round(float(cosine.min()), 6), "mean": round(float(cosine.mean()), 6)}}


def nearest(given: argparse.Namespace, _: dict[str, Any]) -> dict[str, Any]:
    """Search vectors among as many."""
    count, width = (500, 64) if given.tiny else (100_000, 1024)
    draw = np.random.default_rng(0)
    x, y = (draw.standard_normal((count, width), dtype=np.float32) for _ in range(2))
    search.search(x[:100], y, 4)
    begun = clock()
    search.search(x, y, 4)
    return {"vectors": count, "width": width, "engine": search.engine(), "seconds": round(clock() - begun, 3)}


def spread(given: argparse.Namespace, _: dict[str, Any]) -> dict[str, Any]:
    """Train three times from one seed, and hold the weights and dev values against each other."""
    shape = (TINY if given.tiny else SHAPES)["xlmr-base"]
    runs = [trained(shape, given, 4 if given.tiny else 20) for _ in range(3)]
    states = [run.model.state_dict() for run in runs]
    apart = max(float((one[name] - states[0][name]).abs().max()) for one in states[1:] for name in one)
    return {"largest_weight_difference": apart, "dev": [run.summary["last_dev"] for run in runs]}


def clock() -> float:
    """Return the time in seconds, when the GPU has done what it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


PARTS: dict[str, Callable[[argparse.Namespace, dict[str, Any]], dict[str, Any]]] = {
    "rate": rate, "train": train, "embed": embed, "search": nearest, "spread": spread, "tests": tests,
}  # fmt: skip


def main() -> None:
    """Run the parts in turn, and write what each found as it is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="tiny shapes: shows that the script runs, measures nothing")
    parser.add_argument("--parts", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--minutes", type=float, default=10, help="begin no part after so long")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if not given.tiny and not torch.cuda.is_available():
        parser.error("no CUDA device here. Type --tiny to run the script on what there is.")
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    found: dict[str, Any] = {"machine": {"device": name, "torch": torch.__version__}, "tiny": given.tiny}
    begun = time.perf_counter()
    for part in given.parts:
        if time.perf_counter() - begun > 60 * given.minutes:
            found[part] = {"skipped": f"after {given.minutes:g} minutes"}
            continue
        at = time.perf_counter()
        try:
            found[part] = PARTS[part](given, found)
        except Exception as error:  # the others are to be measured all the same
            found[part] = {"error": f"{type(error).__name__}: {error}"[:500]}
        print(f"{part} ({time.perf_counter() - at:.1f} s): {json.dumps(found[part])}", flush=True)
        if given.out:
            given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    sys.exit(any("error" in found[part] for part in given.parts))


if __name__ == "__main__":
    main()
