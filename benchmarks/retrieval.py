"""Time of sentence retrieval per thousand pairs, all languages in one run, beside sentence-transformers on one encoder.

    python benchmarks/retrieval.py data/retrieval/mirror_tatoeba/test.parquet models/pretrained/seed-1

Both pool the mean of the last layer over the same tokens and take the nearest candidate by cosine, so accuracies must
agree. Cairn encodes a string once, however many languages' pools it is in; sentence-transformers encodes pool by pool,
as MTEB does. Seconds are wall-clock, after one short warm-up of each, loading excluded.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from curation.core import params, records
from training import retrieve
from training.model import encoder as encoders
from training.retrieve import pools, states
from training.retrieve import search as retrieval


def accuracy(pool: pools.Pool, best: Any) -> float:
    """Return the share of queries whose best candidate, by number, is a gold one."""
    pairs = zip(pool.queries.keys, best, strict=True)
    return float(np.mean([pool.candidates.keys[place] in pool.gold.get(key, ()) for key, place in pairs]))


def ours(found: list[pools.Pool], encoder: encoders.Encoder, layer: int, section: retrieve.Params) -> dict[str, float]:
    """Return the accuracy per pool by the code of the stage."""
    vectors = states.encode(encoder, states.texts(found), [layer], section)[layer]
    return {
        pool.name: accuracy(pool, retrieval.search(vectors.of(pool.queries), vectors.of(pool.candidates), 1)[1][:, 0])
        for pool in found
    }


def theirs(found: list[pools.Pool], model: Any, batch_size: int) -> dict[str, float]:
    """Return the accuracy per pool by ``SentenceTransformer.encode`` and ``util.semantic_search``."""
    from sentence_transformers import util

    out = {}
    for pool in found:
        queries, candidates = (
            model.encode(list(side.texts), batch_size=batch_size, convert_to_tensor=True, show_progress_bar=False)
            for side in (pool.queries, pool.candidates)
        )
        hits = util.semantic_search(queries, candidates, top_k=1)
        out[pool.name] = accuracy(pool, [int(hit[0]["corpus_id"]) for hit in hits])
    return out


def peer(folder: Path, max_length: int) -> Any:
    """Return the same encoder as a ``SentenceTransformer`` with mean pooling."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    words = Transformer(str(folder), max_seq_length=max_length)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return SentenceTransformer(modules=[words, Pooling(words.get_embedding_dimension(), "mean")], device=device)


def main() -> None:
    """Print one line per language and the times, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path, help="bitext records, such as data/retrieval/tatoeba/test.parquet")
    parser.add_argument("start", type=Path, help="an encoder, such as models/pretrained/seed-1")
    parser.add_argument("--batch-size", type=int, default=64, help="sentences per batch of the peer")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    section = params.read(retrieve.Params, "retrieve")
    encoder = encoders.load(given.start)
    depth = int(encoder.model.config.num_hidden_layers)
    found = pools.pools(records.read(given.records), "to_foreign", 17, str(given.records))
    pairs = sum(len(pool.queries.keys) for pool in found)
    model = peer(encoder.folder, section.max_length)
    ours(found[:1], encoder, depth, section), theirs(found[:1], model, given.batch_size)

    begun = time.perf_counter()
    mine = ours(found, encoder, depth, section)
    seconds = {"cairn": time.perf_counter() - begun}
    begun = time.perf_counter()
    peers = theirs(found, model, given.batch_size)
    seconds["sentence-transformers"] = time.perf_counter() - begun

    for name in mine:
        print(f"{name:<4} accuracy@1 {mine[name]:.3f}   sentence-transformers {peers[name]:.3f}")
    gap = max(abs(mine[name] - peers[name]) for name in mine)
    mean = np.mean(list(mine.values()))
    print(f"{len(found)} languages, {pairs:,} pairs; mean {mean:.4f}; largest difference {gap:.4f}")
    per_thousand = {name: round(1000 * value / pairs, 3) for name, value in seconds.items()}
    for name, value in per_thousand.items():
        print(f"{name:<22} {value:7.2f} s per 1,000 pairs, {value / per_thousand['cairn']:.2f} of Cairn's time")
    if given.out:
        machine = {"cores": torch.get_num_threads(), "torch": torch.__version__, "index": retrieval.engine()}
        document = {
            "machine": machine,
            "pairs": pairs,
            "accuracy": mine,
            "peer": peers,
            "per_thousand_pairs": per_thousand,
        }
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
