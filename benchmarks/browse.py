"""`curation browse` over a scored table of a million rows: seconds to open and to filter, and memory.

    CAIRN_HUB_MIRROR=... python benchmarks/browse.py --rows 1000000 --out benchmarks/results/browse.json

Texts and labels are those of SNLI and MNLI (see scorers_size.py); scores, suggestions and neighbours are drawn, since
what is shown does not hang on where a score came from. The files have the columns, flags and reasons of the stages, and
are written by their functions. Every measurement is a process of its own, and the app runs in Textual's pilot at
80 x 24; beside it, the same questions by reading both files into pandas, as one would in a notebook.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(Path(__file__).resolve().parent))
TASK = "million"
FILTERS = (
    "label_quality < 0.1",
    "list_contains(flags, 'conflicts') AND quality > 0.3",
    "label_quality.suggested_label = 'neutral' AND label = 'entailment'",
    "text LIKE '%bicycle%'",
)
TASK_FILE = f'''"""The NLI rows of the benchmark of `curation browse`."""

from curation.rows import columns
from curation.tasks import Source, Task

LABELS = ("entailment", "neutral", "contradiction")
TASK = Task(kind="pair", metric="accuracy", labels=LABELS, train=Source("file:{TASK}.jsonl"))


def to_example(row):
    return columns.inference(row, LABELS)
'''


def drawn(ids: list[str], given: Any) -> dict[str, Any]:
    """Return the tables of the scorers, drawn: a fifth of the labels doubted, one row in 25 a near-duplicate."""
    import numpy as np
    import pyarrow as pa

    def some(mask: Any, values: Any, type_: Any = None) -> Any:
        return pa.array(np.where(mask, values, None), type_ or pa.string())

    n, rng, names = len(ids), np.random.default_rng(17), np.array(["entailment", "neutral", "contradiction"])
    other = np.where(rng.random(n) < 0.2, rng.integers(1, 3, n), 0)
    said, trust, near = names[(given + other) % 3], rng.beta(4, 1, n), rng.random(n) < 0.04
    why = [f"given {a} ({p:.2f}), the probe says {b}" for a, b, p in zip(names[given], said, trust, strict=True)]
    plain = {"outliers": rng.random(n), "conflicts": 1 - 0.75 * (rng.random(n) < 0.02)}
    plain |= {"surface": 1 - 0.8 * (rng.random(n) < 0.01)}
    return {
        "label_quality": pa.table({
            "id": ids, "score": trust, "why": some(other > 0, why), "issue": other > 0, "given_label": names[given],
            "given_confidence": trust, "suggested_label": some(other > 0, said),
            "suggested_confidence": np.where(other > 0, 1 - trust, np.nan),
            "suggested_index": some(other > 0, (given + other) % 3, pa.int32()),
        }),
        "near_duplicates": pa.table({
            "id": ids, "score": np.where(near, 0.01, 1.0), "why": some(near, "repeats another row"),
            "group": some(near, ids), "size": some(near, 2, pa.int32()), "twin": some(near, np.roll(ids, 1)),
            "similarity": np.where(near, 0.99, np.nan),
        }),
        **{k: pa.table({"id": ids, "score": v, "why": pa.nulls(n, pa.string())}) for k, v in plain.items()},
    }  # fmt: skip


def make(folder: Path, rows: int) -> None:
    """Write a project whose task has ``rows`` scored rows; what is there already stays."""
    import numpy as np
    from scorers_size import rows_of

    from curation.core import files, params, paths, records
    from curation.quality import Params
    from curation.quality.combine import table

    if (folder / "whole").exists():
        return
    for name in ("tasks", "data/intermediate"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    demo = (ROOT / "profiles/demo.yaml").read_text(encoding="utf-8")
    demo = demo.replace("intermediate: [mini_nli]", f"intermediate: [{TASK}]").replace(
        "targets: [mini_xnli]", "targets: []"
    )
    (folder / "params.yaml").write_text(demo.replace("retrieval: [mini_bitext]", "retrieval: []"), encoding="utf-8")
    (folder / f"tasks/{TASK}.py").write_text(TASK_FILE, encoding="utf-8")
    os.chdir(folder)
    made = rows_of(rows)
    with files.replacing_folder(paths.fetched("intermediate", TASK)) as aside:
        records.write(aside / "train.parquet", made)
    ids, n = made["id"].to_pylist(), made.num_rows
    section = params.read(Params, "quality")
    paths.quality(TASK).parent.mkdir(parents=True, exist_ok=True)
    files.write_parquet(paths.quality(TASK), table(ids, drawn(ids, made["label"].to_numpy()), section, 17))
    with files.replacing_folder(paths.neighbours(TASK)) as aside:
        steps = [(np.arange(n) + step) % n for step in range(1, 41)]
        np.save(aside / "indices.npy", np.stack(steps, 1).astype(np.int32))
        np.save(aside / "similarity.npy", np.tile(np.linspace(0.95, 0.6, 40, dtype=np.float32), (n, 1)))
    (folder / "whole").touch()


async def browse() -> dict[str, Any]:
    """Open the task in the pilot, filter, page, read a row, decide; return seconds."""
    from textual.widgets import Input

    began = time.perf_counter()
    from curation.cli.browsing.app import Browse
    from curation.cli.browsing.store import Store

    app = Browse(Store(TASK), "benchmark")
    found: dict[str, Any] = {}

    async def until(pilot: Any, true: Any, key: str = "") -> float:
        start = time.perf_counter()
        if key:
            await pilot.press(key)
        while not true():
            await pilot.pause(0.005)
        return time.perf_counter() - start

    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(app.grid.places) and app.grid._lines and not app.grid._asked)
        found["open_s"] = time.perf_counter() - began  # the first screen of rows is there; Python had started
        found["open_cpu_s"] = time.process_time()  # of all threads, since Python started
        await until(pilot, lambda: app.story is not None)
        found["rows"] = app.store.frame.rows
        found["filters"] = {}
        for where in FILTERS:
            box = app.query_one("#where", Input)
            box.value = where
            box.focus()
            taken = await until(pilot, lambda where=where: app.where == where and not app.grid._asked, "enter")
            found["filters"][where] = {"seconds": taken, "rows": len(app.grid.places)}
        app.find("")
        await until(pilot, lambda: len(app.grid.places) == app.store.frame.rows and not app.grid._asked)
        there = await until(pilot, lambda: app.story.place == app.grid.place and not app.grid._asked, "end")
        found["jump_to_the_end_s"] = there
        found["decide_s"] = await until(pilot, lambda: len(app.desk.standing) == 1, "k")
        await pilot.press("z")
        await until(pilot, lambda: not app.desk.standing)
    return found


def notebook() -> dict[str, Any]:
    """Read both files into pandas and ask the first and the last filter."""
    import pandas as pd

    from curation.core import paths

    began = time.perf_counter()
    rows = pd.read_parquet(paths.fetched("intermediate", TASK) / "train.parquet")
    rows = rows.merge(pd.read_parquet(paths.quality(TASK)), on="id").sort_values("quality")
    found: dict[str, Any] = {"open_s": time.perf_counter() - began, "filters": {}}
    for name, ask in (
        (FILTERS[0], lambda: rows[rows.label_quality < 0.1]),
        (FILTERS[-1], lambda: rows[rows.text_a.str.contains("bicycle") | rows.text_b.str.contains("bicycle")]),
    ):
        began = time.perf_counter()
        found["filters"][name] = {"rows": len(ask()), "seconds": time.perf_counter() - began}
    return found


def main() -> None:
    """Make the rows once, then measure each way in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path(".cairn/browse"))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", choices=("make", "browse", "notebook"))
    asked = parser.parse_args()
    if asked.child == "make":
        make(asked.folder, asked.rows)
        return
    if asked.child:
        os.chdir(asked.folder)
        found = asyncio.run(browse()) if asked.child == "browse" else notebook()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        found |= {"peak_mb": usage.ru_maxrss // 1024, "cpu_s": usage.ru_utime + usage.ru_stime}
        print(json.dumps(found))
        return
    again = [sys.executable, __file__, "--folder", str(asked.folder), "--rows", str(asked.rows), "--child"]
    subprocess.run([*again, "make"], check=True)
    told: dict[str, Any] = {"load": os.getloadavg()[0], "cpus": os.cpu_count()}
    for name in ("browse", "notebook"):
        runs = [
            subprocess.run([*again, name], check=True, capture_output=True, text=True).stdout for _ in range(asked.runs)
        ]
        told[name] = [json.loads(run.splitlines()[-1]) for run in runs]
    text = json.dumps(told, indent=1)
    print(text)
    if asked.out:
        asked.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
