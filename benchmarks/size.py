"""Seconds and peak memory of curation's stages from 10,000 to 1.1 million made-up NLI rows.

    python benchmarks/size.py --sizes 10000 100000 400000 1100000 --out benchmarks/results/size.json

The rows are made up and not read: words follow Zipf's law over 30,000 pseudo-words (a real corpus has about as many
frequent ones), a premise has 20 words about, three hypotheses share words with it, one pair in 25 is a near-copy of
another. Vectors are made up too (clusters on the unit sphere, 384 float16 each), and so is the graph that the scorers
read: the 40 neighbours of a row are the rows written just before and after it, of its premise or the next ones, about
half of them at a cosine above 0.8, so that all of these have to be looked at. `embed` and `probe` are not measured
here; see pipeline.py for them. `neighbours` is, on the made-up vectors, as the last stage. What it shows is time and
memory, not quality.

`contamination` encodes the target's 1,600 rows with the packaged MiniLM, unless ``--folder`` holds a cache that knows
them.

Each stage runs as its own process, as ``dvc repro`` would run it, and is written to ``--out`` when it is done. Seconds
are wall-clock, imports included, on a machine that others may be using (``load`` is its load average before and after);
memory is the operating system's peak resident set of that process, memory-mapped pages included.
"""

from __future__ import annotations

import argparse
import itertools
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
TASK = "made_nli"
WIDTH = 384
NEAR_COPIES = 0.04
NEIGHBOURS = 40
SCORERS = ("near_duplicates", "conflicts", "outliers", "surface")
TASK_FILE = '''"""Made-up NLI rows: see benchmarks/size.py."""

from curation.rows import columns
from curation.tasks import Source, Task

TASK = Task(kind="pair", metric="accuracy", labels=("entailment", "neutral", "contradiction"),
            train=Source("file:rows.parquet"), dev=Source("file:dev.parquet"), licence="none", citation="none")


def to_example(row):
    return columns.inference(row, TASK.labels)
'''


