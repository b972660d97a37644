"""Time of mining with the ratio margin, beside the loops that LASER and sentence-transformers publish for it.

    python benchmarks/mining.py --rows 8000 --out benchmarks/results/mining.json

Both sides are made-up vectors of length 1; half of the rows have a translation, the same vector with noise. The peer
finds the k nearest on both sides by FAISS's exact index, then scores candidate by candidate and picks pair by pair in
Python, as ``mine_bitexts.py`` and ``bitext_mining.py`` do. Ours is what the stage ``retrieve`` calls. Search grows with
the square of the rows and the loops with the rows, so the ratio is of this size alone; the peer's two parts are given.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from training.retrieve import search


def made_up(rows: int, width: int, seed: int) -> tuple[Any, Any]:
    """Return two sets of vectors ``(rows, width)`` float32 of length 1; the first halves belong together by row."""
    draw = np.random.default_rng(seed)
    x, y = (draw.standard_normal((rows, width), dtype=np.float32) for _ in range(2))
    y[: rows // 2] = x[: rows // 2] + y[: rows // 2]
    return tuple(side / np.linalg.norm(side, axis=1, keepdims=True) for side in (x, y))


def nearest(x: Any, y: Any, k: int) -> tuple[Any, Any]:
    """Return similarities and places of the ``k`` nearest, by FAISS's exact index."""
    import faiss

    index = faiss.IndexFlatIP(y.shape[1])
    index.add(y)
    return index.search(x, k)


def loops(x: Any, y: Any, of_x: Any, of_y: Any) -> dict[tuple[int, int], float]:
    """Return the mined pairs with their scores, candidate by candidate and pair by pair."""
    mean_x, mean_y = of_x[0].mean(1), of_y[0].mean(1)

    def scored(a: Any, b: Any, places: Any, mean_a: Any, mean_b: Any) -> Any:
        out = np.zeros(places.shape)
        for i in range(places.shape[0]):
            for j in range(places.shape[1]):
                k = places[i, j]
                out[i, j] = a[i].dot(b[k]) / ((mean_a[i] + mean_b[k]) / 2)
        return out

    forward = scored(x, y, of_x[1], mean_x, mean_y)
    backward = scored(y, x, of_y[1], mean_y, mean_x)
    best_x = of_x[1][np.arange(len(x)), forward.argmax(1)]
    best_y = of_y[1][np.arange(len(y)), backward.argmax(1)]
    left = np.concatenate((np.arange(len(x)), best_y))
    right = np.concatenate((best_x, np.arange(len(y))))
    score = np.concatenate((forward.max(1), backward.max(1)))
    found: dict[tuple[int, int], float] = {}
    seen_x, seen_y = set(), set()
    for i in np.argsort(-score, kind="stable"):
        a, b = int(left[i]), int(right[i])
        if a not in seen_x and b not in seen_y:
            seen_x.add(a)
            seen_y.add(b)
            found[a, b] = float(score[i])
    return found


def main() -> None:
    """Print the times and whether the pairs are the same, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=8000)
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    x, y = made_up(given.rows, given.width, 0)
    nearest(x[:64], y[:64], 4), search.mine(search.Corpus(x[:64]), search.Corpus(y[:64]), 4, "ratio")
    at = [time.process_time()]
    of_x, of_y = nearest(x, y, given.k), nearest(y, x, given.k)
    at.append(time.process_time())
    theirs = loops(x, y, of_x, of_y)
    at.append(time.process_time())
    mined = search.mine(search.Corpus(x), search.Corpus(y), given.k, "ratio")
    at.append(time.process_time())
    ours = dict(zip(zip(mined.x.tolist(), mined.y.tolist(), strict=True), mined.score.tolist(), strict=True))
    seconds = dict(zip(("peer search", "peer loops", "cairn"), np.diff(at).round(3).tolist(), strict=True))
    document = {
        "machine": {"cores": os.cpu_count(), "engine": search.engine()},
        "rows": given.rows,
        "width": given.width,
        "cpu_seconds": seconds,
        "of_peer": round((seconds["peer search"] + seconds["peer loops"]) / seconds["cairn"], 2),
        "pairs": {"peer": len(theirs), "cairn": len(ours), "shared": len(theirs.keys() & ours.keys())},
    }
    print(json.dumps(document, indent=1))
    if given.out:
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
