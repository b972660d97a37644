"""The kNN graph of 20,000 x 384 vectors: ours, cleanlab's and FAISS alone, each in its own process on one thread.

    python benchmarks/neighbours.py --out benchmarks/results/neighbours.json

Vectors are made up (clusters on the unit sphere, as in size.py): exact search costs the same whatever they are. Ours
reads float16 from a memory-mapped file, as the stage does, and leaves the row itself out; FAISS gets float32 in memory
and k + 1 neighbours; cleanlab gets float32 and makes its graph by cosine (`create_knn_graph_and_index`). CPU seconds
are those of the search, imports left out; memory is the peak resident set above what the process had before, with its
input. On a busy machine rounds differ: ratios are of the least CPU seconds of all rounds.
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

ROOT = Path(__file__).resolve().parents[1]
WAYS = ("ours", "faiss", "cleanlab")


def vectors(n: int, width: int, file: Path) -> None:
    """Write float16 vectors of length 1: a cluster per thousand rows."""
    import numpy as np

    rng = np.random.default_rng(2)
    centres = rng.normal(size=(max(10, n // 1000), width))
    made = centres[rng.integers(0, len(centres), n)] + 0.7 * rng.normal(size=(n, width))
    np.save(file, (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float16))


def resident(*, anew: bool = False) -> float:
    """Return the peak resident set of this process in MiB; ``anew``: count from here on (Linux)."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def child(way: str, file: Path, k: int) -> None:
    """Search, and print what it took."""
    import numpy as np

    stored = np.load(file, mmap_mode="r")
    if way == "ours":
        sys.path.insert(0, str(ROOT))
        from curation.search import exact, knn

        exact.library()
        run: Any = lambda: knn.graph(stored, k, "flat", 0.95)[0].indices  # noqa: E731
    else:
        wide = np.ascontiguousarray(stored, np.float32)
        if way == "faiss":
            import faiss

            run = lambda: faiss.knn(wide, wide, k + 1, metric=faiss.METRIC_INNER_PRODUCT)[1][:, 1:]  # noqa: E731
        else:
            from cleanlab.internal.neighbor.knn_graph import create_knn_graph_and_index

            run = lambda: create_knn_graph_and_index(wide, n_neighbors=k, metric="cosine")[0].indices.reshape(-1, k)  # noqa: E731
    before, cpu, began = resident(anew=True), time.process_time(), time.perf_counter()
    found = np.asarray(run())
    told = {
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "seconds": round(time.perf_counter() - began, 2),
        "above_mib": round(resident() - before),
    }
    np.save(file.with_name(f"{way}.npy"), np.sort(found, axis=1))
    print(json.dumps(told))


def main() -> None:
    """Measure every way ``--rounds`` times, and say whether they found the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child[0], Path(given.child[1]), given.k)
        return
    import numpy as np

    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1")
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "vectors.npy"
        vectors(given.rows, given.width, file)
        for number in range(given.rounds):
            for way in WAYS:
                command = [sys.executable, __file__, "--child", way, str(file), "--k", str(given.k)]
                done = subprocess.run(command, env={**os.environ, **one}, capture_output=True, text=True)
                if done.returncode:
                    sys.exit(done.stderr[-3000:])
                found[way].append(json.loads(done.stdout.splitlines()[-1]))
                print(number, f"{way:10}", found[way][-1], flush=True)
        graphs = {way: np.load(file.with_name(f"{way}.npy")) for way in WAYS}
    same = {way: round(float((graphs[way] == graphs["ours"]).mean()), 5) for way in WAYS}
    least = {way: min(round_["cpu_seconds"] for round_ in found[way]) for way in WAYS}
    told = {
        "cleanlab / ours": round(least["cleanlab"] / least["ours"], 2),
        "ours / faiss": round(least["ours"] / least["faiss"], 2),
        "memory: ours / cleanlab": round(
            max(r["above_mib"] for r in found["ours"]) / max(r["above_mib"] for r in found["cleanlab"]), 3
        ),
    }
    print(told, "same places as ours:", same)
    if given.out:
        document = {
            "what": "benchmarks/neighbours.py", "rows": given.rows, "width": given.width, "k": given.k, "threads": 1,
            "cores": os.cpu_count(), "python": platform.python_version(), "rounds": found, "ratios of the least": told,
            "same places as ours": same,
        }  # fmt: skip
        given.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