def words(count: int, rng: Any) -> list[str]:
    """Return different pseudo-words, the short ones first, as the frequent words of a language are."""
    onsets = ["b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "pl", "br"]
    syllables = [a + b + c for a in onsets for b in "aeiou" for c in ("", "", "n", "r", "s", "l", "t")]
    drawn = rng.integers(0, len(syllables), (2 * count, 4))
    found = {
        "".join(syllables[s] for s in some[: 1 + min(3, number // 300)]): None for number, some in enumerate(drawn)
    }
    return list(found)[:count]


def rows(n: int, seed: int = 1) -> Any:
    """Return a table of ``n`` rows: premise, hypothesis and label."""
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(seed)
    vocabulary = words(30_000, np.random.default_rng(0))
    share = 1 / (np.arange(len(vocabulary)) + 2.7)
    cumulative = np.cumsum(share / share.sum())
    numbers = np.minimum(np.searchsorted(cumulative, rng.random(20 * n)), len(vocabulary) - 1)
    stream = map(vocabulary.__getitem__, numbers.tolist())

    def draw(count: int) -> list[str]:
        return list(itertools.islice(stream, count))

    lengths = iter(np.clip(rng.lognormal(2.9, 0.4, n), 6, 60).astype(int).tolist())
    further, firsts, copies = (iter(values.tolist()) for values in (
        rng.integers(2, 8, n), rng.integers(0, 1 << 30, n), rng.random(n) < NEAR_COPIES
    ))  # fmt: skip
    table: dict[str, list[Any]] = {"premise": [], "hypothesis": [], "label": []}

    def add(*values: Any) -> None:
        for column, value in zip(table.values(), values, strict=True):
            column.append(value)

    while len(table["label"]) < n:
        premise = draw(next(lengths))
        for label in range(3):
            first = next(firsts) % (len(premise) - 4)
            hypothesis = [*premise[first : first + 5], *draw(next(further))]
            add(" ".join(premise), " ".join(hypothesis), label)
            if next(copies):  # the last word once more
                add(" ".join(premise), " ".join([*hypothesis, hypothesis[-1]]), label)
    return pa.table({name: [f"{v.capitalize()}." if name != "label" else v for v in column[:n]]
                     for name, column in table.items()})  # fmt: skip


def vectors(folder: Path, seed: int = 2) -> None:
    """Write what the stages after ``embed`` read: a cluster per thousand rows, on the unit sphere."""
    import numpy as np
    import pyarrow as pa

    from curation.core import files

    ids = files.read_parquet(folder / "data/intermediate" / TASK / "train.parquet")["id"]
    rng, n = np.random.default_rng(seed), len(ids)
    centres = rng.normal(size=(max(10, n // 1000), WIDTH)).astype(np.float32)
    with files.replacing_folder(folder / "data/vectors" / TASK) as aside:
        made = np.lib.format.open_memmap(aside / "row.npy", "w+", np.float16, (n, WIDTH))
        for start in range(0, n, 50_000):
            stop = min(n, start + 50_000)
            block = centres[rng.integers(0, len(centres), stop - start)]
            block = block + 0.7 * rng.normal(size=block.shape).astype(np.float32)
            made[start:stop] = block / np.linalg.norm(block, axis=1, keepdims=True)
        made.flush()
        files.write_parquet(aside / "ids.parquet", pa.table({"id": ids}))
        files.write_json(aside / "manifest.json", {"parts": [], "match": False, "words": [], "rows": n})


def neighbours(folder: Path, seed: int = 3) -> None:
    """Write a kNN graph in which the rows of one premise and of the next ones are neighbours."""
    import numpy as np

    from curation.core import files

    keys = files.read_parquet(folder / "data/intermediate" / TASK / "train.parquet")["key"]
    order = np.argsort(keys.to_numpy().astype(np.int64), kind="stable")
    n, half = len(order), NEIGHBOURS // 2
    apart = np.stack([np.arange(1, half + 1), -np.arange(1, half + 1)], axis=1).ravel()
    with files.replacing_folder(folder / "data/neighbours" / TASK) as aside:
        indices = np.empty((n, NEIGHBOURS), np.int32)
        for start in range(0, n, 50_000):
            at = np.arange(start, min(n, start + 50_000))
            indices[order[at]] = order[(at[:, None] + apart) % n]
        similarity = np.linspace(0.93, 0.73, NEIGHBOURS, dtype=np.float32)[None]
        stray = 0.05 * np.abs(np.random.default_rng(seed).standard_normal((n, 1), np.float32))
        np.save(aside / "indices.npy", indices)
        np.save(aside / "similarity.npy", similarity - stray)
        files.write_json(aside / "manifest.json", {"rows": n, "dimensions": WIDTH, "k": NEIGHBOURS, "index": "made up"})


def project(folder: Path, n: int) -> None:
    """Write params.yaml and the task with its rows."""
    import pyarrow.parquet as pq
    from ruamel.yaml import YAML

    (folder / "tasks").mkdir()
    (folder / "tasks" / f"{TASK}.py").write_text(TASK_FILE, encoding="utf-8")
    table = rows(n)
    pq.write_table(table, folder / "tasks" / "rows.parquet")
    pq.write_table(rows(2000, seed=9), folder / "tasks" / "dev.parquet")
    values = YAML(typ="safe", pure=True).load((ROOT / "profiles" / "demo.yaml").read_text(encoding="utf-8"))
    values |= {"task_folder": "tasks", "intermediate": [TASK], "scorers": list(SCORERS), "seeds": [1]}
    values["miniworld"] = {"seed": 7, "plant": None}
    values["fetch"]["rows"] = {
        "intermediate": {"train": None, "dev": None},
        "target": {"train": 600, "dev": 400, "test": 400},
        "retrieval": {"dev": 200, "test": 400},
    }
    for section in ("weights", "flags"):
        values["quality"][section] = {name: values["quality"][section][name] for name in (*SCORERS, "contamination")}
    values["subset"]["size"] = n // 2
    with (folder / "params.yaml").open("w", encoding="utf-8") as handle:
        YAML(typ="safe", pure=True).dump(values, handle)


def stages() -> list[tuple[str, list[str]]]:
    """Return (name, module and arguments) in the order of the flow."""
    return [
        ("fetch target", ["-m", "curation.fetch", "--role", "target", "--task", "mini_xnli"]),
        ("fetch", ["-m", "curation.fetch", "--role", "intermediate", "--task", TASK]),
        *((name, ["-m", "curation.score", "--task", TASK, "--scorer", name]) for name in SCORERS),
        ("contamination", ["-m", "curation.score.contamination", "--task", TASK]),
        ("quality", ["-m", "curation.quality", "--task", TASK]),
        ("subset", ["-m", "curation.subset"]),
        ("show", ["-c", "from curation.cli import main; main()", "show", TASK, "--limit", "20"]),
        ("neighbours", ["-m", "curation.neighbours", "--task", TASK]),
    ]


def measure(arguments: list[str], folder: Path) -> dict[str, Any]:
    """Run one stage in ``folder``; return its wall seconds, CPU seconds and peak memory in MiB."""
    began = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CAIRN_CACHE": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}
    with (folder / "log.txt").open("a", encoding="utf-8") as log:
        process = subprocess.Popen([sys.executable, *arguments], cwd=folder, env=environment, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
    failed = {"failed": (folder / "log.txt").read_text(encoding="utf-8").splitlines()[-1]} if status else {}
    return {
        **failed,
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mib": round(usage.ru_maxrss / 1024, 1),
    }


def apart(what: str, folder: Path, *arguments: str) -> None:
    """Make something in a process of its own: a child's peak memory counts what its parent had at the start."""
    subprocess.run([sys.executable, __file__, "--make", what, str(folder), *arguments], check=True)


def run(n: int, only: list[str] | None, out: Path | None, folder: Path) -> None:
    """Measure every stage at ``n`` rows in ``folder``, but those that ``out`` has, and keep each number as it comes."""
    if not (folder / "params.yaml").exists():
        apart("project", folder, str(n))
    known = json.loads(out.read_text(encoding="utf-8"))["rows"].get(str(n), {}) if out and out.exists() else {}
    for stage, arguments in stages():
        if stage in known or (only and stage not in only):
            continue
        for made in ("vectors", "neighbours"):
            if not stage.startswith("fetch") and not (folder / "data" / made / TASK).exists():
                apart(made, folder)
        load = os.getloadavg()[0]
        found = measure(arguments, folder)
        found["load"] = [round(load, 1), round(os.getloadavg()[0], 1)]
        print(f"{n:>9} {stage:<16}", found, flush=True)
        if out:
            keep(out, n, stage, found)


def keep(out: Path, n: int, stage: str, found: dict[str, Any]) -> None:
    """Write one number to the file of results."""
    document = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {"rows": {}}
    document |= {"what": "benchmarks/size.py", "cores": os.cpu_count(), "python": platform.python_version()}
    document["rows"].setdefault(str(n), {})[stage] = found
    out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--stages", nargs="+", help="these only")
    parser.add_argument("--out", type=Path, help="what it has is not measured again")
    parser.add_argument("--folder", type=Path, help="kept, with one size in it: stages may come one by one")
    parser.add_argument("--make", nargs="+", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        sys.path.insert(0, str(ROOT))
        what, folder, *numbers = given.make
        {"project": project, "vectors": vectors, "neighbours": neighbours}[what](Path(folder), *map(int, numbers))
        return
    for n in given.sizes:
        with tempfile.TemporaryDirectory() as aside:
            folder = Path(aside) if given.folder is None else given.folder
            folder.mkdir(parents=True, exist_ok=True)
            run(n, given.stages, given.out, folder)


if __name__ == "__main__":
    main()
