"""Time and peak memory of every costly stage on the bundled data, at several sizes.

    python benchmarks/pipeline.py --sizes 1000 4000 16000 --out benchmarks/results/pipeline.json

Each stage runs as its own process in a scratch folder with a fresh cache, as ``dvc repro`` would run it. Seconds are
wall-clock for the whole process (imports included), and the same less a run on the smallest size gives the cost per
further thousand rows; peak memory is the operating system's figure for that process. Ratios between sizes say how a
stage grows: 1.0 per row is linear.
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

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
TASK, TARGET = "mini_nli", "mini_xnli"


def stages(scorers: list[str]) -> list[tuple[str, list[str]]]:
    """Return (name, module and arguments) in the order of the flow."""
    seed = ["--seed", "1"]
    return [
        ("fetch", ["curation.fetch", "--role", "intermediate", "--task", TASK]),
        ("fetch target", ["curation.fetch", "--role", "target", "--task", TARGET]),
        ("embed", ["curation.embed", "--task", TASK]),
        ("probe", ["curation.probe", "--task", TASK]),
        ("neighbours", ["curation.neighbours", "--task", TASK]),
        *((f"score {name}", ["curation.score", "--task", TASK, "--scorer", name]) for name in scorers),
        ("contamination", ["curation.score.contamination", "--task", TASK]),
        ("quality", ["curation.quality", "--task", TASK]),
        ("subset", ["curation.subset"]),
        ("pretrained", ["training.pretrained", *seed]),
        ("intermediate", ["training.intermediate", *seed]),
        ("target", ["training.target", "--start", "intermediate", "--task", TARGET, *seed]),
    ]


def measure(arguments: list[str], folder: Path) -> dict[str, float]:
    """Run one stage in ``folder``; return its wall seconds, CPU seconds and peak memory in MiB."""
    began = time.perf_counter()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "CAIRN_CACHE": str(folder / "cache"),
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    log = (folder / "log.txt").open("a", encoding="utf-8")
    process = subprocess.Popen([sys.executable, "-m", *arguments], cwd=folder, env=environment, stdout=log, stderr=log)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n" + (folder / "log.txt").read_text(encoding="utf-8")[-3000:])
    return {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mib": round(usage.ru_maxrss / 1024, 1),
    }


def run(size: int, folder: Path) -> dict[str, Any]:
    """Return the measures of all stages with ``size`` intermediate rows, all of them trained on for one epoch."""
    yaml = YAML(typ="safe", pure=True)
    params = yaml.load((ROOT / "profiles/demo.yaml").read_text(encoding="utf-8"))
    params["fetch"]["rows"]["intermediate"]["train"] = size
    params["fetch"]["rows"]["target"]["train"] = size
    params["fetch"]["languages"] = ["en"]
    params["translate"]["languages"] = []
    params["subset"].update(size=None, languages=["en"])
    for phase in ("intermediate", "target"):
        params["train"][phase].update(epochs=1, steps=None)
    (folder / params["task_folder"]).mkdir()
    with (folder / "params.yaml").open("w", encoding="utf-8") as handle:
        yaml.dump(params, handle)
    (folder / "dvc.yaml").write_text((ROOT / "dvc.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    found = {}
    for name, arguments in stages(params["scorers"]):
        found[name] = measure(arguments, folder)
        row = found[name]
        print(f"{size:>8} rows  {name:<24} {row['seconds']:8.2f} s  {row['peak_mib']:8.0f} MiB", flush=True)
    return found


def per_thousand(results: dict[int, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return, per stage, seconds and MiB for a further thousand rows between the smallest and the largest size."""
    small, large = min(results), max(results)
    span = (large - small) / 1000
    return {
        name: {
            key: round((results[large][name][key] - results[small][name][key]) / span, 3)
            for key in ("seconds", "cpu_seconds", "peak_mib")
        }
        for name in results[large]
    }


def main() -> None:
    """Measure, print a table, and write the JSON when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 4000, 16000])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    results: dict[int, dict[str, Any]] = {}
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            results[size] = run(size, Path(folder))
    slopes = per_thousand(results) if len(results) > 1 else {}
    for name, row in slopes.items():
        print(f"{name:<24} per 1,000 rows: {row['seconds']:7.2f} s  {row['peak_mib']:7.1f} MiB")
    if options.out:
        import torch

        machine = {"cores": os.cpu_count(), "python": platform.python_version(), "torch": torch.__version__}
        document = {"machine": machine, "sizes": results, "per_thousand_rows": slopes}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
